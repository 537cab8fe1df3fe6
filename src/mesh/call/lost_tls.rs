//! TLS settings that a rule removes from a port without setting others (S56, S61, S62, S64).

use super::verdict::{CallProperties, SentAs, Verdict};
use crate::{
    istio::{DestinationRule, Mode, Subset, Tls, TlsMode, TrafficPolicy},
    mesh::{Client, ClientClasses, Cluster, ClusterTls, Destination, Endpoint, Mesh, Port, Representative, RuleInForce, Service},
    object::{FieldPath, Id, Kind, Text},
};

/// TLS settings intended for a port that another setting overrides, so that the client sends something weaker or the call fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostTls {
    /// The rule and the field that override them.
    pub cause: (Id, FieldPath),
    /// The rule that contains them.
    pub from: Id,
    pub mode: TlsMode,
    /// Namespace of the clients; `None` means every namespace without rules of its own.
    pub clients: Option<Text>,
    /// Host and port of the service, and the subset; only the host if the service was not read.
    pub place: String,
    /// The result of the calls; plaintext if the service has no endpoints.
    pub verdict: Verdict,
    /// The mode in the rule that still excludes the endpoints from automatic mTLS (S64).
    pub endpoint_tls_mode: Option<TlsMode>,
}

/// All lost TLS settings.
pub(in crate::mesh) fn all(mesh: &Mesh<'_>) -> Vec<LostTls> {
    // If no rule sets TLS, none can be lost.
    if mesh.destination_rules().iter().all(|rule| rule.tls_settings().next().is_none()) {
        return Vec::new();
    }
    let client_classes = mesh.possible_client_classes();
    let known = mesh.registry().services().iter().filter(|service| service.is_called());
    let mut found: Vec<LostTls> = known.flat_map(|service| of_service(mesh, client_classes, service, true)).collect();
    for (id, ports) in unknown(mesh) {
        found.extend(of_service(mesh, client_classes, &Service::assumed(&id, ports, mesh.cluster_domain()), false));
    }
    found
}

/// Kubernetes Services that rules refer to and that were not read, with the ports to evaluate: those that the rules name, and port 80 for
/// all others.
fn unknown(mesh: &Mesh<'_>) -> Vec<(Id, Vec<Port>)> {
    let service = |rule: &DestinationRule| {
        let host = rule.resolved_host();
        let (name, namespace) = mesh.cluster_domain().service_part(&host)?.split_once('.')?;
        let is_unread_service = !name.contains('*') && !namespace.contains('.') && mesh.registry().at(&host).next().is_none();
        let policies = std::iter::once(&rule.policy).chain(rule.subsets.iter().map(|subset| &subset.policy));
        let mut ports: Vec<u16> = policies.flat_map(|policy| policy.port_tls.keys().copied()).chain([80]).collect();
        ports.sort_unstable();
        ports.dedup();
        is_unread_service.then(|| (Id::new(Kind::Service, namespace, name), ports.into_iter().map(Port::assumed).collect()))
    };
    let mut found: Vec<(Id, Vec<Port>)> = mesh.destination_rules().iter().filter_map(service).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

fn of_service(mesh: &Mesh<'_>, client_classes: &ClientClasses, service: &Service<'_>, is_read: bool) -> Vec<LostTls> {
    let exceptions = client_classes.exceptions(&mesh.indices, service);
    let mut found = Vec::new();
    for port in &service.ports {
        let representatives = if is_read {
            client_classes.representatives(&mesh.indices, service, port.number, &exceptions)
        } else {
            client_classes.representatives_of_unread(&mesh.indices, service, &exceptions)
        };
        for representative in &representatives {
            // Settings that a backend policy provides as defaults are not lost (S60).
            let Some(rule) = mesh.indices().rule(&representative.client, service).filter(|rule| rule.fallback.is_none()) else { continue };
            let probe = LostTlsProbe { mesh, representative, rule: &rule, to: Destination { service, port }, is_read };
            found.extend(probe.of_host());
            found.extend(rule.subsets.iter().filter_map(|(from, subset)| probe.of_subset(from, subset)));
        }
    }
    found
}

/// The effective TLS settings for a port of a host (S61).
fn tls_at(policy: &TrafficPolicy, port: u16) -> Option<&Tls> {
    policy.port_tls.get(&port).unwrap_or(&policy.tls).as_ref()
}

/// A class of clients, the rule in force for them, and a port of a service.
struct LostTlsProbe<'p, 'm> {
    mesh: &'p Mesh<'m>,
    representative: &'p Representative<'p>,
    rule: &'p RuleInForce<'p>,
    to: Destination<'p>,
    is_read: bool,
}

/// The intended settings, and the rule that would be in force if they applied.
struct IntendedTls<'r> {
    rule: RuleInForce<'r>,
    mode: TlsMode,
    from: &'r Id,
}

impl LostTlsProbe<'_, '_> {
    fn client(&self) -> &Client<'_> {
        &self.representative.client
    }

    /// Settings of the whole host that the port's entry removes (S61), or settings of a broader rule that this rule overrides (S56).
    fn of_host(&self) -> Option<LostTls> {
        let (policy, port) = (self.rule.policy, self.to.port.number);
        if tls_at(&policy.policy, port).is_some() {
            return None;
        }
        if let Some(tls) = &policy.policy.tls {
            let mut whole = policy.clone();
            whole.policy.port_tls.insert(port, Some(tls.clone()));
            let rule = RuleInForce { policy: &whole, ..self.rule.clone() };
            let at = policy.policy_field(Some(port), None);
            return self.lost_tls(None, &IntendedTls { rule, mode: tls.mode, from: &policy.id }, (policy.id.clone(), at));
        }
        let candidates = self.mesh.indices.candidate_rules(self.client(), self.to.service);
        let (rule, mode) = candidates.into_iter().skip(1).find_map(|rule| {
            let mode = tls_at(rule.traffic_policy(), port)?.mode;
            Some((rule, mode))
        })?;
        let from = &rule.policy.id;
        self.lost_tls(None, &IntendedTls { rule: rule.clone(), mode, from }, (policy.id.clone(), FieldPath::of("spec.trafficPolicy")))
    }

    /// Settings of the subset or of the host that the subset's entry for the port removes (S62).
    fn of_subset(&self, of: &DestinationRule, subset: &Subset) -> Option<LostTls> {
        let port = self.to.port.number;
        subset.policy.port_tls.get(&port).filter(|entry| entry.is_none())?;
        let own = subset.policy.tls.as_ref().map(|tls| (tls, &of.id));
        let (tls, from) = own.or_else(|| Some((tls_at(self.rule.traffic_policy(), port)?, &self.rule.policy.id)))?;
        let mut whole = subset.clone();
        whole.policy.port_tls.insert(port, Some(tls.clone()));
        let mut rule = self.rule.clone();
        rule.subsets.iter_mut().filter(|(_, one)| one.name == subset.name).for_each(|(_, one)| *one = &whole);
        let place = of.subsets.iter().position(|one| one.name == subset.name);
        let cause = (of.id.clone(), of.policy_field(Some(port), place));
        self.lost_tls(Some(subset), &IntendedTls { rule, mode: tls.mode, from }, cause)
    }

    /// The lost settings, if without them the client sends something weaker or the call fails.
    fn lost_tls(&self, subset: Option<&Subset>, intended: &IntendedTls<'_>, cause: (Id, FieldPath)) -> Option<LostTls> {
        let (mesh, client, to) = (self.mesh, self.client(), self.to);
        let endpoints = if self.is_read { mesh.endpoint_classes(to.service, to.port) } else { Vec::new() };
        let name = subset.map(|subset| subset.name.as_str());
        let cluster = mesh.indices.cluster_by(Some(self.rule.clone()), client, to, name, &endpoints);
        let intended_cluster = mesh.indices.cluster_by(Some(intended.rule.clone()), client, to, name, &endpoints);
        let is_in = |one: &&Endpoint<'_>| cluster.is_original_dst || subset.is_none_or(|subset| subset.labels.selects(&one.labels));
        let verdicts: Vec<Verdict> =
            endpoints.iter().filter(is_in).filter_map(|one| self.lost_verdict(&cluster, &intended_cluster, one)).collect();
        let fails = verdicts.iter().find(|verdict| matches!(verdict, Verdict::Fail(_)));
        let verdict = if endpoints.is_empty() {
            self.lost_verdict_without_endpoints(&cluster, &intended_cluster)
        } else {
            fails.or(verdicts.first()).copied()
        };
        let endpoint_tls_mode = cluster.endpoint_tls_mode.filter(|mode| cluster.tls == ClusterTls::Auto && *mode != TlsMode::IstioMutual);
        verdict.map(|verdict| LostTls {
            cause,
            from: intended.from.clone(),
            mode: intended.mode,
            clients: self.representative.namespace.clone(),
            place: self.place(subset),
            verdict,
            endpoint_tls_mode,
        })
    }

    /// The verdict of calls to an endpoint, if they would be better with the lost settings.
    fn lost_verdict(&self, cluster: &Cluster<'_>, intended_cluster: &Cluster<'_>, endpoint: &Endpoint<'_>) -> Option<Verdict> {
        let (mesh, client) = (self.mesh, self.client());
        let is_app_tls = mesh.indices.sends_app_tls(client, &self.to.service.host, self.to.port);
        let call = CallProperties { is_app_tls, ..CallProperties::of(client.kind) };
        let [(sent, now), (intended, then)] = [cluster, intended_cluster].map(|cluster| {
            let sent_as = mesh.sent_as(client, Some(cluster), endpoint, is_app_tls);
            (sent_as, mesh.evaluate(endpoint, sent_as, call))
        });
        let works = then.is_certain && !matches!(then.verdict, Verdict::Fail(_));
        let fails = matches!(now.verdict, Verdict::Fail(_));
        (works && (fails || strength(sent) < strength(intended))).then_some(now.verdict)
    }

    /// The same if no endpoint is known. If the namespace's mode is DISABLE, mTLS would fail, so its absence is no loss.
    fn lost_verdict_without_endpoints(&self, cluster: &Cluster<'_>, intended_cluster: &Cluster<'_>) -> Option<Verdict> {
        let is_weaker = cluster_strength(cluster.tls) < cluster_strength(intended_cluster.tls);
        let is_disabled = || self.mesh.namespace_mode(&self.to.service.id.namespace).mode == Mode::Disable;
        (is_weaker && (intended_cluster.tls == ClusterTls::Simple || !is_disabled())).then_some(Verdict::Plaintext)
    }

    fn place(&self, subset: Option<&Subset>) -> String {
        let (host, port) = (&self.to.service.host, self.to.port.number);
        let subset = subset.map(|subset| format!(" subset {}", subset.name)).unwrap_or_default();
        if self.is_read { format!("{host}:{port}{subset}") } else { format!("{host}{subset}") }
    }
}

/// Strength of what is sent: 0 plaintext, 1 one-way TLS, 2 mutual TLS.
fn strength(sent_as: SentAs) -> u8 {
    match sent_as {
        SentAs::Plaintext => 0,
        SentAs::Tls | SentAs::AppTls => 1,
        SentAs::Mtls | SentAs::CustomMtls | SentAs::Hbone => 2,
    }
}

/// The same for a cluster; automatic mTLS counts as mutual TLS.
fn cluster_strength(tls: ClusterTls) -> u8 {
    match tls {
        ClusterTls::Disable | ClusterTls::Invalid => 0,
        ClusterTls::Simple => 1,
        ClusterTls::Auto | ClusterTls::Mutual | ClusterTls::IstioMutual => 2,
    }
}

impl Mesh<'_> {
    /// TLS settings that a rule removes from a port, where that makes calls weaker or fail.
    #[must_use]
    pub fn lost_tls_settings(&self) -> Vec<LostTls> {
        all(self)
    }
}
