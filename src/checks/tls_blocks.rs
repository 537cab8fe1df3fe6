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

impl Level {
    /// istioctl's code for a block that verifies no server; it does not look at subsets.
    pub(super) fn unverified(self) -> &'static [&'static str] {
        match self {
            Self::Host => &["IST0128"],
            Self::Port => &["IST0129"],
            Self::Subset => &[],
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
