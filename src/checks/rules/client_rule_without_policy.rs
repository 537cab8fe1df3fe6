//! Automatic mTLS is off, and a `DestinationRule` makes clients send mTLS to servers without a `PeerAuthentication`.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{DestinationRule, TlsMode},
    mesh::{HostScope, Mesh, ScopeMode},
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS215",
    name: "client-rule-without-policy",
    severity: Severity::Warning,
    summary: "`enableAutoMtls` is false, and a DestinationRule makes clients use mTLS to a whole namespace or mesh where no \
              PeerAuthentication requires it.",
    why: "The servers accept mTLS because PERMISSIVE is the default, but they accept plaintext as well: the rule looks like \
          protection and provides none.",
    fix: "Add a PeerAuthentication for the namespace or the mesh, and set STRICT once no client calls in plaintext.",
    bad: include_str!("client_rule_without_policy.bad.yaml"),
    good: include_str!("client_rule_without_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::DestinationRule, Kind::ConfigMap],
    aka: &["KIA0205", "KIA0206"],
    see: &["S15", "S66", "S71"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let is_mutual = |rule: &&DestinationRule| rule.policy.tls.as_ref().is_some_and(|tls| tls.mode == TlsMode::IstioMutual);
    for rule in mesh.destination_rules().iter().filter(is_mutual) {
        if mesh.control_planes().of_namespace(mesh.namespace_labels(&rule.id.namespace)).auto_mtls {
            continue;
        }
        let Some((what, mode, aka)) = covered(mesh, &rule.resolved_host()) else { continue };
        if mode.decided_by.is_some() || !mode.is_certain {
            continue;
        }
        let message =
            format!("{} makes clients use mTLS to {what}, where no PeerAuthentication requires it: plaintext is accepted as well", rule.id);
        out.push(
            Finding::about(&RULE, mesh.snapshot(), &rule.id, FieldPath::of("spec.trafficPolicy.tls.mode"), message)
                .with_equivalent_codes(aka),
        );
    }
}

/// The namespace or mesh that a wildcard host covers completely, its mode, and the codes of other tools.
fn covered<'m>(mesh: &'m Mesh<'_>, host: &str) -> Option<(String, ScopeMode<'m>, &'static [&'static str])> {
    let covered = HostScope::by(host, mesh.cluster_domain())?;
    let mode = mesh.indices().mode_of(&covered);
    match &covered {
        HostScope::Mesh => Some(("the whole mesh".into(), mode, &["KIA0205"])),
        HostScope::Namespace(name) => {
            (*covered.host(mesh.cluster_domain()) == *host).then(|| (format!("namespace {name}"), mode, ["KIA0206"].as_slice()))
        }
    }
}
