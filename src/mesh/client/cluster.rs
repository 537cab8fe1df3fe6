//! Which TLS a client's proxy uses for a service port (S61–S78, S88).

use super::{
    Client, ClientKind,
    endpoint::Endpoint,
    registry::{Resolution, Service},
    rules::{Query, RuleInForce},
    scope::Destination,
};
use crate::{
    istio::{Mode, Tls, TlsMode, TrafficPolicy},
    mesh::{Failure, SentAs, Verdict, indices::Indices},
    object::{FieldPath, Id, Labels, Text},
};

/// What a client's proxy does with the connections to a service port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterTls {
    /// Adds nothing.
    Disable,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates of its own.
    Mutual,
    /// The mesh's mTLS.
    IstioMutual,
    /// Automatic mTLS: decides for each endpoint.
    Auto,
    /// The settings are unusable, and nothing is added (S69).
    Invalid,
}

impl ClusterTls {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "DISABLE",
            Self::Simple => "SIMPLE",
            Self::Mutual => "MUTUAL",
            Self::IstioMutual => "ISTIO_MUTUAL",
            Self::Auto => "AUTO",
            Self::Invalid => "INVALID",
        }
    }
}

/// Why automatic mTLS is off for a service (S70, S71).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoMtlsOff {
    /// It is off in the mesh configuration.
    Mesh,
    /// The service is `MESH_EXTERNAL`.
    External,
    /// The effective policy of the mesh or of the service's namespace is DISABLE.
    Policy,
    /// The client connects to the address that was dialled, and some endpoint declares that it accepts no mTLS, or no endpoint is known.
    Endpoints,
}

impl AutoMtlsOff {
    /// The cause in words.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            Self::Mesh => "enableAutoMtls is false (S71)",
            Self::External => "the service is MESH_EXTERNAL (S81)",
            Self::Policy => "the policy of the service's namespace, or of the mesh, sets DISABLE (S70)",
            Self::Endpoints => "the client connects to the dialled address, and not every endpoint is known to accept mTLS (S70, S75)",
        }
    }
}

/// The cluster of a client for a service port, and a subset of it.
#[derive(Clone, Debug)]
pub struct Cluster<'m> {
    /// The rule in force.
    pub rule: Option<RuleInForce<'m>>,
    /// The mode in its `tls`; `None` if no rule sets `tls`.
    pub configured: Option<TlsMode>,
    /// The TLS that the proxy uses.
    pub tls: ClusterTls,
    /// Whether the client connects to the address that the application dialled (S75).
    pub is_original_dst: bool,
    /// Whether the requested subset exists in no rule in force (F12).
    pub lacks_subset: bool,
    /// The mode in the rule that decides about automatic mTLS per endpoint (S64).
    pub endpoint_tls_mode: Option<TlsMode>,
    /// Names of the server that the client accepts, if a rule sets them (S84).
    pub subject_alt_names: Option<Vec<Text>>,
    /// Names of its servers that the service itself declares (S84).
    pub service_names: Vec<Text>,
    /// Why automatic mTLS is off; `None` if it is on or does not decide (S70, S71).
    pub auto_mtls_off: Option<AutoMtlsOff>,
    /// Whether the CA certificate that verifies the server cannot be used (S263).
    pub has_unusable_ca: bool,
}

/// The effective settings of a policy for one port (S61).
#[derive(Clone, Copy)]
struct Effective<'p> {
    tls: Option<&'p Tls>,
    is_passthrough: Option<bool>,
}

/// The effective settings for one port of the whole host: those of a policy for backends apply where the user's rule sets none, and its
/// entry for a port where the user's rule has none (S60, S262, S292).
fn at_port<'p>(user: &'p TrafficPolicy, fallback: Option<&'p TrafficPolicy>, port: u16) -> Effective<'p> {
    let entry = |policy: &'p TrafficPolicy| {
        let tls = policy.port_tls.get(&port)?;
        Some(Effective { tls: tls.as_ref(), is_passthrough: policy.port_passthrough.get(&port).copied().flatten() })
    };
    let whole = || Effective {
        tls: user.tls.as_ref().or_else(|| fallback?.tls.as_ref()),
        is_passthrough: user.is_passthrough.or_else(|| fallback?.is_passthrough),
    };
    entry(user).or_else(|| entry(fallback?)).unwrap_or_else(whole)
}

/// The effective settings for one port of a subset (S62).
fn at_subset<'p>(whole: Effective<'p>, subset: &'p TrafficPolicy, port: u16) -> Effective<'p> {
    match subset.port_tls.get(&port) {
        Some(tls) => Effective { tls: tls.as_ref(), is_passthrough: subset.port_passthrough.get(&port).copied().flatten() },
        None => Effective { tls: subset.tls.as_ref().or(whole.tls), is_passthrough: subset.is_passthrough.or(whole.is_passthrough) },
    }
}

/// The mode that decides about automatic mTLS per endpoint: the port's if it sets one, else that of the whole host (S64).
fn endpoint_tls_mode(policy: &TrafficPolicy, fallback: Option<&TrafficPolicy>, port: u16) -> Option<TlsMode> {
    let of_port = policy.port_tls.get(&port).or_else(|| fallback?.port_tls.get(&port)).and_then(|tls| tls.as_ref());
    of_port.or(policy.tls.as_ref()).or_else(|| fallback?.tls.as_ref()).map(|tls| tls.mode)
}

impl Cluster<'_> {
    /// The verdict of a call for which TLS with an unusable CA certificate is configured: a gateway's handshake fails, and it is not
    /// determined what a sidecar sends (S263). Tunnels have certificates of their own.
    #[must_use]
    pub fn with_usable_ca(&self, client: ClientKind, sent_as: SentAs, verdict: Verdict) -> Verdict {
        if !self.has_unusable_ca || sent_as == SentAs::Hbone {
            return verdict;
        }
        if client == ClientKind::Sidecar { Verdict::Unknown } else { Verdict::Fail(Failure::ServerIdentityRejected) }
    }
}

impl Indices<'_> {
    /// The rule in force for a client and a service.
    #[must_use]
    pub fn rule<'m>(&'m self, client: &Client<'_>, service: &Service<'_>) -> Option<RuleInForce<'m>> {
        self.rules().lookup(self.destination_rules(), &self.query(client, service))
    }

    /// The rule in force, followed by each rule that would be in force without those before it.
    #[must_use]
    pub fn candidate_rules<'m>(&'m self, client: &Client<'_>, service: &Service<'_>) -> Vec<RuleInForce<'m>> {
        self.rules().candidates(self.destination_rules(), &self.query(client, service))
    }

    fn query<'q>(&'q self, client: &'q Client<'_>, service: &'q Service<'_>) -> Query<'q> {
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        Query { root, client: &client.namespace, labels: &client.labels, service: &service.id.namespace, host: &service.host }
    }

    /// The cluster of a client for a destination in its scope.
    #[must_use]
    pub fn cluster<'m>(
        &'m self,
        client: &Client<'_>,
        to: Destination<'_>,
        subset: Option<&str>,
        endpoints: &[Endpoint<'_>],
    ) -> Cluster<'m> {
        self.cluster_by(self.rule(client, to.service), client, to, subset, endpoints)
    }

    /// The cluster that a client would have if this rule were in force.
    pub(in crate::mesh) fn cluster_by<'m>(
        &self,
        rule: Option<RuleInForce<'m>>,
        client: &Client<'_>,
        to: Destination<'_>,
        subset: Option<&str>,
        endpoints: &[Endpoint<'_>],
    ) -> Cluster<'m> {
        let port = to.port.number;
        let none = TrafficPolicy::default();
        let whole_policy = rule.as_ref().map_or(&none, |rule| rule.traffic_policy());
        let subset_rule = subset.and_then(|name| rule.as_ref().and_then(|rule| rule.subset(name)));
        let fallback = rule.as_ref().and_then(|rule| rule.fallback).map(|rule| &rule.policy);
        let whole = at_port(whole_policy, fallback, port);
        let effective = subset_rule.map_or(whole, |subset| at_subset(whole, &subset.policy, port));
        let is_passthrough_resolution = client.kind == ClientKind::Sidecar && to.service.resolution() == Resolution::Passthrough;
        let is_balanced_by_passthrough = whole.is_passthrough == Some(true) || effective.is_passthrough == Some(true);
        let is_original_dst = is_passthrough_resolution && !self.has_eds_for_headless(to)
            || is_balanced_by_passthrough && matches!(client.kind, ClientKind::Sidecar | ClientKind::Gateway);
        let top = subset_rule.map_or(whole_policy, |subset| &subset.policy);
        let inferred_off = || self.inferred_off(client, to, top.is_passthrough == Some(true), endpoints);
        let (tls, auto_mtls_off) = self.cluster_tls(client, to, rule.as_ref(), effective.tls, inferred_off);
        let of_subset = subset_rule.and_then(|subset| endpoint_tls_mode(&subset.policy, None, port));
        Cluster {
            configured: effective.tls.map(|tls| tls.mode),
            tls,
            is_original_dst,
            lacks_subset: subset.is_some() && subset_rule.is_none(),
            endpoint_tls_mode: of_subset.or_else(|| endpoint_tls_mode(whole_policy, fallback, port)),
            subject_alt_names: effective.tls.and_then(|tls| tls.subject_alt_names.clone()),
            service_names: to.service.subject_alt_names(&self.control_planes().of_revision(&client.revision).trust_domain),
            auto_mtls_off,
            has_unusable_ca: effective.tls.is_some_and(Tls::has_unusable_ca),
            rule,
        }
    }

    /// The rule and the field whose TLS settings decide for a port and a subset (S61, S62); `None` where no rule sets `tls`.
    #[must_use]
    pub fn deciding_field(&self, cluster: &Cluster<'_>, port: u16, subset: Option<&str>) -> Option<(Id, FieldPath)> {
        cluster.configured?;
        let rule = cluster.rule.as_ref()?;
        let own = subset.and_then(|name| rule.subsets.iter().find(|(_, subset)| subset.name == name));
        if let Some((from, subset)) = own
            && (subset.policy.port_tls.contains_key(&port) || subset.policy.tls.is_some())
        {
            let at = from.subsets.iter().position(|one| one.name == subset.name);
            return Some((from.id.clone(), from.mode_field(Some(port), at)));
        }
        let decides = rule.deciding(port)?;
        let of_port = decides.generated.as_ref().and_then(|generated| generated.by_port.get(&port));
        Some((of_port.unwrap_or(&decides.id).clone(), decides.mode_field(Some(port), None)))
    }

    fn has_eds_for_headless(&self, to: Destination<'_>) -> bool {
        to.service.is_kubernetes() && self.control_planes().istiod_env().eds_for_headless_services
    }

    /// Why istiod does not assume that the whole service accepts mTLS; `None` if it does (S70).
    fn inferred_off(
        &self,
        client: &Client<'_>,
        to: Destination<'_>,
        is_passthrough: bool,
        endpoints: &[Endpoint<'_>],
    ) -> Option<AutoMtlsOff> {
        if to.service.is_external() {
            return Some(AutoMtlsOff::External);
        }
        if to.service.resolution() == Resolution::Passthrough || is_passthrough {
            let mut registered = endpoints.iter().filter(|endpoint| endpoint.is_registered).peekable();
            if registered.peek().is_none() || registered.any(|endpoint| endpoint.tls_mode == "disabled") {
                return Some(AutoMtlsOff::Endpoints);
            }
        }
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        let mode = self.policies().decide(root, &to.service.id.namespace, &Labels::default()).mode(None).0;
        (mode == Mode::Disable).then_some(AutoMtlsOff::Policy)
    }

    fn cluster_tls(
        &self,
        client: &Client<'_>,
        to: Destination<'_>,
        rule: Option<&RuleInForce<'_>>,
        tls: Option<&Tls>,
        inferred_off: impl FnOnce() -> Option<AutoMtlsOff>,
    ) -> (ClusterTls, Option<AutoMtlsOff>) {
        let own_certificates = client.has_own_certificates(self) && !to.service.is_external();
        let mesh_mtls = if own_certificates { ClusterTls::Mutual } else { ClusterTls::IstioMutual };
        if client.kind == ClientKind::Proxyless {
            let is_mutual = tls.is_some_and(|tls| tls.mode == TlsMode::IstioMutual);
            return (if is_mutual { ClusterTls::IstioMutual } else { ClusterTls::Disable }, None);
        }
        let Some(tls) = tls else {
            let is_on = self.control_planes().of_revision(&client.revision).auto_mtls;
            let why = if is_on { inferred_off() } else { Some(AutoMtlsOff::Mesh) };
            let auto = if own_certificates { ClusterTls::Mutual } else { ClusterTls::Auto };
            return (if why.is_some() { ClusterTls::Disable } else { auto }, why);
        };
        let cannot_read_secret =
            tls.secret().is_some() && client.kind == ClientKind::Sidecar && !rule.is_some_and(RuleInForce::has_selector);
        let found = match tls.mode {
            TlsMode::Disable => ClusterTls::Disable,
            TlsMode::IstioMutual => mesh_mtls,
            TlsMode::Simple | TlsMode::Mutual if cannot_read_secret => ClusterTls::Disable,
            TlsMode::Simple => ClusterTls::Simple,
            TlsMode::Mutual if tls.credential_name.is_empty() && !tls.has_certificate && !own_certificates => ClusterTls::Invalid,
            TlsMode::Mutual => ClusterTls::Mutual,
        };
        (found, None)
    }

    /// Whether istiod keeps the endpoint's `tlsMode: istio` label for this client, so that automatic mTLS is used (S73). An
    /// endpoint of an entry is in the entry's namespace, whose policies count (S227).
    #[must_use]
    pub fn accepts_mtls(&self, client: &Client<'_>, endpoint_tls_mode: Option<TlsMode>, endpoint: &Endpoint<'_>) -> bool {
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        match endpoint_tls_mode {
            Some(TlsMode::IstioMutual) => endpoint.tls_mode == "istio",
            Some(TlsMode::Disable | TlsMode::Simple | TlsMode::Mutual) => false,
            None => {
                let mode = self.policies().decide(root, &endpoint.namespace, &endpoint.labels).mode(Some(endpoint.port)).0;
                endpoint.tls_mode == "istio" && mode != Mode::Disable
            }
        }
    }
}
