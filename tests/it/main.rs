//! Every integration test, one module for each room and one for each law of the house.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod api;
mod architecture;
mod checks;
mod checks_client;
mod checks_injection;
mod checks_meeting;
mod cli;
mod diff;
mod istio;
mod laws;
mod matrix;
mod mesh_ambient;
mod mesh_capture;
mod mesh_client;
mod mesh_config;
mod mesh_dataplane;
mod mesh_injection;
mod mesh_membership;
mod mesh_policies;
mod mesh_strangers;
mod mesh_verdict;
mod mesh_workloads;
mod migrate;
mod naive;
mod plugin;
mod prometheus;
mod protobuf;
mod remedy;
mod routes;
mod semantics;
mod source_cluster;
mod source_files;
mod source_login;
mod support;
mod symptom;
