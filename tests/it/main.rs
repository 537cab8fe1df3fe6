//! Every integration test, one module for each room of `src` and for each rule of the project.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod api;
mod architecture;
mod call_fixes;
mod checks;
mod checks_client;
mod checks_injection;
mod checks_meeting;
mod checks_unread;
mod cli;
mod configuration;
// Runs shell scripts, through links to the binary.
#[cfg(unix)]
mod deploy;
mod diff;
mod formats;
mod goldens;
mod guides;
mod istio;
mod istio_kinds;
mod istiod_env;
mod laws;
mod matrix;
mod mesh_ambient;
mod mesh_capture;
mod mesh_client;
mod mesh_config;
mod mesh_dataplane;
mod mesh_domain;
mod mesh_external;
mod mesh_injection;
mod mesh_membership;
mod mesh_policies;
mod mesh_verdict;
mod mesh_workloads;
mod migrate;
mod module_graph;
mod naive;
mod patches;
mod plugin;
mod project;
mod prometheus;
mod protobuf;
mod protobuf_numbers;
mod routes;
mod rust_text;
mod schema;
mod seeds;
mod semantics;
mod source_cluster;
mod source_files;
mod source_login;
mod support;
mod symptom;
mod words;
