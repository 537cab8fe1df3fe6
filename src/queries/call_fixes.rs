//! Fixes for a call in this configuration, over mTLS if both sides support it; the least intrusive fix first.

use std::{cell::OnceCell, collections::BTreeSet};

use super::{
    entry_advice::{corrected_declaration, declaration},
    reach::{CallAnswer, CallQuestion, CallTarget, EndpointAnswer, service_of},
};
use crate::{
    istio::{EntryResolution, Mode, PodSpec, Protocol, ProtocolClass},
    mesh::{
        Acceptance, AutoMtlsOff, ClientKind, Dataplane, Failure, Instance, InternalLocation, Mesh, RouteTarget, SentAs, Service,
        ServiceSource, TLS_MODE, Verdict, Workload, resolve_alias,
    },
    object::{Edit, FieldPath, Id, Kind},
};

/// The fixes for a call; empty if every endpoint is reached over mTLS, or if the result is unknown.
#[must_use]
pub fn call_fixes(mesh: &Mesh<'_>, question: &CallQuestion<'_>, answer: &CallAnswer<'_>) -> Vec<String> {
    if answer.unread.is_some() {
        return Vec::new();
    }
    let fixes = CallFixes { mesh, question, answer, block: OnceCell::new() };
    let mut found = match answer.failure {
        Some(Failure::UnknownDestination) => fixes.fix_refused_host(),
        Some(Failure::NothingThere) => fixes.fix_alias(),
        Some(_) => fixes.fix_missing_cluster(),
        None => Vec::new(),
    };
    for reached in &answer.endpoints {
        for one in fixes.fix_endpoint(reached) {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

struct CallFixes<'a, 'm> {
    mesh: &'a Mesh<'m>,
    question: &'a CallQuestion<'m>,
    answer: &'a CallAnswer<'m>,
    /// The fix of the block that decides, computed once for all endpoints.
    block: OnceCell<String>,
}

impl CallFixes<'_, '_> {
    fn fix_refused_host(&self) -> Vec<String> {
        vec![
            format!(
                "make {} visible to the client: add it to `egress.hosts` in its Sidecar resource, or create a ServiceEntry",
                self.host_and_port()
            ),
            "or set `outboundTrafficPolicy.mode: ALLOW_ANY`, which sends the call in plaintext".into(),
        ]
    }

    /// The target of an alias, or its port, does not exist (S245).
    fn fix_alias(&self) -> Vec<String> {
        if let Some(to) = self.answer.destination.filter(|to| !to.service.is_kubernetes()) {
            let what = format!(
                "correct the endpoints of {}: nothing has the name and port that it sends calls of port {} to",
                to.service.id, to.port.number
            );
            return vec![what];
        }
        if self.mesh.allocated_at(&self.answer.host).next().is_some() {
            return vec!["call the host of the entry, whose address only proxies that capture DNS know".into()];
        }
        let find = |host: &str| self.mesh.registry().at(host).next();
        let Some(target) = resolve_alias(&self.answer.host, &find) else {
            return vec![format!("correct `externalName` of {}, or create the Service that it names", self.answer.host)];
        };
        let ports: Vec<String> = target.ports.iter().map(|port| format!("{}:{}", self.answer.host, port.number)).collect();
        let call = (!ports.is_empty()).then(|| format!("call a port of the target: {}", ports.join(", ")));
        call.into_iter().chain([format!("or add port {} to {}", self.question.port, target.id)]).collect()
    }

    fn fix_missing_cluster(&self) -> Vec<String> {
        let rule = self.answer.client.cluster.as_ref().and_then(|cluster| cluster.rule.as_ref());
        let missing = self.answer.routed_to.iter().find_map(|target| target.subset.as_ref()).map(ToString::to_string);
        match (self.question.subset.as_ref().or(missing.as_ref()), rule) {
            (Some(subset), Some(rule)) => {
                let known: Vec<&str> = rule.subsets.iter().map(|(_, subset)| subset.name.as_str()).collect();
                let known = if known.is_empty() { "it defines none".into() } else { format!("it defines {}", known.join(", ")) };
                vec![format!("define subset {subset} in {}: {known}", rule.policy.id)]
            }
            (Some(subset), None) => vec![format!("define subset {subset} in a DestinationRule that is visible to the client")],
            (None, _) if self.answer.routed_to.is_empty() => {
                vec![format!("make {} visible to the client: check its exportTo", self.host_and_port())]
            }
            (None, _) => self.answer.routed_to.iter().filter_map(|target| self.fix_destination(target)).collect(),
        }
    }

    /// Fixes a route's destination without a cluster (S52, S223, S237); `None` if it has one.
    fn fix_destination(&self, target: &RouteTarget) -> Option<String> {
        let (mesh, host, port) = (self.mesh, &target.host, target.port);
        if mesh.indices().destination(&self.question.from, host, port).is_some() {
            return None;
        }
        let services: Vec<&Service<'_>> = mesh.registry().at(host).collect();
        if let (Some(named), true) = (mesh.headless_pod(host), services.is_empty()) {
            let service = &named.service.host;
            return Some(format!("route to {service} instead of {host}: the name of a pod is no service, and has no cluster (S223)"));
        }
        if services.is_empty() {
            let whole = mesh.cluster_domain().of_any_client(host).filter(|whole| mesh.registry().at(whole).next().is_some());
            return Some(match whole {
                Some(whole) => format!("write {whole} in the route: Istio completes only names without a dot (S52)"),
                None => format!("correct the destination {host}:{port} of the route: no object that was read has this host"),
            });
        }
        if services.iter().any(|service| !service.is_called()) {
            return Some(format!("route to the target of {host} instead of the alias (S333)"));
        }
        let known: Vec<String> = services.iter().flat_map(|service| &service.ports).map(|port| port.number.to_string()).collect();
        if known.contains(&port.to_string()) {
            return Some(format!("make {host}:{port} visible to the client: check its exportTo, and its Sidecar resource"));
        }
        Some(format!("set `port` of the destination {host} in the route to one that it has ({})", known.join(", ")))
    }

    fn fix_endpoint(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        if reached.is_double_tls()
            && matches!(reached.evaluation.verdict, Verdict::Fail(Failure::TlsToPlaintext | Failure::NonHttpToHttpPort))
        {
            return self.fix_double_tls();
        }
        match (reached.evaluation.verdict, reached.sent_as) {
            (Verdict::Tls, SentAs::AppTls) | (Verdict::Fail(Failure::NonHttpToHttpPort), _) => self.fix_scheme(reached),
            (Verdict::Tls, _) => self.fix_rule().into_iter().collect(),
            (Verdict::Plaintext, _) => self.fix_plaintext(reached),
            (Verdict::Fail(Failure::HboneRequired), SentAs::Mtls) => remove_tls_mode_label(reached),
            (Verdict::Fail(Failure::PlaintextToStrictNoEnvoy | Failure::PlaintextToStrictEnvoy | Failure::HboneRequired), _) => {
                self.fix_refused_plaintext(reached)
            }
            (Verdict::Fail(Failure::TlsToPlaintext), _) => self.fix_unexpected_tls(reached),
            (Verdict::Fail(Failure::TlsWithoutMeshCertificate | Failure::ForeignTlsToPermissiveHttp), _) => self.fix_foreign_tls(reached),
            (Verdict::Fail(Failure::ServerIdentityRejected), _) => self.fix_identity(reached),
            (Verdict::Fail(Failure::NoEndpoint), _) => {
                vec!["remove the label networking.istio.io/tunnel from workloads that accept no tunnels".into()]
            }
            (Verdict::Fail(Failure::ServerFirstOnPermissive), _) => vec![
                "call it from clients with a proxy, and set STRICT for the port".into(),
                format!(
                    "or set DISABLE for port {} in a PeerAuthentication, if clients must keep sending plaintext",
                    reached.endpoint.port
                ),
            ],
            (Verdict::Fail(Failure::PlaintextToTls), _) => self.fix_plaintext_to_tls(reached),
            (
                Verdict::Mtls | Verdict::Unknown | Verdict::Fail(Failure::UnknownDestination | Failure::NoCluster | Failure::NothingThere),
                _,
            ) => Vec::new(),
        }
    }

    /// Fixes for what keeps the client from sending mTLS; empty if there is nothing to fix for the client.
    fn fix_client(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        if let Some(rule) = self.fix_rule() {
            return vec![rule];
        }
        match (self.question.from.kind, &self.answer.client.cluster) {
            (ClientKind::None, _) => vec![self.fix_client_outside()],
            (ClientKind::Ambient | ClientKind::Waypoint, _) if !reached.endpoint.found_by.is_joined() => self.fix_unjoined_tunnel(reached),
            (ClientKind::Ambient | ClientKind::Waypoint, _) => accept_hbone(reached),
            (ClientKind::Proxyless, _) => {
                vec![format!("set ISTIO_MUTUAL in a DestinationRule for {}: gRPC without a proxy has no automatic mTLS", self.answer.host)]
            }
            (ClientKind::Sidecar | ClientKind::Gateway, None) => vec![self.fix_bypassed_proxy()],
            (ClientKind::Sidecar | ClientKind::Gateway, Some(cluster)) => match cluster.auto_mtls_off {
                Some(off) => vec![self.fix_auto_off(off)],
                None => self.set_tls_mode_label(reached),
            },
        }
    }

    fn fix_plaintext(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        match reached.endpoint.server {
            None => Vec::new(),
            Some((workload, instance)) if instance.is_machine_without_identity() => vec![format!(
                "run a proxy on the machine, and add `serviceAccount`, or the label {TLS_MODE}=istio, to {}",
                workload.subject
            )],
            Some((workload, instance)) if instance.dataplane == Dataplane::None => {
                vec![format!("{}, so that it can accept mTLS", enrol(workload, instance))]
            }
            Some((_, instance)) if instance.dataplane == Dataplane::Gateway => Vec::new(),
            Some((workload, instance)) if !instance.capture.captures(reached.endpoint.port) => {
                vec![format!("configure the proxy of {} to capture port {}", workload.subject, reached.endpoint.port)]
            }
            Some(_) => self.fix_client(reached),
        }
    }

    fn fix_refused_plaintext(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let mut found = self.fix_client(reached);
        let or = if found.is_empty() { "" } else { "or " };
        if let Some((workload, _)) = reached.endpoint.server {
            let namespace = &workload.subject.namespace;
            let port = reached.endpoint.port;
            found.push(format!("{or}make port {port} of {} accept plaintext too: set `portLevelMtls` {port} to PERMISSIVE in a PeerAuthentication of namespace {namespace} that selects it", workload.subject));
        }
        found
    }

    /// The server only accepts TLS. A proxy of the server that requires mTLS refuses TLS that the client's proxy originates, and carries TLS
    /// of the application inside mTLS (S236, S239, S241).
    fn fix_plaintext_to_tls(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let routed = self.answer.routed_to.first();
        let (host, port) = routed.map_or((self.answer.host.as_str(), self.question.port), |to| (to.host.as_str(), to.port));
        let originate = format!("originate TLS in the client's proxy: set SIMPLE for port {port} in a DestinationRule for {host}");
        let pass = if self.question.from.kind == ClientKind::Gateway {
            "let the TLS of the gateway's clients pass: a server with mode PASSTHROUGH in the Gateway, and a `tls` route".to_owned()
        } else {
            format!("make the application itself send TLS to {host}:{port}")
        };
        match reached.evaluation.acceptance {
            Acceptance::Sidecar(Mode::Strict, _) | Acceptance::ProxylessTls => vec![pass],
            Acceptance::Sidecar(_, ProtocolClass::Http) => {
                vec![pass, format!("in either case declare TLS for port {port}: a name that begins with https, or `appProtocol: https`")]
            }
            Acceptance::Sidecar(..)
            | Acceptance::AmbientStrict
            | Acceptance::AmbientPermissive
            | Acceptance::Uncaptured
            | Acceptance::NoProxy
            | Acceptance::SidecarIngressTls(_)
            | Acceptance::Gateway(_)
            | Acceptance::Waypoint
            | Acceptance::ProxylessPlain => {
                if self.question.from.kind.has_rules() {
                    vec![originate, format!("or {pass}")]
                } else {
                    vec![pass]
                }
            }
        }
    }

    /// One of the two sides has to stop originating TLS (S241).
    fn fix_double_tls(&self) -> Vec<String> {
        let rule = self.deciding_field();
        let rule =
            rule.map(|(rule, field)| format!("or remove `{}` from {rule}, and let the application's own TLS pass", tls_block(&field)));
        let plain = "make the application send HTTP to a port that declares HTTP (its `targetPort` may be the TLS port): the client's proxy then adds the only TLS".to_owned();
        std::iter::once(plain).chain(rule).collect()
    }

    /// Removes the TLS settings of the rule that decides.
    fn fix_rule(&self) -> Option<String> {
        let (rule, field) = self.deciding_field()?;
        if self.answer.destination.is_some_and(|to| to.service.is_external()) {
            return None;
        }
        if rule.kind == Kind::BackendTLSPolicy {
            return Some(format!(
                "{rule} applies to all clients with an Envoy: for clients in the mesh, create a DestinationRule for the host in namespace {}, with \
                 `exportTo: [\"*\"]` and ISTIO_MUTUAL, which is applied instead of it",
                rule.namespace
            ));
        }
        if self.serves_tls() {
            return Some(format!(
                "if the application terminates this TLS itself, set PERMISSIVE for the workload's port in `portLevelMtls`; otherwise remove `{}` \
                 from {rule}, so that automatic mTLS decides",
                tls_block(&field)
            ));
        }
        Some(self.block.get_or_init(|| self.fix_block(&rule, &field)).clone())
    }

    /// Removes the block if automatic mTLS then decides; `ISTIO_MUTUAL` only if that is not enough and every server accepts it.
    fn fix_block(&self, rule: &Id, mode: &FieldPath) -> String {
        let block = tls_block(mode);
        let at: FieldPath = mode.steps().filter(|step| *step != "mode").collect();
        let is_harmless = |edit: &Edit| {
            let change = self.mesh.rule_change(rule, edit).unwrap_or_default();
            change.broken.or(change.weakened).or(change.unfixed).is_none()
        };
        if is_harmless(&Edit::RemoveTls { at: at.clone() }) {
            format!("remove `{block}` from {rule}, so that automatic mTLS decides")
        } else if is_harmless(&Edit::SetIstioMutual { at }) {
            format!("set `mode: ISTIO_MUTUAL`, and nothing else, in `{block}` of {rule}: automatic mTLS does not apply here")
        } else {
            format!(
                "remove `{block}` from {rule}, so that automatic mTLS decides, after a change of the servers for which this alone is not enough \
                 (kubectl mtls analyze shows them)"
            )
        }
    }

    /// Whether the port declares TLS, so that the application most likely terminates it.
    fn serves_tls(&self) -> bool {
        self.answer.destination.is_some_and(|to| to.port.protocol == Protocol::Tls)
    }

    fn deciding_field(&self) -> Option<(Id, FieldPath)> {
        let cluster = self.answer.client.cluster.as_ref()?;
        let route = self.answer.routed_to.first();
        let subset = route.map_or(self.question.subset.as_deref(), |target| target.subset.as_deref());
        self.mesh.indices().deciding_field(cluster, route.map_or(self.question.port, |target| target.port), subset)
    }

    fn fix_client_outside(&self) -> String {
        match self.question.from.instance {
            Some((workload, instance)) => enrol(workload, instance),
            None if self.question.from.namespace.is_empty() => format!("call {} through a gateway of the mesh", self.answer.host),
            None => format!("add the client in namespace {} to the mesh", self.question.from.namespace),
        }
    }

    /// Fixes a call that the client's proxy passes on unchanged.
    fn fix_bypassed_proxy(&self) -> String {
        match &self.question.to {
            CallTarget::Pods(workload, _) => match service_of(self.mesh, workload, None) {
                Some(service) => format!("call its Service {} instead of the address of a pod", service.host),
                None => format!("create a Service for {} and call it instead of the address of a pod", workload.subject),
            },
            CallTarget::Host(host) if let Some(fix) = self.fix_lost_port(host) => fix,
            CallTarget::Host(_) => format!(
                "make {} visible to the client: check its Sidecar resource, exportTo, and what its annotations exclude from capture",
                self.host_and_port()
            ),
        }
    }

    /// Fixes a call at a port for which the client's proxy has nothing, because a headless Service, or an entry that hides the Service, lacks it.
    fn fix_lost_port(&self, host: &str) -> Option<String> {
        let (mesh, port) = (self.mesh, self.question.port);
        let named = mesh.headless_pod(host).map(|named| named.service);
        let service = named.or_else(|| mesh.registry().kubernetes(host))?;
        if service.is_headless() && service.port(port).is_none() {
            return Some(format!(
                "add port {port} to {}: clients call its pods at this number, and have no listener for it (S291)",
                service.id
            ));
        }
        let entry = mesh.indices().visible_service(&self.question.from, host, port).filter(|seen| !seen.is_kubernetes())?;
        let is_lost = service.port(port).is_some() && entry.port(port).is_none();
        is_lost.then(|| format!("delete {}, which hides {} from this client, or add port {port} to it", entry.id, service.id))
    }

    fn fix_auto_off(&self, off: AutoMtlsOff) -> String {
        let host = &self.answer.host;
        match off {
            AutoMtlsOff::Mesh => format!("set `enableAutoMtls: true` for the mesh, or ISTIO_MUTUAL in a DestinationRule for {host}"),
            AutoMtlsOff::External => self.fix_external(host),
            AutoMtlsOff::Policy => match self.answer.destination.map(|to| &to.service.id.namespace) {
                Some(namespace) => {
                    format!(
                        "set PERMISSIVE instead of DISABLE in the policy that applies to namespace {namespace}: automatic mTLS depends on its mode"
                    )
                }
                None => "set PERMISSIVE instead of DISABLE in the policy that applies to the namespace: automatic mTLS depends on its mode"
                    .into(),
            },
            AutoMtlsOff::Endpoints if self.calls_dialled_entry() => format!(
                "call the Service of these pods, or set ISTIO_MUTUAL in a DestinationRule for {host}: with resolution NONE clients send \
                 plaintext to the address that they dial, whatever accepts mTLS there (S224)"
            ),
            AutoMtlsOff::Endpoints => format!("add every pod behind {host} to the mesh: otherwise none of them gets mTLS"),
        }
    }

    /// Whether istiod has no endpoints for the entry that is called.
    fn calls_dialled_entry(&self) -> bool {
        let Some(to) = self.answer.destination else { return false };
        matches!(to.service.source, ServiceSource::Entry(body) if body.resolution == EntryResolution::None && body.selector().is_none())
    }

    fn fix_external(&self, host: &str) -> String {
        let entry = self.answer.destination.map(|to| to.service.id);
        match entry.map(|entry| self.mesh.internal_location(entry)) {
            Some(InternalLocation::Undeclared | InternalLocation::NoEndpoints) => {
                format!(
                    "delete the ServiceEntry of {host} and call the Service of its servers: it has no endpoint that declares its identity"
                )
            }
            Some(InternalLocation::DialledAddress) => {
                format!(
                    "delete the ServiceEntry of {host} and call the Service of its servers: with resolution NONE clients send plaintext to the \
                     address that they dial, whatever the location is"
                )
            }
            Some(InternalLocation::OtherIdentity(identities)) => {
                let declaration = corrected_declaration(&identities, "its endpoint").map(|fix| format!(", and {fix}")).unwrap_or_default();
                format!("set `location: MESH_INTERNAL` in the ServiceEntry of {host}{declaration}")
            }
            Some(InternalLocation::Rejected(endpoint)) => {
                format!("set `location: MESH_INTERNAL` in the ServiceEntry of {host}, after {endpoint} accepts mTLS")
            }
            Some(InternalLocation::Safe) | None => format!("set `location: MESH_INTERNAL` in the ServiceEntry of {host}"),
        }
    }

    /// Fixes TLS to a port that expects none.
    fn fix_unexpected_tls(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        if let Some((rule, field)) = self.deciding_field() {
            return vec![format!("remove `{}` from {rule}, so that automatic mTLS decides for each endpoint", tls_block(&field))];
        }
        let Some((workload, instance)) = reached.endpoint.server else { return Vec::new() };
        let port = reached.endpoint.port;
        match instance.dataplane {
            Dataplane::Sidecar if self.is_by_address() && !instance.capture.captures(port) => vec![
                format!(
                    "set DISABLE for port {port} in a DestinationRule for {}: clients that connect to the address of a pod ignore its policy",
                    self.answer.host
                ),
                format!(
                    "or exclude the port for outbound traffic of the clients too: `traffic.sidecar.istio.io/excludeOutboundPorts: \"{port}\"`"
                ),
                format!("or configure the sidecar of {} to capture port {port}", workload.subject),
            ],
            Dataplane::Sidecar if !instance.capture.captures(port) => vec![
                format!("configure the sidecar of {} to capture port {port}", workload.subject),
                format!(
                    "or declare that the port accepts no mTLS: set `portLevelMtls` {port} to DISABLE in a PeerAuthentication that selects it"
                ),
            ],
            Dataplane::Sidecar => vec![format!(
                "set PERMISSIVE instead of DISABLE for {}: clients that call the address of a pod ignore its policy",
                workload.subject
            )],
            Dataplane::None | Dataplane::Proxyless | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Ambient => {
                remove_tls_mode_label(reached)
            }
        }
    }

    fn is_by_address(&self) -> bool {
        self.answer.client.cluster.as_ref().is_some_and(|cluster| cluster.is_original_dst)
    }

    /// Fixes TLS without the mesh's certificate.
    fn fix_foreign_tls(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        if reached.sent_as != SentAs::AppTls {
            return self.fix_rule().into_iter().collect();
        }
        let mut found = self.fix_scheme(reached);
        if matches!(reached.evaluation.verdict, Verdict::Fail(Failure::ForeignTlsToPermissiveHttp)) {
            found.push(
                "or declare the protocol that the port carries: a name that begins with https or tls, or `appProtocol: https`".into(),
            );
        }
        found
    }

    fn fix_scheme(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let port = self.question.port;
        if matches!(reached.evaluation.verdict, Verdict::Fail(Failure::NonHttpToHttpPort)) {
            return vec![format!("declare the protocol that port {port} carries (tcp, https), or make the client send HTTP")];
        }
        if self.question.from.kind == ClientKind::None {
            return Vec::new();
        }
        vec!["make the application send plaintext to its own proxy, which adds mTLS".into()]
    }

    fn fix_identity(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let server = reached.endpoint.server.map_or_else(|| "the server".into(), |(workload, _)| workload.subject.to_string());
        let names = self.answer.client.cluster.as_ref().and_then(|cluster| cluster.subject_alt_names.as_ref());
        match (names, self.deciding_field()) {
            (Some(_), Some((rule, field))) => {
                vec![format!("add the identity of {server} to `{}.subjectAltNames` of {rule}", tls_block(&field))]
            }
            _ if !reached.endpoint.found_by.is_joined() => {
                let identities = BTreeSet::from([self.mesh.entry_identity(&reached.endpoint)]);
                let declaration = corrected_declaration(&identities, &self.declared_at());
                std::iter::once("call the Service of these pods itself".to_owned())
                    .chain(declaration.map(|declaration| format!("or {declaration}")))
                    .collect()
            }
            _ => vec![format!("make the service declare the identity of {server}: check its service accounts and trust domain")],
        }
    }

    fn set_tls_mode_label(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let Some((workload, instance)) = reached.endpoint.server else { return Vec::new() };
        if !reached.endpoint.found_by.is_joined() {
            // What the pod behind an address or a name declares has no effect on the endpoint (S225, S228).
            let call = "call the Service of these pods itself".to_owned();
            if self.is_in_slice(reached) {
                return vec![call, format!("or {}", add_target(reached, ""))];
            }
            if self
                .answer
                .destination
                .is_some_and(|to| matches!(to.service.source, ServiceSource::Entry(body) if body.endpoints().len() == 0))
            {
                return vec![call, format!("or set ISTIO_MUTUAL in a DestinationRule for {}", self.answer.host)];
            }
            let identities = BTreeSet::from([self.mesh.entry_identity(&reached.endpoint)]);
            let declaration = declaration(&identities, &self.declared_at());
            return std::iter::once(call).chain(declaration.map(|declaration| format!("or {declaration}"))).collect();
        }
        if instance.dataplane == Dataplane::Sidecar && reached.endpoint.tls_mode != "istio" {
            return vec![format!("set the label {TLS_MODE}=istio on {}, which declares that it accepts mTLS", workload.subject)];
        }
        Vec::new()
    }

    /// Fixes for ztunnel, to which the endpoint is an address without HBONE (S211, S230).
    fn fix_unjoined_tunnel(&self, reached: &EndpointAnswer<'_>) -> Vec<String> {
        let own = accept_hbone(reached);
        let and = own.first().map(|fix| format!(", and {fix}")).unwrap_or_default();
        let call = format!("call the Service of these pods itself{and}");
        if self.is_in_slice(reached) {
            return vec![call, format!("or {}{and}", add_target(reached, " and its `uid`"))];
        }
        vec![call]
    }

    /// Whether the endpoint is an address in an `EndpointSlice`: a machine has the labels that the Service selects.
    fn is_in_slice(&self, reached: &EndpointAnswer<'_>) -> bool {
        let named = || self.mesh.registry().kubernetes(&self.answer.host);
        let service = self.answer.destination.map(|to| to.service).or_else(named);
        reached.endpoint.labels.is_empty() && service.is_some_and(|service| !self.mesh.slices_of(service).is_empty())
    }

    /// Where the endpoint is declared that istiod does not join with its server.
    fn declared_at(&self) -> String {
        match self.answer.destination {
            Some(to) if matches!(to.service.source, ServiceSource::Entry(body) if body.selector().is_none()) => {
                format!("the endpoint of {}", to.service.id)
            }
            Some(_) | None => "the WorkloadEntry that has its address".to_owned(),
        }
    }

    fn host_and_port(&self) -> String {
        format!("{}:{}", self.answer.host, self.question.port)
    }
}

/// The block of TLS settings that contains the mode.
fn tls_block(mode: &FieldPath) -> String {
    let path = mode.to_string();
    path.strip_suffix(".mode").unwrap_or(&path).to_owned()
}

fn enrol(workload: &Workload<'_>, instance: &Instance<'_>) -> String {
    if instance.spec.is_some_and(PodSpec::is_on_host_network) {
        return format!("move {} off the host network, where it cannot have a proxy", workload.subject);
    }
    format!("add {} to the mesh", workload.subject)
}

/// The reference with which istiod finds the pod of an address in a slice.
fn add_target(reached: &EndpointAnswer<'_>, besides: &str) -> String {
    let endpoint = &reached.endpoint;
    let pod = endpoint.pod.zip(endpoint.server).map(|(pod, (workload, _))| format!("{}/{pod}", workload.subject.namespace));
    format!(
        "add a `targetRef` of kind Pod with the namespace and name of {}{besides} to the endpoint in the EndpointSlice",
        pod.unwrap_or_else(|| "the pod".into())
    )
}

fn accept_hbone(reached: &EndpointAnswer<'_>) -> Vec<String> {
    match reached.endpoint.server {
        Some((workload, instance)) if instance.dataplane == Dataplane::Sidecar => vec![format!(
            "enable HBONE in the sidecar of {}: set `proxyMetadata` ISTIO_META_ENABLE_HBONE to \"true\" in its proxy.istio.io/config, and recreate its pods",
            workload.subject
        )],
        Some(_) | None => Vec::new(),
    }
}

fn remove_tls_mode_label(reached: &EndpointAnswer<'_>) -> Vec<String> {
    let Some((workload, _)) = reached.endpoint.server else { return Vec::new() };
    if !reached.endpoint.found_by.is_joined() {
        return vec![format!(
            "remove the label {TLS_MODE} and `serviceAccount` from the endpoint: {} does not accept such mTLS",
            workload.subject
        )];
    }
    if reached.endpoint.tls_mode != "istio" {
        return vec![
            "let the client's proxy choose the endpoint, which it then calls over HBONE: use neither PASSTHROUGH nor a headless Service"
                .into(),
        ];
    }
    vec![format!("remove the label {TLS_MODE} from {}: its data plane does not accept such mTLS", workload.subject)]
}
