//! Conflicts between rules and policies where no service was read: a pull request often contains the rules and policies, but seldom the
//! services themselves.

use std::collections::BTreeSet;

use super::{
    mismatch::Mismatch,
    verdict::{Acceptance, CallProperties, SentAs, Verdict, verdict},
};
use crate::{
    istio::{ClusterDomain, DestinationRule, Mode, PeerAuthentication, ProtocolClass, TlsMode, TrafficPolicy},
    mesh::{AutoMtlsOff, ClientKind, Mesh, ScopeMode, client::Query, host_matches, indices::Indices},
    object::{Id, Labels, Text},
};

/// The services of the mesh that a host covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostScope {
    /// All services of the mesh.
    Mesh,
    /// All services of a namespace, or one of them.
    Namespace(Text),
}

impl HostScope {
    /// The scope of an exact or wildcard host; `None` for hosts outside the mesh.
    #[must_use]
    pub fn by(host: &str, domain: &ClusterDomain) -> Option<Self> {
        if let Some(service) = domain.service_part(host) {
            let namespace = service.rsplit('.').next().unwrap_or_default();
            return match service {
                "*" => Some(Self::Mesh),
                _ => (!namespace.contains('*')).then(|| Self::Namespace(namespace.into())),
            };
        }
        let all = domain.service_suffix();
        host.strip_prefix('*').filter(|end| all.ends_with(end)).map(|_| Self::Mesh)
    }

    /// The wildcard host that covers the whole scope.
    #[must_use]
    pub fn host(&self, domain: &ClusterDomain) -> Text {
        match self {
            Self::Mesh => format!("*{}", domain.service_suffix()).into(),
            Self::Namespace(name) => domain.service(name, "*"),
        }
    }
}

/// All conflicts between rules and policies where no service was read.
pub(in crate::mesh) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let served: BTreeSet<&str> = mesh.registry().services().iter().map(|service| service.id.namespace.as_str()).collect();
    let is_open = |scope: &HostScope| match scope {
        HostScope::Mesh => served.is_empty(),
        HostScope::Namespace(name) => !served.contains(name.as_str()) && mesh.may_have_unread_sidecars(name),
    };
    let rules = mesh.destination_rules().iter().flat_map(|rule| of_destination_rule(mesh, rule, &is_open));
    rules.chain(strict_policies(mesh, &is_open)).collect()
}

/// A host that a rule for these services matches, and that no other rule names.
fn sample_host(domain: &ClusterDomain, host: &str) -> String {
    match HostScope::by(host, domain) {
        Some(HostScope::Mesh) => domain.service(UNUSED_NAME, UNUSED_NAME).to_string(),
        Some(HostScope::Namespace(_)) | None => host.replacen('*', UNUSED_NAME, 1),
    }
}

/// A name that no object has: Kubernetes does not accept it.
const UNUSED_NAME: &str = "-any-";

/// Conflicts between what clients send by a rule and what the covered namespace or mesh requires.
fn of_destination_rule(mesh: &Mesh<'_>, rule: &DestinationRule, is_open: &impl Fn(&HostScope) -> bool) -> Vec<Mismatch> {
    let settings = settings(rule);
    if settings.is_empty() {
        return Vec::new();
    }
    let covered_scopes = covered_scopes(&mesh.indices, rule)
        .into_iter()
        .filter(|(scope, host)| is_open(scope) && has_uniform_mode(&mesh.indices, scope, host));
    let mut found = Vec::new();
    for (scope, host) in covered_scopes {
        let namespace = &rule.id.namespace;
        let is_for_all = is_in_force(&mesh.indices, rule, UNUSED_NAME, &scope, &host);
        if !is_for_all && !is_in_force(&mesh.indices, rule, namespace, &scope, &host) {
            continue;
        }
        found.extend(settings.iter().filter_map(|one| {
            let at = Mismatch {
                cause: Some((rule.id.clone(), rule.mode_field(one.port, one.subset))),
                configured: Some(one.mode),
                clients: (!is_for_all).then(|| namespace.clone()),
                service: (host.clone(), one.port),
                subset: one.subset.map(|at| rule.subsets[at].name.clone()),
                ..template(host.clone())
            };
            if_failing(one.sent_as(), mesh.indices.mode_of(&scope), at)
        }));
    }
    found
}

/// A tls block of a rule: for one port or all, of a subset or of the whole host.
struct TlsSetting {
    port: Option<u16>,
    subset: Option<usize>,
    mode: TlsMode,
}

impl TlsSetting {
    fn sent_as(&self) -> SentAs {
        match self.mode {
            TlsMode::Disable => SentAs::Plaintext,
            TlsMode::Simple => SentAs::Tls,
            TlsMode::Mutual => SentAs::CustomMtls,
            TlsMode::IstioMutual => SentAs::Mtls,
        }
    }
}

fn settings(rule: &DestinationRule) -> Vec<TlsSetting> {
    let subsets = rule.subsets.iter().enumerate().map(|(at, subset)| (Some(at), &subset.policy));
    let policies = std::iter::once((None, &rule.policy)).chain(subsets);
    let of_policy = |(subset, policy): (Option<usize>, &TrafficPolicy)| -> Vec<TlsSetting> {
        let ports = policy.port_tls.iter().filter_map(|(port, tls)| Some((Some(*port), tls.as_ref()?)));
        let all = policy.tls.iter().map(|tls| (None, tls)).chain(ports);
        all.map(|(port, tls)| TlsSetting { port, subset, mode: tls.mode }).collect()
    };
    policies.flat_map(of_policy).collect()
}

/// Whether a rule is in force for clients of a namespace that call the covered host.
fn is_in_force(indices: &Indices<'_>, rule: &DestinationRule, client: &str, scope: &HostScope, host: &str) -> bool {
    let root = &indices.control_planes().of_namespace(indices.namespace_labels(&rule.id.namespace)).root_namespace;
    let service = if let HostScope::Namespace(name) = scope { name.as_str() } else { client };
    let query = Query { root, client, labels: &Labels::default(), service, host: &sample_host(indices.cluster_domain(), host) };
    indices.rules().lookup(indices.destination_rules(), &query).is_some_and(|found| found.policy.id == rule.id)
}

/// The scopes that a rule's host covers: the whole mesh also includes each namespace with a policy of its own.
fn covered_scopes(indices: &Indices<'_>, rule: &DestinationRule) -> Vec<(HostScope, Text)> {
    let host = rule.resolved_host();
    let Some(scope) = HostScope::by(&host, indices.cluster_domain()) else { return Vec::new() };
    let is_mesh = scope == HostScope::Mesh;
    let has_own = |name: &&Text| {
        !indices.control_planes().is_root(name) && indices.policies().namespace_wide(name).any(|policy| policy.mode.is_some())
    };
    let own = indices.namespaces().keys().filter(|name| is_mesh && has_own(name)).map(|name| HostScope::Namespace(name.clone()));
    let own: Vec<(HostScope, Text)> = own.map(|scope| (scope.clone(), scope.host(indices.cluster_domain()))).collect();
    std::iter::once((scope, host)).chain(own).collect()
}

/// Whether everything behind a host certainly has the mode of its namespace: for a single service it is unknown which policy selects it.
fn has_uniform_mode(indices: &Indices<'_>, scope: &HostScope, host: &str) -> bool {
    let HostScope::Namespace(name) = scope else { return true };
    let whole = indices.namespace_mode(name).mode;
    let differs = |policy: &PeerAuthentication| policy.mode.is_some_and(|mode| mode != whole) || !policy.ports.is_empty();
    host.starts_with('*') || !indices.policies().workload_specific(name).any(differs)
}

/// STRICT policies whose clients do not send mTLS: automatic mTLS is off, and no rule covers the services.
fn strict_policies(mesh: &Mesh<'_>, is_open: &impl Fn(&HostScope) -> bool) -> Vec<Mismatch> {
    let planes = mesh.control_planes();
    let mut found = Vec::new();
    for (namespace, labels) in mesh.namespaces() {
        let is_root = planes.is_root(namespace);
        let scope = if is_root { HostScope::Mesh } else { HostScope::Namespace(namespace.clone()) };
        let is_auto = if is_root { planes.has_auto_mtls_with_root(namespace) } else { planes.of_namespace(*labels).auto_mtls };
        let host = scope.host(mesh.cluster_domain());
        let own = mesh.policies().namespace_wide(namespace).next().filter(|policy| policy.mode == Some(Mode::Strict));
        let Some(policy) = own.filter(|_| !is_auto && is_open(&scope) && !mesh.indices.has_mtls_rule(&host)) else { continue };
        let mode = ScopeMode { mode: Mode::Strict, decided_by: Some(&policy.id), is_certain: true };
        found.extend(if_failing(SentAs::Plaintext, mode, Mismatch { auto_mtls_off: Some(AutoMtlsOff::Mesh), ..template(host) }));
    }
    found
}

impl Indices<'_> {
    /// The rule by which the clients of a namespace send plaintext to a host of that namespace.
    #[must_use]
    pub fn plaintext_rule(&self, namespace: &str, host: &str) -> Option<&Id> {
        let root = &self.control_planes().of_namespace(self.namespace_labels(namespace)).root_namespace;
        let query = Query {
            root,
            client: namespace,
            labels: &Labels::default(),
            service: namespace,
            host: &sample_host(self.cluster_domain(), host),
        };
        let found = self.rules().lookup(self.destination_rules(), &query)?;
        let is_plain = found.policy.policy.tls.as_ref().is_some_and(|tls| tls.mode == TlsMode::Disable);
        is_plain.then_some(&found.policy.id)
    }

    /// The mode of a whole namespace, or of the mesh.
    #[must_use]
    pub fn mode_of(&self, scope: &HostScope) -> ScopeMode<'_> {
        match scope {
            HostScope::Mesh => self.mesh_mode(),
            HostScope::Namespace(name) => self.namespace_mode(name),
        }
    }

    /// Whether any rule makes clients send the mesh's mTLS to a host, or to something behind a wildcard.
    #[must_use]
    pub fn has_mtls_rule(&self, host: &str) -> bool {
        let sample_host = sample_host(self.cluster_domain(), host);
        let matches = |rule_host: &Text| host_matches(rule_host, &sample_host) || host.starts_with('*') && host_matches(host, rule_host);
        self.mtls_hosts().iter().any(matches)
    }
}

/// The mismatch with its verdict, if the call certainly fails.
fn if_failing(sent_as: SentAs, mode: ScopeMode<'_>, at: Mismatch) -> Option<Mismatch> {
    let acceptance = Acceptance::Sidecar(mode.mode, ProtocolClass::Tcp);
    let call = CallProperties::of(ClientKind::Sidecar);
    let verdict = verdict(sent_as, acceptance, call);
    let certainly_fails = mode.is_certain && matches!(verdict, Verdict::Fail(_));
    certainly_fails.then(|| Mismatch { policy: mode.decided_by.cloned(), acceptance, sent_as, verdict, ..at })
}

/// A mismatch template for any service of a host; the caller sets the other fields.
fn template(host: Text) -> Mismatch {
    Mismatch {
        cause: None,
        configured: None,
        auto_mtls_off: None,
        is_original_dst: false,
        clients: None,
        service: (host, None),
        service_id: None::<Id>,
        subset: None,
        server: None,
        is_assumed: true,
        policy: None,
        acceptance: Acceptance::NoProxy,
        sent_as: SentAs::Plaintext,
        is_tls_port: false,
        verdict: Verdict::Unknown,
        identity: None,
        undeclared: None,
        could_be_mtls: false,
    }
}
