//! The tls blocks of a rule, each with its place and what it is for.

use crate::object::{
    FieldPath,
    wire::{DestinationRule, Tls, TrafficPolicy},
};

/// A tls block.
pub(super) struct TlsBlock<'r> {
    pub(super) at: FieldPath,
    pub(super) tls: &'r Tls,
    pub(super) level: Level,
}

/// What a tls block is for.
#[derive(Clone, Copy)]
pub(super) enum Level {
    /// The whole host.
    Host,
    /// A port of it.
    Port,
    /// A subset, or a port of one.
    Subset,
}

impl TlsBlock<'_> {
    /// istioctl's code for a block that verifies no server. It looks at neither subsets nor anything but a missing CA, and takes the
    /// Secret of a rule with workloadSelector for one (S168, S169).
    pub(super) fn unverified(&self, has_selector: bool) -> &'static [&'static str] {
        let has_ca = !self.tls.ca_certificates.is_empty() || has_selector && !self.tls.credential_name.is_empty();
        match self.level {
            Level::Host if !has_ca => &["IST0128"],
            Level::Port if !has_ca => &["IST0129"],
            Level::Host | Level::Port | Level::Subset => &[],
        }
    }
}

/// Every tls block of a rule: the host's, those of its ports, those of its subsets.
pub(super) fn tls_blocks(rule: &DestinationRule) -> Vec<TlsBlock<'_>> {
    let spec = &rule.spec;
    let mut found = of_policy(spec.traffic_policy.as_ref(), &FieldPath::of("spec.trafficPolicy"));
    for (at, subset) in spec.subsets.iter().enumerate() {
        let base = FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy");
        let blocks = of_policy(subset.traffic_policy.as_ref(), &base).into_iter();
        found.extend(blocks.map(|block| TlsBlock { level: Level::Subset, ..block }));
    }
    found
}

fn of_policy<'r>(policy: Option<&'r TrafficPolicy>, base: &FieldPath) -> Vec<TlsBlock<'r>> {
    let Some(policy) = policy else { return Vec::new() };
    let own = policy.tls.iter().map(|tls| TlsBlock { at: base.clone().then("tls"), tls, level: Level::Host });
    let ports = policy.port_level_settings.iter().enumerate().filter_map(|(at, port)| {
        let at = base.clone().then("portLevelSettings").then(at.to_string()).then("tls");
        Some(TlsBlock { at, tls: port.tls.as_ref()?, level: Level::Port })
    });
    own.chain(ports).collect()
}
