//! Rules and policies that contradict each other where no service was read: a pull request shows what governs services, and
//! seldom the services themselves.

use std::collections::BTreeSet;

use super::{Acceptance, AutoOff, Call, ClientKind, Mesh, Mismatch, ScopeMode, Verdict, Wire, client::Query, verdict};
use crate::{
    istio::{Class, DestinationRule, Mode, TlsMode},
    object::{FieldPath, Id, Labels, Text},
};

/// The end of every host of a Kubernetes Service.
const SERVICES: &str = ".svc.cluster.local";

/// What a host stands for, where that is services of the mesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Those of the whole mesh.
    Mesh,
    /// Those of a namespace, or one of them.
    Namespace(Text),
}

impl Covered {
    /// What a host covers, an exact one or a wildcard; `None` for hosts outside the mesh.
    #[must_use]
    pub fn by(host: &str) -> Option<Self> {
        if let Some(service) = host.strip_suffix(SERVICES) {
            let namespace = service.rsplit('.').next().unwrap_or_default();
            return match service {
                "*" => Some(Self::Mesh),
                _ => (!namespace.contains('*')).then(|| Self::Namespace(namespace.into())),
            };
        }
        host.strip_prefix('*').filter(|end| SERVICES.ends_with(end)).map(|_| Self::Mesh)
    }

    /// The host that stands for all of it.
    #[must_use]
    pub fn host(&self) -> Text {
        match self {
            Self::Mesh => "*.local".into(),
            Self::Namespace(name) => format!("*.{name}{SERVICES}").into(),
        }
    }
}

/// What contradicts each other although no service was read.
pub(super) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let served: BTreeSet<&str> = mesh.registry().services().iter().map(|service| service.id.namespace.as_str()).collect();
    let is_open = |covered: &Covered| match covered {
        Covered::Mesh => served.is_empty(),
        Covered::Namespace(name) => !served.contains(name.as_str()),
    };
    let rules = mesh.destination_rules().iter().filter_map(|rule| of_rule(mesh, rule, &is_open));
    rules.chain(strict_policies(mesh, &is_open)).collect()
}

/// A host that a rule for these services would match, and that no other rule names.
fn stand_in(host: &str) -> String {
    match Covered::by(host) {
        Some(Covered::Mesh) => format!("any.any{SERVICES}"),
        Some(Covered::Namespace(_)) | None => host.replacen('*', "any", 1),
    }
}

/// What the clients of a rule's own namespace send by it, and what the covered namespace or mesh demands.
fn of_rule(mesh: &Mesh<'_>, rule: &DestinationRule, is_open: &impl Fn(&Covered) -> bool) -> Option<Mismatch> {
    let tls = rule.policy.tls.as_ref()?;
    let host = rule.resolved_host();
    let covered = Covered::by(&host).filter(is_open)?;
    let client = &rule.id.namespace;
    let root = &mesh.control_planes().of_namespace(mesh.namespace_labels(client)).root_namespace;
    let service = if let Covered::Namespace(name) = &covered { name.as_str() } else { client.as_str() };
    let query = Query { root, client, labels: &Labels::default(), service, host: &stand_in(&host) };
    mesh.rules().lookup(mesh.destination_rules(), &query).filter(|found| found.policy.id == rule.id)?;
    let wire = match tls.mode {
        TlsMode::Disable => Wire::Plaintext,
        TlsMode::Simple => Wire::Tls,
        TlsMode::Mutual => Wire::CustomMtls,
        TlsMode::IstioMutual => Wire::Mtls,
    };
    let cause = (rule.id.clone(), FieldPath::of("spec.trafficPolicy.tls.mode"));
    let clients = Some(client.clone());
    contradiction(wire, mesh.mode_of(&covered), Mismatch { cause: Some(cause), configured: Some(tls.mode), clients, ..anywhere(host) })
}

/// Policies that demand mTLS of clients that nothing makes speak it: automatic mTLS is off, and no rule covers the services.
fn strict_policies(mesh: &Mesh<'_>, is_open: &impl Fn(&Covered) -> bool) -> Vec<Mismatch> {
    let planes = mesh.control_planes();
    let mut found = Vec::new();
    for (namespace, labels) in mesh.namespaces() {
        let is_root = planes.is_root(namespace);
        let covered = if is_root { Covered::Mesh } else { Covered::Namespace(namespace.clone()) };
        let is_auto = if is_root { planes.auto_mtls_below(namespace) } else { planes.of_namespace(*labels).auto_mtls };
        let host = covered.host();
        let own = mesh.policies().whole(namespace).next().filter(|policy| policy.mode == Some(Mode::Strict));
        let Some(policy) = own.filter(|_| !is_auto && is_open(&covered) && !mesh.has_mtls_rule(&host)) else { continue };
        let mode = ScopeMode { mode: Mode::Strict, decided_by: Some(&policy.id), is_certain: true };
        found.extend(contradiction(Wire::Plaintext, mode, Mismatch { auto_off: Some(AutoOff::Mesh), ..anywhere(host) }));
    }
    found
}

impl Mesh<'_> {
    /// The mode that a namespace as a whole has, or the mesh.
    #[must_use]
    pub fn mode_of(&self, covered: &Covered) -> ScopeMode<'_> {
        match covered {
            Covered::Mesh => self.mesh_mode(),
            Covered::Namespace(name) => self.namespace_mode(name),
        }
    }

    /// Whether any rule makes clients speak the mesh's mTLS to a host, or to something behind a wildcard.
    #[must_use]
    pub fn has_mtls_rule(&self, host: &str) -> bool {
        let stand_in = stand_in(host);
        let speaks = |said: &Text| super::host_matches(said, &stand_in) || host.starts_with('*') && super::host_matches(host, said);
        self.mtls_hosts.get_or_init(|| mtls_hosts(self.destination_rules())).iter().any(speaks)
    }
}

fn mtls_hosts(rules: &[DestinationRule]) -> BTreeSet<Text> {
    let is_mutual = |rule: &&DestinationRule| rule.policy.tls.as_ref().is_some_and(|tls| tls.mode == TlsMode::IstioMutual);
    rules.iter().filter(is_mutual).map(DestinationRule::resolved_host).collect()
}

/// What comes of it, where that is a failure.
fn contradiction(wire: Wire, mode: ScopeMode<'_>, at: Mismatch) -> Option<Mismatch> {
    let acceptance = Acceptance::Sidecar(mode.mode, Class::Tcp);
    let call = Call { from: ClientKind::Sidecar, is_tcp: false, is_server_first: false };
    let verdict = verdict(wire, acceptance, call);
    let is_told = mode.is_certain && matches!(verdict, Verdict::Fail(_));
    is_told.then(|| Mismatch { policy: mode.decided_by.cloned(), acceptance, wire, verdict, ..at })
}

/// Any service of a host.
fn anywhere(host: Text) -> Mismatch {
    Mismatch {
        cause: None,
        configured: None,
        auto_off: None,
        is_original_dst: false,
        clients: None,
        service: (host, None),
        service_id: None::<Id>,
        subset: None,
        server: None,
        policy: None,
        acceptance: Acceptance::Raw,
        wire: Wire::Plaintext,
        verdict: Verdict::Unknown,
        identity: None,
        could_be_mtls: false,
    }
}
