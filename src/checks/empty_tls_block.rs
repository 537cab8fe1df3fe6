//! A tls block without mode.

use super::{
    Finding, Rule, Severity,
    example::{destination_rule, partner},
};
use crate::{
    mesh::Mesh,
    object::{
        FieldPath, Kind,
        wire::{Tls, TrafficPolicy},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS206",
    name: "empty-tls-block",
    severity: Severity::Error,
    summary: "A DestinationRule has a tls block without mode, which means DISABLE.",
    why: "An absent mode is the first value of the enumeration, and that is DISABLE: whoever wrote the block to leave the mode open has switched mTLS off.",
    fix: "Write the mode, or take the whole block out so that automatic mTLS decides.",
    bad: concat!(
        partner!(),
        destination_rule!("shop", "partner", "  host: partner.example.com\n  trafficPolicy:\n    tls:\n      sni: partner.example.com\n")
    ),
    good: concat!(
        partner!(),
        destination_rule!(
            "shop",
            "partner",
            "  host: partner.example.com\n  trafficPolicy:\n    tls:\n      mode: SIMPLE\n      sni: partner.example.com\n      \
             subjectAltNames:\n      - partner.example.com\n"
        )
    ),
    inputs: &[Kind::DestinationRule],
    aka: &[],
    see: &["S63"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for read in &mesh.snapshot().destination_rules {
        let spec = &read.body.spec;
        let whole = blocks(spec.traffic_policy.as_ref(), &FieldPath::of("spec.trafficPolicy"));
        let subsets = spec.subsets.iter().enumerate().flat_map(|(at, subset)| {
            let base = FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy");
            blocks(subset.traffic_policy.as_ref(), &base)
        });
        for at in whole.into_iter().chain(subsets) {
            let message = format!("{} has a tls block without mode: clients send plaintext", read.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &read.id, at, message));
        }
    }
}

/// Where a policy has tls blocks without mode: its own, and those of its ports.
fn blocks(policy: Option<&TrafficPolicy>, base: &FieldPath) -> Vec<FieldPath> {
    let Some(policy) = policy else { return Vec::new() };
    let is_empty = |tls: &Option<Tls>| tls.as_ref().is_some_and(|tls| tls.mode.is_empty());
    let own = is_empty(&policy.tls).then(|| base.clone().then("tls"));
    let ports = policy.port_level_settings.iter().enumerate().filter(|(_, port)| is_empty(&port.tls));
    own.into_iter().chain(ports.map(|(at, _)| base.clone().then("portLevelSettings").then(at.to_string()).then("tls"))).collect()
}
