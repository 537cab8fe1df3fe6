//! The words that a field may have.

pub(super) const SEVERITY: &[&str] = &["error", "warning", "info"];
pub(super) const DATAPLANE: &[&str] = &["sidecar", "ambient", "gateway", "waypoint", "proxyless", "none", "mixed"];
pub(super) const MODE: &[&str] = &["STRICT", "PERMISSIVE", "DISABLE", "NONE", "UNKNOWN"];
pub(super) const RESULT: &[&str] = &["mtls", "plaintext", "tls", "fail", "mixed", "no-endpoints", "unknown"];
pub(super) const WIRE: &[&str] = &["plaintext", "mtls", "custom-mtls", "tls", "hbone", "nothing"];
pub(super) const OUTCOME: &[&str] = &["in force", "inherits", "beaten", "ignored", "enforced"];
pub(super) const LIKELIHOOD: &[&str] = &["certain", "at some endpoints", "possible", "looks otherwise", "elsewhere"];
pub(super) const STATE: &[&str] =
    &["meshed", "missing", "outside", "opted-out", "unknown", "differs", "other-revision", "pending", "both", "part-of-istio"];
pub(super) const EXPECTED: &[&str] = &["sidecar", "ambient", "none"];
pub(super) const ENROLLED: &[&str] = &["sidecar", "ambient", "none", "unknown"];
pub(super) const READY: &[&str] = &["ready", "blocked", "unknown", "already"];
pub(super) const CONFIDENCE: &[&str] = &["certain", "seen", "possible"];
pub(super) const VERDICT: &[&str] = &["plaintext-seen", "refused", "no-plaintext", "no-traffic", "not-covered"];
pub(super) const STEP: &[&str] = &["permissive", "strict", "strict-with-exceptions", "strict-if-nobody-calls", "mesh"];
pub(super) const EFFECT: &[&str] = &["breaks", "weakens", "disappears", "changes", "appears", "strengthens", "mends"];
pub(super) const CHANGE: &[&str] = &["added", "changed", "unchanged", "deleted"];
pub(super) const NAMED_BY: &[&str] = &["headers", "address", "nobody"];
pub(super) const SCOPE: &[&str] = &["mesh", "namespace", "workload", "host", "root-selector"];
