//! A tls block without mode.

use super::{Finding, Rule, Severity};
use crate::{
    mesh::Mesh,
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS206",
    name: "empty-tls-block",
    severity: Severity::Error,
    summary: "A DestinationRule has a tls block without mode, which means DISABLE.",
    why: "An absent mode is the first value of the enumeration, and that is DISABLE: whoever wrote the block to leave the mode open has switched mTLS off.",
    fix: "Write the mode, or take the whole block out so that automatic mTLS decides.",
    bad: r"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: partner
  namespace: shop
spec:
  host: partner.example.com
  trafficPolicy:
    tls:
      sni: partner.example.com
",
    good: r"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: partner
  namespace: shop
spec:
  host: partner.example.com
  trafficPolicy:
    tls:
      mode: SIMPLE
      sni: partner.example.com
",
    inputs: &[Kind::DestinationRule],
    aka: &[],
    see: &["S63"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for rule in mesh.destination_rules() {
        for (scope, _) in rule.tls_settings().filter(|(_, tls)| !tls.is_mode_given) {
            let message = format!("{} has a tls block without mode for {scope}: clients send plaintext", rule.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &rule.id, FieldPath::of("spec"), message));
        }
    }
}
