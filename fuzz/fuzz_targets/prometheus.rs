//! An answer of Prometheus, or of whatever stands in its place: the first byte chooses status and type, the rest is the body.
#![no_main]

use kubectl_mtls::source::prometheus::samples;
use libfuzzer_sys::fuzz_target;

/// What a proxy, a login page or an API server may answer with.
const STATUS: &[u16] = &[200, 204, 302, 400, 401, 403, 404, 422, 429, 500, 503, 504];

fuzz_target!(|bytes: &[u8]| {
    let [choice, body @ ..] = bytes else { return };
    let status = STATUS[usize::from(choice >> 1) % STATUS.len()];
    let media_type = if choice & 1 == 0 { "application/json" } else { "text/html" };
    match samples(status, media_type, body) {
        Ok(values) => assert!(values.iter().all(|value| value.is_finite()), "{values:?}"),
        Err(message) => assert!(!message.is_empty()),
    }
});
