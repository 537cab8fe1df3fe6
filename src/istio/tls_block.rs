//! The tls blocks of a `DestinationRule`, each with its field and what it applies to.

use super::{DestinationRule, Tls};
use crate::object::{FieldPath, Id, Kind, Read, Text, wire};

/// The tls blocks of a rule. They are available even if the rule as a whole has no value because another block is rejected.
#[derive(Clone, Debug)]
pub struct TlsBlocks<'s> {
    /// The rule.
    pub id: &'s Id,
    /// Its host as written.
    pub host: &'s Text,
    /// Whether it applies only to selected clients.
    pub has_selector: bool,
    /// The blocks: the host's, those of its ports, those of its subsets; without those whose mode the schema rejects.
    pub blocks: Vec<TlsBlock>,
}

#[derive(Clone, Debug)]
pub struct TlsBlock {
    pub at: FieldPath,
    /// Its settings.
    pub tls: Tls,
    /// What it applies to.
    pub level: TlsLevel,
}

/// What a tls block applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsLevel {
    /// The whole host.
    Host,
    /// One port of the host.
    Port,
    /// A subset, or one port of it.
    Subset,
}

impl<'s> TlsBlocks<'s> {
    /// The tls blocks of a rule as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::DestinationRule>) -> Self {
        let spec = &read.body.spec;
        let mut blocks = of_policy(spec.traffic_policy.as_ref(), &FieldPath::of("spec.trafficPolicy"));
        for (at, subset) in spec.subsets.iter().enumerate() {
            let base = FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy");
            let of_subset = of_policy(subset.traffic_policy.as_ref(), &base).into_iter();
            blocks.extend(of_subset.map(|block| TlsBlock { level: TlsLevel::Subset, ..block }));
        }
        Self { id: &read.id, host: &spec.host, has_selector: spec.workload_selector.is_some(), blocks }
    }
}

fn of_policy(policy: Option<&wire::TrafficPolicy>, base: &FieldPath) -> Vec<TlsBlock> {
    let Some(policy) = policy else { return Vec::new() };
    let block = |tls: Option<&wire::Tls>, at: FieldPath, level| Some(TlsBlock { tls: Tls::of(tls?)?, at: at.then("tls"), level });
    let own = block(policy.tls.as_ref(), base.clone(), TlsLevel::Host);
    let ports = policy.port_level_settings.iter().enumerate().filter_map(|(at, port)| {
        let at = base.clone().then("portLevelSettings").then(at.to_string());
        block(port.tls.as_ref(), at, TlsLevel::Port)
    });
    own.into_iter().chain(ports).collect()
}

impl DestinationRule {
    /// The field of the effective policy for a port, in the rule or in the subset at this position: the port's entry if there is one,
    /// else the whole policy. Without a port it is the whole policy.
    #[must_use]
    pub fn policy_field(&self, port: Option<u16>, subset: Option<usize>) -> FieldPath {
        let base = match subset {
            Some(at) => FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy"),
            None => FieldPath::of("spec.trafficPolicy"),
        };
        let policy = subset.map_or(Some(&self.policy), |at| Some(&self.subsets.get(at)?.policy));
        match port.and_then(|port| policy?.entry_indices.get(&port)) {
            Some(at) => base.then("portLevelSettings").then(at.to_string()),
            None => base,
        }
    }

    /// The field of the mode in that policy; in a policy for backends it has no field of its own.
    #[must_use]
    pub fn mode_field(&self, port: Option<u16>, subset: Option<usize>) -> FieldPath {
        if self.id.kind == Kind::BackendTLSPolicy {
            return FieldPath::of("spec.validation");
        }
        self.policy_field(port, subset).then("tls").then("mode")
    }
}
