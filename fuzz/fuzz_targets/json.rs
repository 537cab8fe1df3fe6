//! Objects in JSON, alone and as items of a list, which have to give the same objects.
#![no_main]

use kubectl_mtls_fuzz::{evaluate, manifests};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let text = text.trim();
    let Some(alone) = manifests(text.as_bytes()) else { return };
    evaluate(&alone);
    // The braces keep what is no single object from closing the list around it.
    if text.starts_with('{') && alone.gaps.is_empty() && alone.defects.is_empty() && alone.len() == 1 {
        let list = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{text}]}}"#);
        let listed = manifests(list.as_bytes()).expect("a list is not empty");
        assert_eq!(listed.len(), alone.len(), "{text}");
    }
});
