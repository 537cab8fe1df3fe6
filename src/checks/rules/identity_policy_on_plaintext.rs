//! `AuthorizationPolicies` that match identities of clients that send plaintext and have none.

use std::collections::BTreeSet;

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{AuthorizationPolicy, Mode},
    mesh::{Dataplane, HostScope, Mesh, Server, Service, ServiceSource, Subject, Verdict, Workload},
    object::{Id, Kind, Labels, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS220",
    name: "identity-policy-on-plaintext",
    severity: Severity::Error,
    summary: "An AuthorizationPolicy matches client identities on workloads whose clients send plaintext and therefore have no identity.",
    why: "An identity comes only from the client's certificate. In plaintext, a rule by principal, namespace or service account \
          never matches: requests that ALLOW should permit are denied (HTTP 403), and requests that DENY should block are permitted.",
    fix: "Make the clients use mTLS: remove DISABLE from the policies, or turn automatic mTLS on.",
    bad: include_str!("identity_policy_on_plaintext.bad.yaml"),
    good: include_str!("identity_policy_on_plaintext.good.yaml"),
    inputs: &[Kind::AuthorizationPolicy, Kind::PeerAuthentication, Kind::DestinationRule, Kind::ConfigMap, Kind::Pod],
    aka: &["KIA0105"],
    see: &["S206"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let by_rule = in_plaintext_by_rule(mesh);
    let policies = mesh.snapshot().authorization_policies.iter().map(AuthorizationPolicy::of);
    for policy in policies.filter(|policy| !policy.is_attached) {
        let Some((at, what)) = policy.identity_field() else { continue };
        if let Some((target, why, servers)) = without_identity(mesh, policy, &by_rule) {
            let message = format!("{} matches on {what}, but calls to {target} carry no identity: {why}", policy.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), policy.id, at, message).with_related(servers));
        }
    }
}

/// The workloads whose clients have no identity, and why; if no workload was read, the namespace or the mesh.
fn without_identity(
    mesh: &Mesh<'_>,
    policy: AuthorizationPolicy<'_>,
    by_rule: &BTreeSet<&Subject>,
) -> Option<(String, String, Vec<Subject>)> {
    let namespace = &policy.id.namespace;
    let is_of_mesh = mesh.control_planes().is_root(namespace);
    let all = if is_of_mesh { mesh.workloads() } else { mesh.workloads_in(namespace) };
    let selector = policy.selector;
    if all.is_empty() {
        let covered = if is_of_mesh { HostScope::Mesh } else { HostScope::Namespace(namespace.clone()) };
        let target = match &covered {
            HostScope::Mesh => "the whole mesh".to_owned(),
            HostScope::Namespace(name) if selector.is_empty() => format!("namespace {name}"),
            HostScope::Namespace(name) => format!("all workloads with {selector} in namespace {name}"),
        };
        return Some((target, scope_reason(mesh, namespace, selector, &covered)?, Vec::new()));
    }
    let why = |workload: &Workload<'_>| {
        let selected = workload.instances.iter().filter(|instance| selector.selects(&instance.labels));
        let mut sidecars = selected.filter(|instance| instance.dataplane == Dataplane::Sidecar);
        sidecars.find_map(|instance| server_reason(&mesh.server(workload, instance))).or_else(|| {
            let is_by_rule = by_rule.contains(&workload.subject) && workload.instances.iter().any(|one| selector.selects(&one.labels));
            is_by_rule.then(|| PLAINTEXT_RULE.to_owned())
        })
    };
    let found: Vec<(&Subject, String)> = all
        .iter()
        .filter_map(|workload| Some((&workload.subject, why(workload).or_else(|| auto_reason(mesh, workload, selector))?)))
        .collect();
    let (_, why) = found.first()?;
    let servers = found.iter().map(|(subject, _)| (*subject).clone()).collect();
    Some((list_names(found.iter().map(|(subject, _)| subject)), why.clone(), servers))
}

/// Workloads that a rule makes clients call in plaintext although automatic mTLS would result in mTLS.
fn in_plaintext_by_rule<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<&'m Subject> {
    let plain = mesh.mismatches().iter().filter(|one| one.could_be_mtls && one.verdict == Verdict::Plaintext);
    plain.filter_map(|one| Some(&one.server.as_ref()?.0)).collect()
}

/// The reason why a server accepts no mTLS, if that is a policy with mode DISABLE.
fn server_reason(server: &Server<'_>) -> Option<String> {
    let mode = server.workload();
    let by = mode.decided_by.filter(|_| mode.is_certain && mode.mode == Some(Mode::Disable))?;
    Some(disabled(by))
}

fn disabled(by: &Id) -> String {
    format!("{by} sets DISABLE")
}

/// The reason, if neither automatic mTLS nor a `DestinationRule` makes clients send mTLS to a workload with a sidecar.
fn auto_reason(mesh: &Mesh<'_>, workload: &Workload<'_>, selector: &Labels) -> Option<String> {
    let namespace = &workload.subject.namespace;
    let is_meshed = workload.instances.iter().any(|one| one.dataplane == Dataplane::Sidecar && selector.selects(&one.labels));
    let is_off = is_meshed && !mesh.control_planes().of_namespace(mesh.namespace_labels(namespace)).auto_mtls;
    (is_off && !mesh.indices().has_mtls_rule(&HostScope::Namespace(namespace.clone()).host(mesh.cluster_domain())))
        .then(|| NO_RULE.to_owned())
}

const PLAINTEXT_RULE: &str = "a DestinationRule makes clients send plaintext";

const NO_RULE: &str = "enableAutoMtls is false, and no DestinationRule makes clients use mTLS";

/// The reason for a namespace or mesh without any workload that was read, from the labels that the policy selects.
fn scope_reason(mesh: &Mesh<'_>, namespace: &Text, selector: &Labels, covered: &HostScope) -> Option<String> {
    let mode = mesh.indices().mode_of_labels(namespace, selector, None);
    if let Some(by) = mode.decided_by.filter(|_| mode.is_certain && mode.policy_mode == Mode::Disable) {
        return Some(disabled(by));
    }
    let is_off = !mesh.control_planes().of_namespace(mesh.namespace_labels(namespace)).auto_mtls;
    if is_off && !mesh.indices().has_mtls_rule(&covered.host(mesh.cluster_domain())) {
        return Some(NO_RULE.to_owned());
    }
    // With STRICT, plaintext is rejected before authorization policies are evaluated.
    let accepts_plaintext = mode.is_certain && mode.policy_mode != Mode::Strict;
    let rule = hosts(mesh, namespace, selector, covered).into_iter().find_map(|host| mesh.indices().plaintext_rule(namespace, &host))?;
    accepts_plaintext.then(|| format!("{rule} makes clients send plaintext"))
}

/// The hosts of the Services that a policy can affect; if no service of its namespace was read, the wildcard host of the scope.
fn hosts(mesh: &Mesh<'_>, namespace: &Text, selector: &Labels, covered: &HostScope) -> Vec<Text> {
    let mut own = mesh.registry().services().iter().filter(|service| service.id.namespace == *namespace).peekable();
    if own.peek().is_none() {
        return vec![covered.host(mesh.cluster_domain())];
    }
    let may_select = |service: &&Service<'_>| match service.source {
        ServiceSource::Service(body) => !body.selector().is_empty() && (selector.is_empty() || body.selector().selects(selector)),
        ServiceSource::Entry(_) => false,
    };
    own.filter(may_select).map(|service| service.host.clone()).collect()
}
