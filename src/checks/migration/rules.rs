//! The texts and example manifests of the migration rules.

use crate::{
    checks::{Rule, Severity},
    object::Kind,
};

pub(super) static CLIENT_WITHOUT_PROXY: Rule = Rule {
    id: "MTLS401",
    name: "client-without-proxy",
    severity: Severity::Error,
    summary: "A workload without a proxy may call the target, and its calls fail once the target is STRICT.",
    why: "It sends plaintext, or TLS of its own, and a STRICT port accepts only mesh mTLS: clients see a connection reset or a TLS \
          alert. Whether it calls is not in the configuration; traffic evidence shows it.",
    fix: "Bring the client into the mesh, or set PERMISSIVE for the ports that it calls in `portLevelMtls` until then.",
    bad: include_str!("client_without_proxy.bad.yaml"),
    good: include_str!("client_without_proxy.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S191"],
};

pub(super) static HOST_NETWORK_CLIENT: Rule = Rule {
    id: "MTLS402",
    name: "host-network-client",
    severity: Severity::Error,
    summary: "A pod on the host network may call the target, and its calls fail once the target is STRICT.",
    why: "A pod on the host network has no proxy, whatever its labels. Its calls to an ambient target work from the same node and \
          fail from other nodes.",
    fix: "Remove `hostNetwork` from the pod, route its calls through a gateway, or set PERMISSIVE for the ports that it calls in \
          `portLevelMtls`.",
    bad: include_str!("host_network_client.bad.yaml"),
    good: include_str!("host_network_client.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S192", "S35", "S120"],
};

pub(super) static PROBE_NOT_REWRITTEN: Rule = Rule {
    id: "MTLS403",
    name: "probe-not-rewritten",
    severity: Severity::Error,
    summary: "A kubelet probe goes to an application port and fails if that port is STRICT.",
    why: "The kubelet is not in the mesh. If injection does not rewrite probes, an HTTP or gRPC probe is rejected, and the pod is \
          restarted or never becomes ready.",
    fix: "Let injection rewrite probes (`sidecar.istio.io/rewriteAppHTTPProbers: \"true\"`), or set PERMISSIVE for the probe's port in \
          `portLevelMtls`.",
    bad: include_str!("probe_not_rewritten.bad.yaml"),
    good: include_str!("probe_not_rewritten.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S193", "S182", "S186"],
};

pub(super) static SCRAPED_APPLICATION_PORT: Rule = Rule {
    id: "MTLS404",
    name: "scraped-application-port",
    severity: Severity::Error,
    summary: "Prometheus scrapes an application port, and scraping fails if that port is STRICT.",
    why: "A scrape of the pod's address is plaintext, even from a Prometheus with a sidecar. The merged metrics on port 15020 are \
          not affected.",
    fix: "Let Istio merge the metrics, mount mesh certificates into Prometheus, or set PERMISSIVE for the port in `portLevelMtls`.",
    bad: include_str!("scraped_application_port.bad.yaml"),
    good: include_str!("scraped_application_port.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::ServiceMonitor, Kind::PodMonitor],
    aka: &[],
    see: &["S194", "S189", "S190"],
};

pub(super) static WEBHOOK_BACKEND: Rule = Rule {
    id: "MTLS405",
    name: "webhook-backend",
    severity: Severity::Error,
    summary: "The API server calls the workload, and its calls fail if the port is STRICT.",
    why: "The API server is never in the mesh: it calls webhooks and aggregated APIs with ordinary TLS, which a STRICT port rejects. \
          Objects of that kind can then no longer be written or read.",
    fix: "Set PERMISSIVE for the port in `portLevelMtls`, with a name or `appProtocol` that does not declare HTTP, or exclude it from the \
          sidecar (`traffic.sidecar.istio.io/excludeInboundPorts`) if only the API server calls it.",
    bad: include_str!("webhook_backend.bad.yaml"),
    good: include_str!("webhook_backend.good.yaml"),
    inputs: &[
        Kind::Pod,
        Kind::PeerAuthentication,
        Kind::Service,
        Kind::ValidatingWebhookConfiguration,
        Kind::MutatingWebhookConfiguration,
        Kind::CustomResourceDefinition,
        Kind::APIService,
    ],
    aka: &[],
    see: &["S195", "S252"],
};

pub(super) static EXPOSED_PAST_THE_GATEWAY: Rule = Rule {
    id: "MTLS406",
    name: "exposed-past-the-gateway",
    severity: Severity::Error,
    summary: "The workload is exposed without a mesh gateway in between, and such calls fail if the port is STRICT.",
    why: "A load balancer, a node port or an ingress controller outside the mesh forwards what clients send, which is not mesh mTLS.",
    fix: "Route the calls through a mesh gateway, or set PERMISSIVE for the port in `portLevelMtls`.",
    bad: include_str!("exposed_past_the_gateway.bad.yaml"),
    good: include_str!("exposed_past_the_gateway.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::Ingress],
    aka: &[],
    see: &["S196"],
};

pub(super) static CALLED_BY_POD_IP: Rule = Rule {
    id: "MTLS407",
    name: "called-by-pod-ip",
    severity: Severity::Error,
    summary: "Clients call the addresses of a service's endpoints, one of which has no proxy, so they use mTLS to none of them; an info about \
              ports that no Service has, which can only be called by address.",
    why: "A headless service is all or nothing: if one endpoint is outside the mesh, sidecars send plaintext to every endpoint, and \
          a STRICT endpoint rejects it. A port that no Service has can only be called by the addresses of pods, which sidecars pass on in \
          plaintext; the configuration does not show whether anything does.",
    fix: "Bring every pod behind the service into the mesh, or set ISTIO_MUTUAL in a DestinationRule for the host.",
    bad: include_str!("called_by_pod_ip.bad.yaml"),
    good: include_str!("called_by_pod_ip.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::EndpointSlice, Kind::DestinationRule],
    aka: &[],
    see: &["S197", "S75", "S50"],
};

pub(super) static HIDDEN_FROM_CLIENT: Rule = Rule {
    id: "MTLS408",
    name: "hidden-from-client",
    severity: Severity::Error,
    summary: "A client's Sidecar resource or `exportTo` hides the service, so its calls are sent in plaintext, which a STRICT port \
              rejects.",
    why: "A call to a service that the client's proxy does not know leaves as the application sent it. While the port is PERMISSIVE, \
          this works and goes unnoticed.",
    fix: "Make the service visible to the client, if the client calls it.",
    bad: include_str!("hidden_from_client.bad.yaml"),
    good: include_str!("hidden_from_client.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::Sidecar],
    aka: &[],
    see: &["S198", "S49"],
};

pub(super) static CLIENT_RULE_BLOCKS_STRICT: Rule = Rule {
    id: "MTLS409",
    name: "client-rule-blocks-strict",
    severity: Severity::Error,
    summary: "Clients send something that a STRICT port does not accept: because of a rule, because automatic mTLS does not apply to \
              them, or because no proxy terminates the mTLS that they send.",
    why: "A client's settings override automatic mTLS, and a STRICT port accepts only mesh mTLS.",
    fix: "Remove the `tls` settings from the rule, or set ISTIO_MUTUAL.",
    bad: include_str!("client_rule_blocks_strict.bad.yaml"),
    good: include_str!("client_rule_blocks_strict.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::DestinationRule],
    aka: &[],
    see: &["S199"],
};

pub(super) static OUTBOUND_BYPASS: Rule = Rule {
    id: "MTLS410",
    name: "outbound-bypass",
    severity: Severity::Error,
    summary: "A client's calls bypass its own proxy and fail once the target is STRICT.",
    why: "Traffic that an annotation excludes from capture, and traffic of processes that run as the proxy's user, is sent as the \
          application made it.",
    fix: "Let the proxy capture these calls, or set PERMISSIVE for the ports in `portLevelMtls`.",
    bad: include_str!("outbound_bypass.bad.yaml"),
    good: include_str!("outbound_bypass.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S200", "S51", "S167"],
};

pub(super) static SERVER_WITHOUT_TLS_MODE_LABEL: Rule = Rule {
    id: "MTLS411",
    name: "server-without-tls-mode-label",
    severity: Severity::Error,
    summary: "The server's label does not announce mTLS, so clients send plaintext, which the server rejects once it is STRICT.",
    why: "Automatic mTLS goes by the endpoint's label `security.istio.io/tlsMode` and nothing else.",
    fix: "Remove the label from the pod template, so that injection sets it, and restart the pods.",
    bad: include_str!("server_without_tls_mode_label.bad.yaml"),
    good: include_str!("server_without_tls_mode_label.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S201", "S74"],
};

pub(super) static DATA_PLANES_DO_NOT_MEET: Rule = Rule {
    id: "MTLS412",
    name: "data-planes-do-not-meet",
    severity: Severity::Error,
    summary: "Ambient clients, or a waypoint, send plaintext to a sidecar that does not accept HBONE, and it rejects plaintext once \
              it is STRICT.",
    why: "ztunnel and waypoints use HBONE and no other mTLS. A sidecar accepts HBONE only if it was started with it enabled.",
    fix: "Restart the sidecars with HBONE enabled, or move the server to ambient before it is STRICT.",
    bad: include_str!("data_planes_do_not_meet.bad.yaml"),
    good: include_str!("data_planes_do_not_meet.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S202", "S99", "S100"],
};

pub(super) static FOREIGN_IDENTITY: Rule = Rule {
    id: "MTLS413",
    name: "foreign-identity",
    severity: Severity::Error,
    summary: "Clients expect a different identity than the server has, so mTLS with it fails.",
    why: "mTLS fails if the name in the server's certificate is not among the names that the client accepts, for example because of \
          another trust domain or service account. Clients see 503 with flags UF and CERTIFICATE_VERIFY_FAILED.",
    fix: "Make `subjectAltNames`, service accounts and trust domain aliases include the identity that the server has.",
    bad: include_str!("foreign_identity.bad.yaml"),
    good: include_str!("foreign_identity.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::DestinationRule],
    aka: &[],
    see: &["S203", "S84"],
};

pub(super) static PROXYLESS_CLIENT: Rule = Rule {
    id: "MTLS414",
    name: "proxyless-client",
    severity: Severity::Error,
    summary: "Proxyless gRPC clients have no automatic mTLS, and their calls fail once the target is STRICT.",
    why: "A proxyless client uses mTLS only where a DestinationRule sets it.",
    fix: "Set ISTIO_MUTUAL in a DestinationRule for the host.",
    bad: include_str!("proxyless_client.bad.yaml"),
    good: include_str!("proxyless_client.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::DestinationRule],
    aka: &[],
    see: &["S204"],
};

pub(super) static POSSIBLE_CALLER_REFUSED: Rule = Rule {
    id: "MTLS415",
    name: "possible-caller-refused",
    severity: Severity::Info,
    summary: "A STRICT in force refuses callers that may exist: workloads without a proxy, calls that bypass a proxy, and ports that are \
              exposed by nodes.",
    why: "The configuration shows that their calls would be refused, and not whether they call. There is one finding for all of them, or \
          for each namespace in which they differ.",
    fix: "If one of them calls, bring it into the mesh, let its proxy capture the call, or set PERMISSIVE for the port in \
          `portLevelMtls`. Otherwise nothing is to be done.",
    bad: include_str!("possible_caller_refused.bad.yaml"),
    good: include_str!("possible_caller_refused.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service],
    aka: &[],
    see: &["S191", "S192", "S196", "S200", "S204"],
};

pub(super) static PLAINTEXT_SEEN: Rule = Rule {
    id: "MTLS420",
    name: "plaintext-seen",
    severity: Severity::Error,
    summary: "Plaintext to the workload was observed within the window.",
    why: "Whatever the configuration is, a client sends plaintext, and its calls will be rejected once the port is STRICT.",
    fix: "Find the clients named and bring them into the mesh or fix their rules, or set PERMISSIVE for the ports that they call.",
    bad: "",
    good: "",
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S209"],
};

pub(super) static NO_EVIDENCE: Rule = Rule {
    id: "MTLS421",
    name: "no-evidence",
    severity: Severity::Warning,
    summary: "Traffic evidence was requested but does not cover the workload.",
    why: "The absence of traffic from a workload that was not observed proves nothing. A gateway, a pod that is not scraped, a \
          dropped label or a short history looks like no traffic at all.",
    fix: "Let Prometheus scrape the proxies of the workload, wait for the window to pass, and run the command again.",
    bad: "",
    good: "",
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S209"],
};
