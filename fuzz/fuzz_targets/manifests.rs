//! Manifests in YAML: documents are found, decoded or diagnosed, indexed as a mesh, and every rule is applied.
#![no_main]

use kubectl_mtls_fuzz::{evaluate, manifests};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(snapshot) = manifests(bytes) {
        evaluate(&snapshot);
    }
});
