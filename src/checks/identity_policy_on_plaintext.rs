//! Rules by identity, where callers come without one.

use std::collections::BTreeSet;

use super::{
    Finding, Rule, Severity,
    example::{db, mesh_policy, shop},
    finding::some,
};
use crate::{
    istio::Mode,
    mesh::{Covered, Dataplane, Mesh, Server, Subject, Verdict, Workload},
    object::{
        FieldPath, Id, Kind, Labels, Read, Text,
        wire::{AuthorizationPolicy, AuthorizationRule},
    },
};

/// A policy of the first namespace that lets one service account in.
macro_rules! identity {
    () => {
        r"---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: identity
  namespace: shop
spec:
  rules:
  - from:
    - source:
        principals:
        - cluster.local/ns/shop/sa/web
"
    };
}

pub(super) static RULE: Rule = Rule {
    id: "MTLS220",
    name: "identity-policy-on-plaintext",
    severity: Severity::Error,
    summary: "An AuthorizationPolicy asks who the caller is, on workloads whose callers come in plaintext and so have no identity.",
    why: "An identity comes from the client's certificate alone. In plaintext a rule by principal, namespace or service account never matches: what ALLOW lets in is denied, and what DENY keeps out passes.",
    fix: "Let the callers speak mTLS: take DISABLE out of the policies, or turn automatic mTLS on.",
    bad: concat!(
        shop!(),
        db!("tcp"),
        identity!(),
        r#"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
  annotations:
    mtls.kubectl.dev/ignore: "MTLS108: another rule is shown"
spec:
  mtls:
    mode: DISABLE
"#
    ),
    good: concat!(shop!(), db!("tcp"), identity!(), mesh_policy!("STRICT")),
    inputs: &[Kind::AuthorizationPolicy, Kind::PeerAuthentication, Kind::DestinationRule, Kind::ConfigMap, Kind::Pod],
    aka: &["KIA0105"],
    see: &["S206"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let by_rule = in_plaintext_by_rule(mesh);
    for read in &mesh.snapshot().authorization_policies {
        let spec = &read.body.spec;
        // A waypoint or gateway enforces what is attached to it.
        let is_attached = spec.target_ref.is_some() || !spec.target_refs.is_empty();
        let Some((at, what)) = identity(&spec.rules).filter(|_| !is_attached) else { continue };
        if let Some((whom, why, servers)) = nameless(mesh, read, &by_rule) {
            let message = format!("{} goes by {what}, and calls to {whom} come without identity: {why}", read.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &read.id, at, message).related(servers));
        }
    }
}

/// The first field that asks who calls.
fn identity(rules: &[AuthorizationRule]) -> Option<(FieldPath, &'static str)> {
    rules.iter().enumerate().find_map(|(number, rule)| {
        let base = FieldPath::of("spec.rules").then(number.to_string());
        of_source(rule, &base).or_else(|| of_condition(rule, &base))
    })
}

fn of_source(rule: &AuthorizationRule, base: &FieldPath) -> Option<(FieldPath, &'static str)> {
    rule.from.iter().enumerate().find_map(|(number, from)| {
        let source = &from.source;
        let fields = [
            ("principals", &source.principals),
            ("notPrincipals", &source.not_principals),
            ("namespaces", &source.namespaces),
            ("notNamespaces", &source.not_namespaces),
            ("serviceAccounts", &source.service_accounts),
            ("notServiceAccounts", &source.not_service_accounts),
        ];
        let (name, _) = fields.into_iter().find(|(_, said)| !said.is_empty())?;
        Some((base.clone().then("from").then(number.to_string()).then("source").then(name), name))
    })
}

fn of_condition(rule: &AuthorizationRule, base: &FieldPath) -> Option<(FieldPath, &'static str)> {
    const KEYS: [&str; 3] = ["source.principal", "source.namespace", "source.serviceAccount"];
    rule.when.iter().enumerate().find_map(|(number, condition)| {
        let key = KEYS.into_iter().find(|key| condition.key == *key)?;
        Some((base.clone().then("when").then(number.to_string()).then("key"), key))
    })
}

/// Whose callers have no identity, and why; where no workload was read, that of the namespace or the mesh.
fn nameless(mesh: &Mesh<'_>, policy: &Read<AuthorizationPolicy>, by_rule: &BTreeSet<&Subject>) -> Option<(String, String, Vec<Subject>)> {
    let namespace = &policy.id.namespace;
    let is_of_mesh = mesh.control_planes().is_root(namespace);
    let all = if is_of_mesh { mesh.workloads() } else { mesh.workloads_in(namespace) };
    if all.is_empty() {
        let (whom, covered) = if is_of_mesh {
            ("the whole mesh".to_owned(), Covered::Mesh)
        } else {
            (format!("namespace {namespace}"), Covered::Namespace(namespace.clone()))
        };
        return Some((whom, of_scope(mesh, namespace, &covered)?, Vec::new()));
    }
    let none = Labels::default();
    let selector = policy.body.spec.selector.as_ref().map_or(&none, |selector| &selector.match_labels);
    let why = |workload: &Workload<'_>| {
        let selected = workload.instances.iter().filter(|instance| selector.selects(&instance.labels));
        let mut sidecars = selected.filter(|instance| instance.dataplane == Dataplane::Sidecar);
        sidecars.find_map(|instance| of_server(&mesh.server(workload, instance))).or_else(|| {
            let is_it = by_rule.contains(&workload.subject) && workload.instances.iter().any(|one| selector.selects(&one.labels));
            is_it.then(|| "a DestinationRule makes clients send plaintext".to_owned())
        })
    };
    let found: Vec<(&Subject, String)> =
        all.iter().filter_map(|workload| Some((&workload.subject, why(workload).or_else(|| of_auto(mesh, workload, selector))?))).collect();
    let (_, why) = found.first()?;
    let servers = found.iter().map(|(subject, _)| (*subject).clone()).collect();
    Some((some(found.iter().map(|(subject, _)| subject)), why.clone(), servers))
}

/// Workloads that a rule makes clients call in plaintext although mTLS would be taken.
fn in_plaintext_by_rule<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<&'m Subject> {
    let plain = mesh.mismatches().iter().filter(|one| one.could_be_mtls && one.verdict == Verdict::Plaintext);
    plain.filter_map(|one| Some(&one.server.as_ref()?.0)).collect()
}

/// A server that takes no mTLS.
fn of_server(server: &Server<'_>) -> Option<String> {
    let mode = server.workload();
    let by = mode.decided_by.filter(|_| mode.is_certain && mode.mode == Some(Mode::Disable))?;
    Some(disabled(by))
}

fn disabled(by: &Id) -> String {
    format!("{by} says DISABLE")
}

/// Clients of which nothing makes speak mTLS.
fn of_auto(mesh: &Mesh<'_>, workload: &Workload<'_>, selector: &Labels) -> Option<String> {
    let namespace = &workload.subject.namespace;
    let is_meshed = workload.instances.iter().any(|one| one.dataplane == Dataplane::Sidecar && selector.selects(&one.labels));
    let is_off = is_meshed && !mesh.control_planes().of_namespace(mesh.namespace_labels(namespace)).auto_mtls;
    (is_off && !mesh.has_mtls_rule(&Covered::Namespace(namespace.clone()).host())).then(|| NO_RULE.to_owned())
}

const NO_RULE: &str = "enableAutoMtls is false, and no DestinationRule makes clients speak mTLS";

/// The same of a namespace or the mesh in which no workload was read.
fn of_scope(mesh: &Mesh<'_>, namespace: &Text, covered: &Covered) -> Option<String> {
    let mode = mesh.mode_of(covered);
    if let Some(by) = mode.decided_by.filter(|_| mode.mode == Mode::Disable) {
        return Some(disabled(by));
    }
    let is_off = !mesh.control_planes().of_namespace(mesh.namespace_labels(namespace)).auto_mtls;
    (is_off && !mesh.has_mtls_rule(&covered.host())).then(|| NO_RULE.to_owned())
}
