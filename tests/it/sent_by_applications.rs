//! What an application sends, wherever its call is routed: through routes, aliases and gateways, and beside a rule that originates TLS.

use kubectl_mtls::{
    mesh::{Client, ClientKind, Failure},
    object::Labels,
    queries::reach::{self, CallAnswer, CallQuestion, CallTarget, Scheme},
};

use crate::support::{meshed_pod, pod, policy, rules, with, workload};

fn object(kind: &str, namespace: &str, name: &str, spec: &str) -> String {
    let version = if kind == "Service" { "v1" } else { "networking.istio.io/v1" };
    format!("---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n")
}

/// A Service with ports `name: number`, and a workload without a proxy behind it.
fn plain(namespace: &str, name: &str, ports: &[(&str, u16)]) -> String {
    let list: Vec<String> = ports.iter().map(|(name, port)| format!("{{name: {name}, port: {port}}}")).collect();
    let numbers: Vec<u16> = ports.iter().map(|(_, port)| *port).collect();
    object("Service", namespace, name, &format!("selector: {{app: {name}}}, clusterIP: 10.0.0.1, ports: [{}]", list.join(", ")))
        + &pod(namespace, name, &format!("app: {name}"), "", &numbers, "")
}

fn asked<T>(yaml: &str, kind: ClientKind, to: (&str, u16), scheme: Option<Scheme>, ask: impl Fn(&CallAnswer<'_>) -> T) -> T {
    with(yaml, |mesh| {
        let from = Client::any(mesh.indices(), "shop", Labels::default(), kind);
        ask(&reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(to.0.into()), port: to.1, subset: None, scheme }))
    })
}

/// What a sidecar of `shop` sends, and the lowest failure.
fn call(yaml: &str, host: &str, port: u16, scheme: Option<Scheme>) -> (Vec<&'static str>, Option<&'static str>) {
    asked(yaml, ClientKind::Sidecar, (host, port), scheme, |answer| {
        let wires = answer.endpoints.iter().map(|reached| reached.sent_as.as_str()).collect();
        (wires, answer.lowest_failure().map(Failure::code))
    })
}

const WEB: &str = "web.shop.svc.cluster.local";

fn route(kind: &str, to: &str) -> String {
    object("VirtualService", "shop", "v", &format!("hosts: [{WEB}], {kind}: [{{route: [{{destination: {{{to}}}}}]}}]"))
}

#[test]
fn s236_a_routed_call_sends_what_the_called_port_declares() {
    let services = plain("shop", "web", &[("http", 80), ("https", 443)]) + &plain("data", "api", &[("http", 80), ("https", 443)]);
    let to = |port: u16| format!("host: api.data.svc.cluster.local, port: {{number: {port}}}");
    for (kind, called, routed, expected) in
        [("http", 80, 443, "plaintext"), ("http", 80, 80, "plaintext"), ("tls", 443, 80, "tls"), ("tls", 443, 443, "tls")]
    {
        let yaml = services.clone() + &route(kind, &to(routed));
        assert_eq!(call(&yaml, WEB, called, None).0, [expected], "{kind} {called} to {routed}");
    }
    // Without a route the port that is called declares it.
    assert_eq!(call(&services, "api.data.svc.cluster.local", 443, None).0, ["tls"]);
}

#[test]
fn s237_and_s332_a_destination_without_port_is_its_only_port_for_connections_and_the_called_one_for_requests() {
    let one = plain("shop", "web", &[("http", 80)]) + &plain("data", "api", &[("http", 8080)]);
    let raw = plain("shop", "web", &[("tcp", 80)]) + &plain("data", "api", &[("tcp", 8080)]);
    let several = plain("shop", "web", &[("http", 80)]) + &plain("data", "api", &[("http", 80), ("http-b", 8080)]);
    let to = route("http", "host: api.data.svc.cluster.local");
    let ports = |yaml: &str| {
        asked(yaml, ClientKind::Sidecar, (WEB, 80), None, |answer| answer.routed_to.iter().map(|to| to.port).collect::<Vec<_>>())
    };
    assert_eq!(ports(&(one + &to)), [80]);
    assert_eq!(ports(&(raw + &route("tcp", "host: api.data.svc.cluster.local"))), [8080]);
    assert_eq!(ports(&(several + &to)), [80]);
}

#[test]
fn s286_a_route_to_what_is_not_there_is_never_passed_through() {
    let services = plain("shop", "web", &[("http", 80)]) + &plain("data", "api", &[("http", 80)]);
    for to in ["host: gone.data.svc.cluster.local", "host: api.data.svc.cluster.local, port: {number: 81}", "host: outside.example"] {
        let yaml = services.clone() + &route("http", to);
        assert_eq!(call(&yaml, WEB, 80, None), (vec![], Some("F12")), "{to}");
    }
    let hidden = object("Sidecar", "shop", "s", "egress: [{hosts: [./*]}]");
    // What a route leads to is in scope with the VirtualService itself (S46).
    let yaml = services + &route("http", "host: api.data.svc.cluster.local") + &hidden;
    assert_eq!(call(&yaml, WEB, 80, None), (vec!["plaintext"], None));
}

/// A gateway of namespace `shop` whose route goes to port 443 of `data/api`.
fn gateway(mode: &str, kind: &str) -> String {
    let route = "route: [{destination: {host: api.data.svc.cluster.local, port: {number: 443}}}]";
    plain("data", "api", &[("https", 443)])
        + &object(
            "Gateway",
            "shop",
            "door",
            &format!(
                "selector: {{istio: door}}, servers: [{{port: {{number: 443, name: https, protocol: HTTPS}}, hosts: ['*'], tls: {{mode: {mode}}}}}]"
            ),
        )
        + &object("VirtualService", "shop", "v", &format!("hosts: ['*'], gateways: [door], {kind}: [{{{route}}}]"))
}

#[test]
fn s239_s294_a_gateway_sends_what_its_route_requires_whatever_the_port_is_called() {
    let wires = |yaml: &str| {
        asked(yaml, ClientKind::Gateway, ("api.data.svc.cluster.local", 443), None, |answer| {
            answer.endpoints.iter().map(|reached| reached.sent_as.as_str()).collect::<Vec<_>>()
        })
    };
    assert_eq!(wires(&gateway("SIMPLE", "http")), ["plaintext"]);
    assert_eq!(wires(&gateway("SIMPLE", "tcp")), ["plaintext"]);
    assert_eq!(wires(&gateway("PASSTHROUGH", "tls")), ["tls"]);
    // Without any route of a gateway the port decides.
    assert_eq!(wires(&plain("data", "api", &[("https", 443)])), ["tls"]);
}

fn entry(protocol: &str, more: &str) -> String {
    object(
        "ServiceEntry",
        "shop",
        "bank",
        &format!(
            "hosts: [bank.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{{number: 443, name: p, protocol: {protocol}}}]{more}"
        ),
    )
}

const SIMPLE: &str = "host: bank.example, trafficPolicy: {tls: {mode: SIMPLE}}";

#[test]
fn s240_a_tls_port_of_a_host_without_address_is_matched_by_its_name_alone() {
    let rule = object("DestinationRule", "shop", "r", SIMPLE);
    let http = Some(Scheme::Http);
    assert_eq!(call(&(entry("HTTPS", "") + &rule), "bank.example", 443, http), (vec!["plaintext"], None));
    assert_eq!(call(&(entry("TLS", ", addresses: [192.0.2.0/24]") + &rule), "bank.example", 443, http), (vec!["plaintext"], None));
    // With an address, and where HTTP is declared, the call is one to the entry.
    assert_eq!(call(&(entry("HTTPS", ", addresses: [192.0.2.1]") + &rule), "bank.example", 443, http), (vec!["tls"], None));
    assert_eq!(call(&(entry("HTTP", "") + &rule), "bank.example", 443, http), (vec!["tls"], None));
    let refuses = object("Sidecar", "shop", "s", "outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
    assert_eq!(call(&(entry("HTTPS", "") + &rule + &refuses), "bank.example", 443, http), (vec![], Some("F9")));
}

#[test]
fn s241_tls_inside_tls_is_read_by_no_server() {
    let rule = object("DestinationRule", "shop", "r", SIMPLE);
    let mutual = object(
        "DestinationRule",
        "shop",
        "r",
        "host: bank.example, trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /c, privateKey: /k}}",
    );
    assert_eq!(call(&(entry("HTTPS", "") + &rule), "bank.example", 443, None), (vec!["tls"], Some("F3")));
    assert_eq!(call(&(entry("HTTPS", "") + &mutual), "bank.example", 443, None), (vec!["custom-mtls"], Some("F3")));
    assert_eq!(call(&(entry("HTTP", "") + &rule), "bank.example", 443, None), (vec!["tls"], None));
    assert_eq!(call(&(entry("HTTP", "") + &rule), "bank.example", 443, Some(Scheme::Https)), (vec!["tls"], Some("F3")));
    // No proxy of the mesh refuses it: the application does.
    let rule = object("DestinationRule", "data", "r", "host: api, trafficPolicy: {tls: {mode: SIMPLE}}");
    let yaml = plain("data", "api", &[("https", 443)]) + &rule;
    assert_eq!(call(&yaml, "api.data.svc.cluster.local", 443, None), (vec!["tls"], Some("F7")));
    // A STRICT sidecar refuses the outer TLS first.
    let strict = object("Service", "data", "api", "selector: {app: api}, ports: [{name: https, port: 443}]")
        + &meshed_pod("data", "api", "app: api", "", &[443])
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + &rule;
    assert_eq!(call(&strict, "api.data.svc.cluster.local", 443, None), (vec!["tls"], Some("F4")));
}

#[test]
fn s278_a_dns_cluster_whose_subset_is_empty_is_not_there() {
    let of = |resolution: &str| {
        let entry = format!(
            "hosts: [e.example], resolution: {resolution}, ports: [{{number: 80, name: http, protocol: HTTP}}], endpoints: [{{address: 192.0.2.1}}]"
        );
        let rule = "host: e.example, subsets: [{name: v1, labels: {version: v1}}]";
        let yaml = object("ServiceEntry", "shop", "e", &entry) + &object("DestinationRule", "shop", "r", rule);
        with(&yaml, |mesh| {
            let from = Client::any(mesh.indices(), "shop", Labels::default(), ClientKind::Sidecar);
            let to = CallTarget::Host("e.example".into());
            let answer = reach::reach(mesh, &CallQuestion { from, to, port: 80, subset: Some("v1".into()), scheme: None });
            format!("{:?}", answer.result())
        })
    };
    assert_eq!(of("DNS"), "All(Fail(NoCluster))");
    assert_eq!(of("STATIC"), "NoEndpoints");
}

/// `shop/alias`, an alias of `data/api`, hidden from all other namespaces by its own exportTo.
fn alias(more: &str) -> String {
    let hidden = "---\napiVersion: v1\nkind: Service\nmetadata: {name: alias, namespace: ops, annotations: {networking.istio.io/exportTo: '.'}}\n\
                  spec: {type: ExternalName, externalName: api.data.svc.cluster.local, ports: [{name: http, port: 9}]}\n";
    object(
        "Service",
        "data",
        "api",
        "selector: {app: api}, clusterIP: 10.0.0.2, ports: [{name: http, port: 80}, {name: tcp, port: 81}, {name: https, port: 443}]",
    ) + &meshed_pod("data", "api", "app: api", "", &[80, 81, 443])
        + hidden
        + more
}

const ALIAS: &str = "alias.ops.svc.cluster.local";

#[test]
fn s276_s284_an_alias_is_its_target_for_http_tcp_and_tls_wherever_the_target_is_visible() {
    for port in [80, 81, 443] {
        assert_eq!(call(&alias(""), ALIAS, port, None), (vec!["mtls"], None), "{port}");
    }
    // A port that only the alias declares is one that the target lacks.
    let why = |port| asked(&alias(""), ClientKind::Sidecar, (ALIAS, port), None, |answer| answer.notes[0].message.clone());
    assert!(why(9).contains("an alias of Service data/api, which has no port 9, only 80, 81, 443"), "{}", why(9));
}

#[test]
fn s246_a_sidecar_resource_hides_the_name_of_an_alias_for_http_alone() {
    let scope = |hosts: &str| object("Sidecar", "shop", "s", &format!("egress: [{{hosts: [{hosts}]}}]"));
    let named = alias(&scope("data/api.data.svc.cluster.local"));
    assert_eq!((call(&named, ALIAS, 80, None).0, call(&named, ALIAS, 81, None).0), (vec!["plaintext"], vec!["mtls"]));
    let whole = alias(&scope("data/*"));
    assert_eq!(call(&whole, ALIAS, 80, None).0, ["mtls"]);
    let hidden = alias(&scope("./*"));
    assert_eq!((call(&hidden, ALIAS, 80, None).0, call(&hidden, ALIAS, 81, None).0), (vec!["plaintext"], vec!["plaintext"]));
}

#[test]
fn s246_s284_a_route_of_the_target_applies_to_tcp_calls_of_the_alias_and_not_to_http() {
    let route = |kind: &str| {
        object(
            "VirtualService",
            "data",
            "v",
            &format!("hosts: [api.data.svc.cluster.local], {kind}: [{{route: [{{destination: {{host: gone.data.svc.cluster.local}}}}]}}]"),
        )
    };
    assert_eq!(call(&alias(&route("http")), ALIAS, 80, None), (vec!["mtls"], None));
    assert_eq!(call(&alias(&route("tcp")), ALIAS, 81, None), (vec![], Some("F12")));
}

#[test]
fn s248_an_application_may_present_the_certificate_that_its_proxy_writes_to_files() {
    let config = "proxy.istio.io/config: 'proxyMetadata: {OUTPUT_CERTS: /etc/certs}'";
    let yaml = |annotation: &str, mode: &str| {
        meshed_pod("shop", "prometheus", "app: p", &format!("traffic.sidecar.istio.io/includeOutboundIPRanges: ''{annotation}"), &[])
            + &meshed_pod("data", "api", "app: api", "", &[443])
            + &policy("istio-system", "default", "", &format!("mtls: {{mode: {mode}}}"))
            + &object("Service", "data", "api", "selector: {app: api}, ports: [{name: tcp, port: 443}]")
    };
    let verdict = |yaml: &str| {
        with(yaml, |mesh| {
            let from = workload(mesh, "prometheus");
            let from = Client::workload(from, &from.instances[0]);
            let to = CallTarget::Pods(workload(mesh, "api"), None);
            let answer = reach::reach(mesh, &CallQuestion { from, to, port: 443, subset: None, scheme: Some(Scheme::Https) });
            (answer.endpoints[0].sent_as.as_str(), format!("{:?}", answer.result()))
        })
    };
    let with_files = format!(", {config}");
    assert_eq!(verdict(&yaml(&with_files, "STRICT")), ("custom-mtls", "All(Unknown)".to_owned()));
    assert_eq!(verdict(&yaml(&with_files, "PERMISSIVE")), ("custom-mtls", "All(Tls)".to_owned()));
    assert_eq!(verdict(&yaml("", "STRICT")), ("tls", "All(Fail(TlsWithoutMeshCertificate))".to_owned()));
}

#[test]
fn a_gateway_whose_pods_were_not_read_is_a_client_of_what_it_routes_to() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: orchard}\n";
    let mesh = |gateways: &str, selector: &str| {
        namespace.to_owned()
            + &plain("orchard", "apples", &[("http", 80)])
            + &object("DestinationRule", "orchard", "apples", "host: apples, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}")
            + &object(
                "Gateway",
                "orchard",
                "door",
                &format!("selector: {{{selector}}}, servers: [{{port: {{number: 80, name: http, protocol: HTTP}}, hosts: ['*']}}]"),
            )
            + &object(
                "VirtualService",
                "orchard",
                "v",
                &format!("hosts: ['*'], gateways: [{gateways}], http: [{{route: [{{destination: {{host: apples}}}}]}}]"),
            )
    };
    let reported = |yaml: &str| with(yaml, |mesh| rules(mesh).into_iter().filter(|id| id.starts_with("MTLS2")).collect::<Vec<_>>());
    assert_eq!(reported(&mesh("door", "istio: ingressgateway")), ["MTLS202"]);
    assert_eq!(reported(&mesh("orchard/door", "istio: ingressgateway")), ["MTLS202"]);
    // Not one that no VirtualService is bound to, and not one that selects a workload that was read.
    assert_eq!(reported(&mesh("mesh", "istio: ingressgateway")), ["MTLS209"]);
    assert_eq!(reported(&mesh("door", "app: apples")), ["MTLS209"]);
}

#[test]
fn s291_a_gateway_calls_a_headless_service_at_its_target_port() {
    let yaml = object("Service", "data", "api", "clusterIP: None, selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]")
        + &pod("data", "api", "app: api", "", &[8080], "");
    let ports = |kind| asked(&yaml, kind, ("api.data.svc.cluster.local", 80), None, |answer| answer.endpoints[0].endpoint.port);
    assert_eq!((ports(ClientKind::Sidecar), ports(ClientKind::Gateway)), (80, 8080));
}
