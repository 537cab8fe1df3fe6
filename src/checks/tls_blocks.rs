//! The istioctl codes for a tls block that does not verify the server.

use crate::istio::{TlsBlock, TlsLevel};

/// istioctl's code for a block that does not verify the server. istioctl ignores subsets, checks only for a missing CA, and accepts the
/// Secret of a rule with workloadSelector as one (S168, S169).
pub(super) fn istioctl_codes(block: &TlsBlock, has_selector: bool) -> &'static [&'static str] {
    let has_ca = block.tls.verification.has_ca || has_selector && !block.tls.credential_name.is_empty();
    match block.level {
        TlsLevel::Host if !has_ca => &["IST0128"],
        TlsLevel::Port if !has_ca => &["IST0129"],
        TlsLevel::Host | TlsLevel::Port | TlsLevel::Subset => &[],
    }
}
