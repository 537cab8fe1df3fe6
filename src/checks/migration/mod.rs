//! The rules about what breaks under STRICT. `migrate-check` finds what they speak of: it takes two states of a mesh, not one.

mod examples;

use super::{Rule, Severity};
use crate::object::Kind;

macro_rules! rules {
    ($($id:literal $name:literal $severity:ident: $summary:literal, $why:literal, $fix:literal,
        $example:ident, [$($input:ident),*], [$($see:literal),*];)*) => {
        /// The rules of `migrate-check`, in the order of their identifiers.
        pub const MIGRATION: &[&Rule] = &[$(&Rule {
            id: $id,
            name: $name,
            severity: Severity::$severity,
            summary: $summary,
            why: $why,
            fix: $fix,
            bad: examples::$example[0],
            good: examples::$example[1],
            inputs: &[Kind::Pod, Kind::PeerAuthentication $(, Kind::$input)*],
            aka: &[],
            see: &[$($see),*],
        }),*];
    };
}

rules! {
    "MTLS401" "client-without-proxy" Error:
        "A workload without proxy may call the target, and its calls fail once the target is STRICT.",
        "It sends plaintext, or TLS of its own, and a STRICT port takes the mesh's mTLS alone. Whether it calls is not in the configuration; traffic evidence tells.",
        "Bring the client into the mesh, or leave the ports that it calls open in `portLevelMtls` until that is done.",
        WITHOUT_PROXY, [Service], ["S191"];
    "MTLS402" "host-network-client" Error:
        "A pod on its node's network may call the target, and its calls fail once the target is STRICT.",
        "A pod on the host's network has no proxy, whatever its labels say. In ambient its calls pass on its own node and fail on others.",
        "Take the pod off the host's network, let it call through a gateway, or leave the ports that it calls open in `portLevelMtls`.",
        HOST_NETWORK, [Service], ["S192", "S35", "S120"];
    "MTLS403" "probe-not-rewritten" Error:
        "A probe of the kubelet goes to the application's port and fails once that is STRICT.",
        "The kubelet is not in the mesh. Where injection does not rewrite probes, an HTTP or gRPC probe is refused, and the pod is restarted or never ready.",
        "Let injection rewrite probes (`sidecar.istio.io/rewriteAppHTTPProbers: \"true\"`), or leave the probe's port open in `portLevelMtls`.",
        PROBE, [], ["S193", "S182", "S186"];
    "MTLS404" "scraped-application-port" Error:
        "Prometheus scrapes the application's own port, and that fails once the port is STRICT.",
        "A scrape by the pod's address is plaintext, even from a Prometheus with a sidecar. The merged metrics on port 15020 are not affected.",
        "Let Istio merge the metrics, mount mesh certificates into Prometheus, or leave the port open in `portLevelMtls`.",
        SCRAPER, [Service, ServiceMonitor, PodMonitor], ["S194", "S189", "S190"];
    "MTLS405" "webhook-backend" Error:
        "The API server calls the workload, and its calls fail once the port is STRICT.",
        "The API server is never in the mesh: it calls webhooks and aggregated APIs with ordinary TLS, which a STRICT port refuses. Then objects of that kind can no longer be written, or read.",
        "Leave the port open in `portLevelMtls`.",
        WEBHOOK, [Service, ValidatingWebhookConfiguration, MutatingWebhookConfiguration, CustomResourceDefinition, APIService], ["S195"];
    "MTLS406" "exposed-past-the-gateway" Error:
        "The workload is exposed without a gateway of the mesh in between, and such calls fail once the port is STRICT.",
        "A load balancer, a node port or an ingress controller outside the mesh sends what clients send: no mTLS of the mesh.",
        "Let the calls come through a gateway of the mesh, or leave the port open in `portLevelMtls`.",
        EXPOSED, [Service, Ingress], ["S196"];
    "MTLS407" "called-by-pod-ip" Error:
        "Clients dial the addresses of a service's endpoints, one of which has no proxy, and get no mTLS to any.",
        "A headless service is all or nothing: with one endpoint outside the mesh, sidecars send plaintext to every endpoint, and a STRICT one refuses it.",
        "Bring every pod behind the service into the mesh, or set ISTIO_MUTUAL in a DestinationRule for the host.",
        POD_IP, [Service, EndpointSlice, DestinationRule], ["S197", "S75"];
    "MTLS408" "hidden-from-client" Error:
        "A client's Sidecar resource or `exportTo` hides the service: its calls pass in plaintext, and a STRICT port refuses them.",
        "A call to what the client's proxy does not know leaves as the application made it. While the port is PERMISSIVE, that works and nobody notices.",
        "Let the client see the service, if it calls it.",
        HIDDEN, [Service, Sidecar], ["S198", "S49"];
    "MTLS409" "client-rule-blocks-strict" Error:
        "Clients send something else than the port will take: by a rule, because automatic mTLS is kept from them, or because no proxy ends the mTLS that they send.",
        "Settings of a client come before automatic mTLS, and a STRICT port takes nothing but the mesh's mTLS.",
        "Take the `tls` settings out of the rule, or set ISTIO_MUTUAL.",
        CLIENT_RULE, [Service, DestinationRule], ["S199"];
    "MTLS410" "outbound-bypass" Error:
        "A client's calls leave past its own proxy, and fail once the target is STRICT.",
        "What an annotation excludes from capture, and what runs as the proxy's own user, is sent as the application made it.",
        "Let the proxy capture these calls again, or leave the ports open in `portLevelMtls`.",
        BYPASS, [Service], ["S200", "S51", "S167"];
    "MTLS411" "server-without-tls-mode-label" Error:
        "The server's label does not say that it takes mTLS, so that clients send plaintext, which it refuses once it is STRICT.",
        "Automatic mTLS goes by the label security.istio.io/tlsMode of the endpoint and by nothing else.",
        "Take the label out of the pod template, so that injection sets it, and restart the pods.",
        NO_TLS_MODE, [Service], ["S201", "S74"];
    "MTLS412" "data-planes-do-not-meet" Error:
        "Clients in ambient, or a waypoint, send plaintext to a sidecar that takes no HBONE, and it refuses that once it is STRICT.",
        "ztunnel and waypoints speak HBONE and no other mTLS. A sidecar takes it only if it was started so.",
        "Restart the sidecars with HBONE on, or move the server to ambient before it is STRICT.",
        DATA_PLANES, [Service], ["S202", "S99", "S100"];
    "MTLS413" "foreign-identity" Error:
        "Clients expect another identity than the server has, and mTLS with it fails.",
        "mTLS fails where the names that the client accepts and the name in the server's certificate do not meet: another trust domain, another service account.",
        "Let `subjectAltNames`, service accounts and trust domain aliases name the identity that the server has.",
        IDENTITY, [Service, DestinationRule], ["S203", "S84"];
    "MTLS414" "proxyless-client" Error:
        "gRPC clients without proxy have no automatic mTLS, and their calls fail once the target is STRICT.",
        "A proxyless client speaks mTLS only where a DestinationRule says so.",
        "Set ISTIO_MUTUAL in a DestinationRule for the host.",
        PROXYLESS, [Service, DestinationRule], ["S204"];
    "MTLS420" "plaintext-seen" Error:
        "Plaintext was seen on its way into the workload within the window.",
        "Whatever configuration says, somebody calls in plaintext, and will be refused once the port is STRICT.",
        "Find the clients named, and bring them into the mesh or mend their rules; or leave the ports that they call open.",
        NONE, [], ["S209"];
    "MTLS421" "no-evidence" Warning:
        "Traffic evidence was asked for and does not cover the workload.",
        "Silence of a workload that nobody watched says nothing. A gateway, a pod that is not scraped, a label that was dropped or a short history look like no traffic at all.",
        "Let Prometheus scrape the proxies of the workload, wait for the window to pass, and ask again.",
        NONE, [], ["S209"];
}
