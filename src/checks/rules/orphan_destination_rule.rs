//! `DestinationRules` for hosts without a service.

use std::collections::BTreeMap;

use crate::{
    checks::{Finding, Rule, Severity},
    istio::DestinationRule,
    mesh::Mesh,
    object::{Edit, FieldPath, Id, Kind, Text},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS208",
    name: "orphan-destination-rule",
    severity: Severity::Warning,
    summary: "The host of a DestinationRule is not the host of any known service.",
    why: "The rule applies to no call. Istio expands only names without a dot, using the namespace of the rule: `db.shop` and \
          `db.shop.svc` are used verbatim and match no Kubernetes Service. The rule's TLS settings and subsets have no effect.",
    fix: "Set the full host, such as `db.shop.svc.cluster.local`, or delete the rule.",
    bad: include_str!("orphan_destination_rule.bad.yaml"),
    good: include_str!("orphan_destination_rule.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry],
    aka: &["IST0174", "KIA0202"],
    see: &["S52", "S53", "S79"],
};

/// Suffix of multi-cluster service hosts, which no kind that is read defines.
const CLUSTER_SET: &str = ".svc.clusterset.local";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let namespaces_by_name = namespaces_by_name(mesh);
    let rules = mesh.destination_rules().iter().filter(|rule| rule.generated.is_none());
    for rule in rules {
        let host = rule.resolved_host();
        if mesh.registry().matches_any(&host) || host.ends_with(CLUSTER_SET) || !is_covered(mesh, &host) {
            continue;
        }
        let finding = Finding::about(&RULE, mesh.snapshot(), &rule.id, FieldPath::of("spec.host"), message(mesh, rule, &host));
        let finding = finding.with_related(mesh.registry().matching(&host).take(1).map(|alias| alias.id));
        // Manifests without any service do not show which hosts exist.
        let finding = if mesh.registry().services().is_empty() { finding.with_severity(Severity::Info) } else { finding };
        out.push(match intended_host(mesh, rule, &namespaces_by_name) {
            Some(host) if mesh.applies_safely(rule, &host) => finding
                .with_fix(format!("Set the host to {host}."))
                .with_patch(&rule.id, Edit::Set { at: FieldPath::of("spec.host"), value: host }),
            Some(host) => finding.with_fix(format!(
                "Set the host to {host} only if calls to it are meant to have the settings of this rule, which then replace those in force there: \
                 `kubectl mtls diff` shows the calls that would change. Otherwise delete the rule."
            )),
            None => finding,
        });
    }
}

fn message(mesh: &Mesh<'_>, rule: &DestinationRule, host: &str) -> String {
    let id = &rule.id;
    if let Some(alias) = mesh.registry().matching(host).next() {
        return format!("{id} is for {host}, but {} is an ExternalName, an alias of another host: rules for it have no effect", alias.id);
    }
    if mesh.registry().at(host).any(|service| service.host.starts_with('*')) {
        return format!(
            "{id} is for {host}, which only a wildcard host of a ServiceEntry covers: rules for one of its hosts have no effect"
        );
    }
    let host_text = if *rule.host == *host { host.to_owned() } else { format!("{} ({host})", rule.host) };
    format!("{id} is for {host_text}, but no Service or ServiceEntry that was read has this host")
}

/// Whether enough was read to know that no service has a host. If no service was read, a wildcard host may be for future services.
fn is_covered(mesh: &Mesh<'_>, host: &str) -> bool {
    let snapshot = mesh.snapshot();
    let is_early = mesh.registry().services().is_empty() && host.starts_with('*');
    if is_early {
        return false;
    }
    let kinds = [Kind::Service, Kind::ServiceEntry];
    let within = mesh.cluster_domain().service_part(host).and_then(|rest| rest.rsplit_once('.')).map(|(_, namespace)| namespace);
    kinds.iter().all(|&kind| match within {
        Some(namespace) => snapshot.covers(kind, namespace),
        None => !snapshot.coverage.contains_key(&kind),
    })
}

/// The namespaces of the Services of each name.
fn namespaces_by_name<'m>(mesh: &Mesh<'m>) -> BTreeMap<&'m Text, Vec<&'m Text>> {
    let mut namespaces_by_name: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
    for read in &mesh.snapshot().services {
        namespaces_by_name.entry(&read.id.name).or_default().push(&read.id.namespace);
    }
    namespaces_by_name
}

/// The host that was probably intended: the Service with the name and namespace of a short host, or the only one of that name (S52).
fn intended_host(mesh: &Mesh<'_>, rule: &DestinationRule, namespaces_by_name: &BTreeMap<&Text, Vec<&Text>>) -> Option<Text> {
    let words: Vec<&str> = rule.host.split('.').collect();
    let (name, within) = match words[..] {
        [name] => (name, None),
        [name, namespace] | [name, namespace, "svc"] | [name, namespace, "svc", _] | [name, namespace, "svc", "cluster", _] => {
            (name, Some(namespace))
        }
        _ => return None,
    };
    let services = &mesh.snapshot().services;
    let first_of = |namespace: &str| services.get(services.partition_point(|read| read.id.namespace.as_str() < namespace));
    let has_services = |namespace: &str| first_of(namespace).is_some_and(|read| read.id.namespace == *namespace);
    if let Some(namespace) = within
        && (mesh.registry().of(&Id::new(Kind::Service, namespace, name)).is_some() || name == "*" && has_services(namespace))
    {
        return Some(mesh.cluster_domain().service(namespace, name)).filter(|host| mesh.registry().matches_any(host));
    }
    match namespaces_by_name.get(&Text::from(name))?[..] {
        [only] => Some(mesh.cluster_domain().service(only, name)).filter(|host| mesh.registry().matches_any(host)),
        _ => None,
    }
}
