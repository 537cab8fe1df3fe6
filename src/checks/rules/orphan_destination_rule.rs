//! `DestinationRules` for hosts without a service.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, Undecided, assumed_namespaces::is_assumed},
    istio::DestinationRule,
    mesh::Mesh,
    object::{Edit, FieldPath, Id, Kind, Text},
    queries::reach,
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
    let names = ServiceNames::of(mesh);
    for (rule, host) in orphans(mesh).filter(|(rule, host)| unread(mesh, rule, host, &names).is_none()) {
        let finding = Finding::about(&RULE, mesh.snapshot(), &rule.id, FieldPath::of("spec.host"), message(mesh, rule, &host));
        let finding = finding.with_related(mesh.registry().matching(&host).take(1).map(|alias| alias.id));
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

/// The rules whose host may be that of a Service or `ServiceEntry` that was not read.
pub(super) fn undecided(mesh: &Mesh<'_>) -> Vec<Undecided> {
    let names = ServiceNames::of(mesh);
    let open = |(rule, host): (&DestinationRule, Text)| {
        let (namespace, reason) = unread(mesh, rule, &host, &names)?;
        Some(Undecided { about: (&rule.id).into(), namespace, reason })
    };
    orphans(mesh).filter_map(open).collect()
}

/// The rules with a host that no service that was read has.
fn orphans<'m>(mesh: &'m Mesh<'_>) -> impl Iterator<Item = (&'m DestinationRule, Text)> {
    let rules = mesh.destination_rules().iter().filter(|rule| rule.generated.is_none());
    rules.map(|rule| (rule, rule.resolved_host())).filter(|(_, host)| !mesh.registry().matches_any(host) && !host.ends_with(CLUSTER_SET))
}

const NO_SERVICE: &str = "no Service of the namespace was read, or not all of them";
const NO_ENTRY: &str = "no ServiceEntry of the namespace was read, or not all of them";
const NO_NAMESPACE: &str = "a Service of this name was read, and its namespace or that of the rule is not set";

/// What was not read that may have the host, and of which namespace; `None` if certainly nothing has it.
fn unread(mesh: &Mesh<'_>, rule: &DestinationRule, host: &str, names: &ServiceNames<'_>) -> Option<(Text, &'static str)> {
    let (snapshot, home) = (mesh.snapshot(), &rule.id.namespace);
    if snapshot.services.is_empty() && snapshot.service_entries.is_empty() {
        return Some((home.clone(), NO_SERVICE));
    }
    // An alias, or a wildcard entry, was read.
    if mesh.registry().at(host).next().is_some() {
        return None;
    }
    let Some((name, namespace)) = mesh.cluster_domain().service_part(host).and_then(|rest| rest.rsplit_once('.')) else {
        let is_misspelt = names_namespace(mesh, host);
        let entries = &snapshot.service_entries;
        let first = entries.get(entries.partition_point(|read| read.id.namespace < *home));
        let is_listed = snapshot.cluster.is_some() || first.is_some_and(|read| read.id.namespace == *home) || is_misspelt;
        let is_read = is_listed && !snapshot.coverage.contains_key(&Kind::ServiceEntry);
        return (!is_read).then(|| (home.clone(), NO_ENTRY));
    };
    let namespace = Text::from(namespace);
    let is_missing = reach::missing_host(mesh, host, home).is_some_and(|missing| missing.is_certain);
    if !is_missing || !snapshot.covers(Kind::ServiceEntry, &namespace) {
        return Some((namespace, NO_SERVICE));
    }
    let is_short = !rule.host.contains('.') && is_assumed(mesh, &rule.id);
    let candidates = if is_short { &names.all } else { &names.of_assumed };
    candidates.contains(name).then_some((namespace, NO_NAMESPACE))
}

/// Whether a host outside the cluster domain has the form of a Service of a namespace that was read: `db.shop`, `db.shop.svc`,
/// `db.shop.svc.other.domain`.
fn names_namespace(mesh: &Mesh<'_>, host: &str) -> bool {
    let mut words = host.splitn(4, '.').skip(1);
    let is_read = words.next().is_some_and(|word| mesh.namespaces().contains_key(word));
    match (words.next(), words.next()) {
        (Some("svc"), None) => true,
        (None | Some("svc"), _) => is_read,
        (Some(_), _) => false,
    }
}

/// The names of all Services, and of those whose manifests set no namespace.
struct ServiceNames<'m> {
    all: BTreeSet<&'m str>,
    of_assumed: BTreeSet<&'m str>,
}

impl<'m> ServiceNames<'m> {
    fn of(mesh: &'m Mesh<'_>) -> Self {
        let ids = mesh.snapshot().services.iter().map(|read| &read.id);
        let of_assumed = ids.clone().filter(|id| is_assumed(mesh, id)).map(|id| id.name.as_str()).collect();
        Self { all: ids.map(|id| id.name.as_str()).collect(), of_assumed }
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

/// The namespaces of the Services of each name.
fn namespaces_by_name<'m>(mesh: &Mesh<'m>) -> BTreeMap<&'m Text, Vec<&'m Text>> {
    let mut namespaces_by_name: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
    // A namespace that no manifest sets is no advice.
    for read in mesh.snapshot().services.iter().filter(|read| !is_assumed(mesh, &read.id)) {
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
