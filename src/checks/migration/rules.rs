//! The texts and example manifests of the migration rules.

use crate::{
    checks::{Rule, Severity},
    object::Kind,
};

pub(super) static CLIENT_WITHOUT_PROXY: Rule = Rule {
    id: "MTLS401",
    name: "client-without-proxy",
    severity: Severity::Error,
    summary: "A workload without proxy may call the target, and its calls fail once the target is STRICT.",
    why: "It sends plaintext, or TLS of its own, and a STRICT port takes the mesh's mTLS alone. Whether it calls is not in the \
          configuration; traffic evidence tells.",
    fix: "Bring the client into the mesh, or leave the ports that it calls open in `portLevelMtls` until that is done.",
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
    summary: "A pod on its node's network may call the target, and its calls fail once the target is STRICT.",
    why: "A pod on the host's network has no proxy, whatever its labels say. In ambient its calls pass on its own node and fail on others.",
    fix: "Take the pod off the host's network, let it call through a gateway, or leave the ports that it calls open in `portLevelMtls`.",
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
    summary: "A probe of the kubelet goes to the application's port and fails once that is STRICT.",
    why: "The kubelet is not in the mesh. Where injection does not rewrite probes, an HTTP or gRPC probe is refused, and the pod \
          is restarted or never ready.",
    fix: "Let injection rewrite probes (`sidecar.istio.io/rewriteAppHTTPProbers: \"true\"`), or leave the probe's port open in \
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
    summary: "Prometheus scrapes the application's own port, and that fails once the port is STRICT.",
    why: "A scrape by the pod's address is plaintext, even from a Prometheus with a sidecar. The merged metrics on port 15020 are \
          not affected.",
    fix: "Let Istio merge the metrics, mount mesh certificates into Prometheus, or leave the port open in `portLevelMtls`.",
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
    summary: "The API server calls the workload, and its calls fail once the port is STRICT.",
    why: "The API server is never in the mesh: it calls webhooks and aggregated APIs with ordinary TLS, which a STRICT port \
          refuses. Then objects of that kind can no longer be written, or read.",
    fix: "Leave the port open in `portLevelMtls`.",
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
    see: &["S195"],
};

pub(super) static EXPOSED_PAST_THE_GATEWAY: Rule = Rule {
    id: "MTLS406",
    name: "exposed-past-the-gateway",
    severity: Severity::Error,
    summary: "The workload is exposed without a gateway of the mesh in between, and such calls fail once the port is STRICT.",
    why: "A load balancer, a node port or an ingress controller outside the mesh sends what clients send: no mTLS of the mesh.",
    fix: "Let the calls come through a gateway of the mesh, or leave the port open in `portLevelMtls`.",
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
    summary: "Clients dial the addresses of a service's endpoints, one of which has no proxy, and get no mTLS to any.",
    why: "A headless service is all or nothing: with one endpoint outside the mesh, sidecars send plaintext to every endpoint, and \
          a STRICT one refuses it.",
    fix: "Bring every pod behind the service into the mesh, or set ISTIO_MUTUAL in a DestinationRule for the host.",
    bad: include_str!("called_by_pod_ip.bad.yaml"),
    good: include_str!("called_by_pod_ip.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::EndpointSlice, Kind::DestinationRule],
    aka: &[],
    see: &["S197", "S75"],
};

pub(super) static HIDDEN_FROM_CLIENT: Rule = Rule {
    id: "MTLS408",
    name: "hidden-from-client",
    severity: Severity::Error,
    summary: "A client's Sidecar resource or `exportTo` hides the service: its calls pass in plaintext, and a STRICT port refuses them.",
    why: "A call to what the client's proxy does not know leaves as the application made it. While the port is PERMISSIVE, that \
          works and nobody notices.",
    fix: "Let the client see the service, if it calls it.",
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
    summary: "Clients send something else than the port will take: by a rule, because automatic mTLS is kept from them, or because \
              no proxy ends the mTLS that they send.",
    why: "Settings of a client come before automatic mTLS, and a STRICT port takes nothing but the mesh's mTLS.",
    fix: "Take the `tls` settings out of the rule, or set ISTIO_MUTUAL.",
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
    summary: "A client's calls leave past its own proxy, and fail once the target is STRICT.",
    why: "What an annotation excludes from capture, and what runs as the proxy's own user, is sent as the application made it.",
    fix: "Let the proxy capture these calls again, or leave the ports open in `portLevelMtls`.",
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
    summary: "The server's label does not say that it takes mTLS, so that clients send plaintext, which it refuses once it is STRICT.",
    why: "Automatic mTLS goes by the label security.istio.io/tlsMode of the endpoint and by nothing else.",
    fix: "Take the label out of the pod template, so that injection sets it, and restart the pods.",
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
    summary: "Clients in ambient, or a waypoint, send plaintext to a sidecar that takes no HBONE, and it refuses that once it is STRICT.",
    why: "ztunnel and waypoints speak HBONE and no other mTLS. A sidecar takes it only if it was started so.",
    fix: "Restart the sidecars with HBONE on, or move the server to ambient before it is STRICT.",
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
    summary: "Clients expect another identity than the server has, and mTLS with it fails.",
    why: "mTLS fails where the names that the client accepts and the name in the server's certificate do not meet: another trust \
          domain, another service account.",
    fix: "Let `subjectAltNames`, service accounts and trust domain aliases name the identity that the server has.",
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
    summary: "gRPC clients without proxy have no automatic mTLS, and their calls fail once the target is STRICT.",
    why: "A proxyless client speaks mTLS only where a DestinationRule says so.",
    fix: "Set ISTIO_MUTUAL in a DestinationRule for the host.",
    bad: include_str!("proxyless_client.bad.yaml"),
    good: include_str!("proxyless_client.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication, Kind::Service, Kind::DestinationRule],
    aka: &[],
    see: &["S204"],
};

pub(super) static PLAINTEXT_SEEN: Rule = Rule {
    id: "MTLS420",
    name: "plaintext-seen",
    severity: Severity::Error,
    summary: "Plaintext was seen on its way into the workload within the window.",
    why: "Whatever configuration says, somebody calls in plaintext, and will be refused once the port is STRICT.",
    fix: "Find the clients named, and bring them into the mesh or mend their rules; or leave the ports that they call open.",
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
    summary: "Traffic evidence was asked for and does not cover the workload.",
    why: "Silence of a workload that nobody watched says nothing. A gateway, a pod that is not scraped, a label that was dropped \
          or a short history look like no traffic at all.",
    fix: "Let Prometheus scrape the proxies of the workload, wait for the window to pass, and ask again.",
    bad: "",
    good: "",
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S209"],
};
