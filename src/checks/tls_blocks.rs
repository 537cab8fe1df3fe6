//! What istioctl says of a tls block that verifies no server.

use crate::istio::{TlsBlock, TlsLevel};

/// istioctl's code for a block that verifies no server. It looks at neither subsets nor anything but a missing CA, and takes the
/// Secret of a rule with workloadSelector for one (S168, S169).
pub(super) fn unverified(block: &TlsBlock, has_selector: bool) -> &'static [&'static str] {
    let has_ca = block.tls.verification.has_ca || has_selector && !block.tls.credential_name.is_empty();
    match block.level {
        TlsLevel::Host if !has_ca => &["IST0128"],
        TlsLevel::Port if !has_ca => &["IST0129"],
        TlsLevel::Host | TlsLevel::Port | TlsLevel::Subset => &[],
    }
}
