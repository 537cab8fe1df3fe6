//! Every integration test, one module for each room and one for each law of the house.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod mesh_policies;
mod support;
