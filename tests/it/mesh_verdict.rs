//! What comes of a call: the core table and its expansions, by the rule of the semantics each test holds (S95–S106).

use kubectl_mtls::{
    istio::{GatewayTls, Mode, ProtocolClass},
    mesh::{Acceptance, CallProperties, Client, ClientKind, Failure, Mesh, SentAs, Verdict, verdict},
    queries::reach::{self, CallQuestion, CallTarget, Scheme},
};

use crate::{
    mesh_client::{Asked, config, entry, gateway_pod, labelled_pod, outcome, rule, service, service_with, tls, word},
    support::{ambient_pod, meshed_pod, pod, policy, with},
};

const WIRES: [SentAs; 6] = [SentAs::Plaintext, SentAs::Mtls, SentAs::CustomMtls, SentAs::Tls, SentAs::AppTls, SentAs::Hbone];

const KINDS: [ClientKind; 6] =
    [ClientKind::Sidecar, ClientKind::Gateway, ClientKind::Waypoint, ClientKind::Ambient, ClientKind::Proxyless, ClientKind::None];

/// What comes of every wire form at a port; `-` where S95 has no cell, `F` for a failure that it gives no code.
fn row(acceptance: Acceptance, from: ClientKind, expected: [&str; 6]) {
    let call = CallProperties { client: from, is_not_http: false, is_app_tls: false, is_server_first: false };
    for (wire, expected) in WIRES.into_iter().zip(expected) {
        let found = verdict(wire, acceptance, call);
        let is_as_expected = match expected {
            "-" => true,
            "F" => matches!(found, Verdict::Fail(_)),
            expected => word(found) == expected,
        };
        assert!(is_as_expected, "{from:?}: {wire:?} to {acceptance:?} gives {found:?}, not {expected}");
    }
}

#[test]
fn s95_the_core_table() {
    use Acceptance::{AmbientPermissive, AmbientStrict, NoProxy, ProxylessPlain, ProxylessTls, Sidecar, Uncaptured, Waypoint};
    for from in KINDS {
        let to_strict = match from {
            ClientKind::Sidecar | ClientKind::Gateway | ClientKind::Waypoint => "F2",
            ClientKind::Ambient | ClientKind::Proxyless | ClientKind::None => "F1",
        };
        for class in [ProtocolClass::Http, ProtocolClass::Tcp, ProtocolClass::Auto] {
            row(Sidecar(Mode::Strict, class), from, [to_strict, "mtls", "unknown", "F4", "F4", "mtls"]);
        }
        row(Sidecar(Mode::Permissive, ProtocolClass::Http), from, ["plain", "mtls", "F6", "F6", "F6", "mtls"]);
        row(Sidecar(Mode::Disable, ProtocolClass::Http), from, ["plain", "F3", "F3", "F3", "F7", "mtls"]);
        for class in [ProtocolClass::Tcp, ProtocolClass::Auto] {
            row(Sidecar(Mode::Permissive, class), from, ["plain", "mtls", "tls", "tls", "tls", "mtls"]);
            row(Sidecar(Mode::Disable, class), from, ["plain", "F3", "tls", "tls", "tls", "mtls"]);
        }
        row(AmbientStrict, from, ["F8", "F8", "F8", "F8", "F8", "mtls"]);
        row(AmbientPermissive, from, ["plain", "F3", "tls", "tls", "tls", "mtls"]);
        row(NoProxy, from, ["plain", "F3", "tls", "tls", "tls", "F"]);
        // A port past the proxy, which still takes tunnels (S37, S119).
        row(Uncaptured, from, ["plain", "F3", "tls", "tls", "tls", "mtls"]);
        row(ProxylessTls, from, ["F1", "mtls", "unknown", "F4", "F4", "-"]);
        row(ProxylessPlain, from, ["plain", "F3", "F3", "F3", "F3", "-"]);
        // A waypoint takes tunnels alone (S40).
        row(Waypoint, from, ["F", "F", "F", "F", "F", "mtls"]);
    }
}

#[test]
fn s95_servers_that_speak_first_hang_on_plaintext_to_permissive() {
    for class in [ProtocolClass::Http, ProtocolClass::Tcp, ProtocolClass::Auto] {
        for mode in [Mode::Disable, Mode::Permissive, Mode::Strict] {
            for from in KINDS {
                let call = CallProperties { client: from, is_not_http: false, is_app_tls: false, is_server_first: true };
                let hangs = mode == Mode::Permissive && class != ProtocolClass::Http;
                let found = verdict(SentAs::Plaintext, Acceptance::Sidecar(mode, class), call);
                assert_eq!(found == Verdict::Fail(Failure::ServerFirstOnPermissive), hangs, "{mode:?} {class:?} {from:?}");
                let over_mtls = verdict(SentAs::Mtls, Acceptance::Sidecar(mode, class), call);
                assert_eq!(over_mtls == Verdict::Mtls, mode != Mode::Disable, "{mode:?} {class:?} {from:?}");
            }
        }
    }
    for acceptance in [Acceptance::AmbientPermissive, Acceptance::NoProxy, Acceptance::Uncaptured] {
        let call = CallProperties { client: ClientKind::None, is_not_http: true, is_app_tls: false, is_server_first: true };
        assert_eq!(verdict(SentAs::Plaintext, acceptance, call), Verdict::Plaintext, "{acceptance:?}");
    }
}

#[test]
fn s28_bytes_that_are_no_http() {
    // Plaintext TCP at ports of each class: DISABLE, PERMISSIVE, STRICT.
    let table = [
        (ProtocolClass::Tcp, ["plain", "plain", "F1"]),
        (ProtocolClass::Http, ["F7", "F7", "F1"]),
        (ProtocolClass::Auto, ["plain", "plain", "F1"]),
    ];
    for (class, expected) in table {
        for (mode, expected) in [Mode::Disable, Mode::Permissive, Mode::Strict].into_iter().zip(expected) {
            let call = CallProperties { client: ClientKind::None, is_not_http: true, is_app_tls: false, is_server_first: false };
            assert_eq!(word(verdict(SentAs::Plaintext, Acceptance::Sidecar(mode, class), call)), expected, "{mode:?} {class:?}");
        }
    }
}

#[test]
fn s102_gateways_as_servers() {
    let table = [
        (GatewayTls::Plain, ["plain", "F3", "-", "F3", "F3"]),
        (GatewayTls::Simple, ["F", "tls", "-", "tls", "tls"]),
        (GatewayTls::Mutual, ["F", "unknown", "-", "F4", "F4"]),
        (GatewayTls::IstioMutual, ["F", "mtls", "-", "F4", "F4"]),
        (GatewayTls::Passthrough, ["F", "unknown", "-", "tls", "tls"]),
    ];
    for (tls, [pt, im, cm, st, app]) in table {
        for from in KINDS {
            row(Acceptance::Gateway(tls), from, [pt, im, cm, st, app, "-"]);
        }
    }
}

#[test]
fn s102_clients_without_a_rule_send_plaintext_to_gateways() {
    let servers = |tls: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: g, namespace: edge}}\n\
             spec: {{selector: {{istio: gateway}}, servers: [{{port: {{number: 80, name: a, protocol: HTTPS}}, hosts: ['*']{tls}}}]}}\n"
        )
    };
    // The server's TLS, what comes of a call without a rule, and of one by a rule of ISTIO_MUTUAL.
    let table = [
        ("", "plain", "F3"),
        (", tls: {mode: SIMPLE, credentialName: c}", "F7", "tls"),
        (", tls: {mode: ISTIO_MUTUAL}", "F7", "mtls"),
        (", tls: {mode: PASSTHROUGH}", "F7", "unknown"),
    ];
    let host = "edge.edge.svc.cluster.local";
    for (server, without, by_rule) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &gateway_pod("edge", "edge")
            + &service("edge", "edge", "istio: gateway", "{name: any, port: 80}")
            + &policy("istio-system", "strict", "", "mtls: {mode: STRICT}")
            + &servers(server);
        let is = |yaml: &str, expected: &str| {
            with(yaml, |mesh| {
                let found = Asked::new("client", host).outcome(mesh);
                // S102 gives no code for plaintext to TLS: any failure is right.
                assert!(found == expected || expected == "F7" && found.starts_with('F'), "{server}: {found}, not {expected}");
            });
        };
        is(&yaml, without);
        is(&(yaml.clone() + &rule("web", "r", host, &tls("ISTIO_MUTUAL"))), by_rule);
    }
}

/// The servers of S97, one for each column: its name, the mode of its policy, and the name of its port.
const SIDECARS: [(&str, &str, &str); 8] = [
    ("strict-http", "STRICT", "http"),
    ("strict-tcp", "STRICT", "tcp"),
    ("strict-any", "STRICT", "any"),
    ("open-http", "PERMISSIVE", "http"),
    ("open-tcp", "PERMISSIVE", "tcp"),
    ("open-any", "PERMISSIVE", "any"),
    ("off-http", "DISABLE", "http"),
    ("off-tcp", "DISABLE", "tcp"),
];
const OTHERS: [(&str, &str); 3] = [("ambient-strict", "STRICT"), ("ambient-open", "PERMISSIVE"), ("naked", "STRICT")];
const COLUMNS: [&str; 11] = [
    "strict-http",
    "strict-tcp",
    "strict-any",
    "open-http",
    "open-tcp",
    "open-any",
    "off-http",
    "off-tcp",
    "ambient-strict",
    "ambient-open",
    "naked",
];

/// How the servers of S97 are reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Service,
    Headless,
    External,
}

/// One client of each kind, and the servers of S97 in `data`; the meshed ones and the naked one with this tlsMode label.
fn mesh_of(tls_mode: &str, by: By) -> String {
    let mut yaml = [
        meshed_pod("web", "sidecar", "app: client", "", &[]),
        gateway_pod("web", "gateway"),
        ambient_pod("web", "ambient", "app: client", &[]),
        pod("web", "none", "app: client", "", &[], ""),
        meshed_pod("web", "bypass", "app: client", "traffic.sidecar.istio.io/excludeOutboundPorts: '80'", &[]),
    ]
    .concat();
    let label = if tls_mode.is_empty() { String::new() } else { format!(", security.istio.io/tlsMode: {tls_mode}") };
    let mut add = |name: &str, mode: &str, port: &str, pod: String| {
        yaml += &pod;
        yaml += &policy("data", name, &format!("app={name}"), &format!("mtls: {{mode: {mode}}}"));
        let host = host(name);
        // Without an address of its own the first entry would get the calls of all (S281).
        let address = COLUMNS.iter().position(|one| *one == name).map_or_else(String::new, |at| format!("addresses: [10.97.0.{at}], "));
        let protocol = if port == "any" { "''".to_owned() } else { port.to_uppercase() };
        yaml += &match by {
            By::Service => service("data", name, &format!("app: {name}"), &format!("{{name: {port}, port: 80}}")),
            By::Headless => {
                service_with("data", name, "", &format!("clusterIP: None, selector: {{app: {name}}}, ports: [{{name: {port}, port: 80}}]"))
            }
            By::External => entry(
                "data",
                name,
                &format!(
                    "hosts: [{host}], {address}location: MESH_EXTERNAL, resolution: STATIC, ports: [{{number: 80, name: p, protocol: {protocol}}}], \
                     workloadSelector: {{labels: {{app: {name}}}}}"
                ),
            ),
        };
    };
    for (name, mode, port) in SIDECARS {
        add(name, mode, port, labelled_pod("data", name, tls_mode, &[80]));
    }
    for (name, mode) in OTHERS {
        let labels = format!("app: {name}");
        let server = match name {
            "naked" => pod("data", name, &(labels + &label), "", &[80], ""),
            _ => ambient_pod("data", name, &labels, &[80]),
        };
        add(name, mode, "any", server);
    }
    yaml
}

fn host(name: &str) -> String {
    format!("{name}.data.svc.cluster.local")
}

/// A rule for all servers of S97.
fn for_all(spec: &str) -> String {
    rule("web", "r", "*.data.svc.cluster.local", spec)
}

const FILES: &str = "trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /a.pem, privateKey: /a.key}}";

#[test]
fn s97_envoy_calls_services() {
    let h = "mtls"; // HBONE
    let plaintext = ["F2", "F2", "F2", "plain", "plain", "plain", "plain", "plain", h, h, "plain"];
    let off = policy("data", "default", "", "mtls: {mode: DISABLE}");
    let label = ["mtls", "mtls", "mtls", "mtls", "mtls", "mtls", "plain", "plain", h, h, "F3"];
    let table = [
        ("unset, label istio", "istio", By::Service, String::new(), label),
        ("unset, no label", "", By::Service, String::new(), plaintext),
        ("unset, another label", "disabled", By::Service, String::new(), plaintext),
        ("unset, namespace DISABLE", "istio", By::Service, off, plaintext),
        ("unset, MESH_EXTERNAL", "istio", By::External, String::new(), plaintext),
        ("unset, enableAutoMtls off", "istio", By::Service, config("enableAutoMtls: false"), plaintext),
        ("DISABLE", "istio", By::Service, for_all(&tls("DISABLE")), plaintext),
        (
            "ISTIO_MUTUAL",
            "istio",
            By::Service,
            for_all(&tls("ISTIO_MUTUAL")),
            ["mtls", "mtls", "mtls", "mtls", "mtls", "mtls", "F3", "F3", h, h, "F3"],
        ),
        ("SIMPLE", "istio", By::Service, for_all(&tls("SIMPLE")), ["F4", "F4", "F4", "F6", "tls", "tls", "F3", "tls", h, h, "tls"]),
        ("MUTUAL", "istio", By::Service, for_all(FILES), ["unknown", "unknown", "unknown", "F6", "tls", "tls", "F3", "tls", h, h, "tls"]),
    ];
    for (what, tls_mode, by, objects, expected) in table {
        with(&(mesh_of(tls_mode, by) + &objects), |mesh| {
            for from in ["sidecar", "gateway"] {
                let found = COLUMNS.map(|to| Asked::new(from, &host(to)).outcome(mesh));
                assert_eq!(found, expected, "{from}, {what}");
            }
        });
    }
}

#[test]
fn s97_a_label_left_over_on_an_ambient_pod() {
    let yaml = meshed_pod("web", "client", "app: client", "", &[])
        + &["strict", "open"]
            .map(|name| ambient_pod("data", name, &format!("app: {name}, security.istio.io/tlsMode: istio"), &[80]))
            .concat()
        + &["strict", "open"].map(|name| service("data", name, &format!("app: {name}"), "{name: any, port: 80}")).concat()
        + &policy("data", "strict", "app=strict", "mtls: {mode: STRICT}");
    with(&yaml, |mesh| {
        assert_eq!(["strict", "open"].map(|to| Asked::new("client", &host(to)).outcome(mesh)), ["F8", "F3"]);
    });
}

#[test]
fn s98_headless_services_and_pod_addresses() {
    // STRICT, PERMISSIVE, DISABLE, ambient STRICT, ambient open, naked.
    let columns = ["strict-tcp", "open-tcp", "off-tcp", "ambient-strict", "ambient-open", "naked"];
    // Beside every server a pod without label, so that not all endpoints are `istio`.
    let naked = columns.map(|name| pod("data", &format!("beside-{name}"), &format!("app: {name}"), "", &[80], "")).concat();
    let all = mesh_of("istio", By::Headless);
    let mutual = for_all(&tls("ISTIO_MUTUAL"));
    let headless = |yaml: &str, to: &str| {
        with(yaml, |mesh| {
            let found = Asked::new("sidecar", &host(to)).ask(mesh);
            let of =
                |reached: &&reach::EndpointAnswer<'_>| reached.endpoint.server.is_some_and(|(workload, _)| workload.subject.name == to);
            found.endpoints.iter().find(of).map_or("none", |reached| word(reached.evaluation.verdict)).to_owned()
        })
    };
    for (to, expected) in columns.into_iter().zip(["mtls", "mtls", "F3"]) {
        assert_eq!(headless(&all, to), expected, "all endpoints with label, {to}");
    }
    for (to, expected) in columns.into_iter().zip(["F2", "plain", "plain", "F8", "plain", "plain"]) {
        assert_eq!(headless(&(all.clone() + &naked), to), expected, "one endpoint without label, {to}");
    }
    for (to, expected) in columns.into_iter().zip(["mtls", "mtls", "F3", "F8", "F3", "F3"]) {
        assert_eq!(headless(&(all.clone() + &mutual), to), expected, "ISTIO_MUTUAL, {to}");
    }
    for objects in [String::new(), mutual, config("enableAutoMtls: false")] {
        with(&(mesh_of("istio", By::Service) + &objects), |mesh| {
            for (to, expected) in columns.into_iter().zip(["F2", "plain", "plain", "F8", "plain", "plain"]) {
                assert_eq!(outcome(&Asked::new("sidecar", to).ask_pods(mesh)), expected, "its address, {to}");
            }
        });
    }
}

#[test]
fn s99_ztunnel_looks_at_no_rule() {
    let tunnel = meshed_pod("data", "tunnel", "app: tunnel, networking.istio.io/tunnel: http", "", &[80])
        + &service("data", "tunnel", "app: tunnel", "{name: http, port: 80}")
        + &policy("data", "tunnel", "app=tunnel", "mtls: {mode: STRICT}");
    let edge = gateway_pod("data", "edge") + &service("data", "edge", "istio: gateway", "{name: http, port: 80}");
    let scope = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: web}\n\
                 spec: {egress: [{hosts: ['./*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}\n";
    let columns = [
        ("strict-http", "F1"),
        ("strict-tcp", "F1"),
        ("open-http", "plain"),
        ("open-tcp", "plain"),
        ("off-http", "plain"),
        ("ambient-strict", "mtls"),
        ("ambient-open", "mtls"),
        ("tunnel", "mtls"),
        ("naked", "plain"),
        ("edge", "plain"),
    ];
    let mut whatever: Vec<String> = ["DISABLE", "SIMPLE", "ISTIO_MUTUAL"].iter().map(|mode| for_all(&tls(mode))).collect();
    whatever.extend([
        String::new(),
        scope.to_owned(),
        config("enableAutoMtls: false"),
        config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"),
        policy("web", "p", "", "mtls: {mode: DISABLE}"),
    ]);
    for by in [By::Service, By::Headless] {
        for objects in &whatever {
            with(&(mesh_of("istio", by) + &tunnel + &edge + objects), |mesh| {
                for (to, expected) in columns {
                    assert_eq!(Asked::new("ambient", &host(to)).outcome(mesh), expected, "{to}, {objects}");
                    assert_eq!(outcome(&Asked::new("ambient", to).ask_pods(mesh)), expected, "the address of {to}, {objects}");
                }
            });
        }
    }
    with(&mesh_of("istio", By::Service), |mesh| assert_eq!(Asked::new("ambient", "example.com").outcome(mesh), "plain"));
}

/// A waypoint of `data` for this kind of traffic.
fn waypoint(traffic: &str) -> String {
    let label = if traffic.is_empty() { String::new() } else { format!("istio.io/waypoint-for: {traffic}") };
    format!(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: wp, namespace: data, labels: {{{label}}}}}\n\
         spec: {{gatewayClassName: istio-waypoint, listeners: [{{name: mesh, port: 15008, protocol: HBONE}}]}}\n\
         status: {{addresses: [{{value: 10.96.0.9}}]}}\n"
    )
}

#[test]
fn s99_s100_through_a_waypoint() {
    let bound = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: data, labels: {istio.io/use-waypoint: wp}}\n";
    // The kind of traffic, and what comes of calls to a STRICT sidecar, a STRICT ambient pod and a naked one.
    let table = [
        ("", ["F2", "mtls", "plain"]),
        ("service", ["F2", "mtls", "plain"]),
        ("all", ["F2", "mtls", "plain"]),
        ("workload", ["F1", "mtls", "plain"]),
        ("none", ["F1", "mtls", "plain"]),
    ];
    for (traffic, expected) in table {
        with(&(mesh_of("istio", By::Service) + bound + &waypoint(traffic)), |mesh| {
            let found = ["strict-http", "ambient-strict", "naked"].map(|to| Asked::new("ambient", &host(to)).outcome(mesh));
            assert_eq!(found, expected, "`{traffic}`");
            // Sidecars go past it (S90).
            assert_eq!(Asked::new("sidecar", &host("strict-http")).outcome(mesh), "mtls");
        });
    }
    // A name that stands for no Gateway stands for nothing.
    with(&(mesh_of("istio", By::Service) + bound), |mesh| assert_eq!(Asked::new("ambient", &host("strict-http")).outcome(mesh), "F1"));
}

#[test]
fn s101_clients_outside_the_mesh() {
    // What comes of plaintext, and of the application's own TLS.
    let table = [
        ("strict-http", "F1", "F4"),
        ("strict-tcp", "F1", "F4"),
        ("strict-any", "F1", "F4"),
        ("open-http", "plain", "F6"),
        ("open-tcp", "plain", "tls"),
        ("open-any", "plain", "tls"),
        ("off-http", "plain", "F7"),
        ("off-tcp", "plain", "tls"),
        ("ambient-strict", "F8", "F8"),
        ("ambient-open", "plain", "tls"),
        ("naked", "plain", "tls"),
    ];
    for objects in [String::new(), for_all(&tls("ISTIO_MUTUAL"))] {
        with(&(mesh_of("istio", By::Service) + &objects), |mesh| {
            for (to, plaintext, app) in table {
                for from in ["none", "bypass"] {
                    let of = |scheme| Asked::new(from, &host(to)).speaking(scheme).outcome(mesh);
                    assert_eq!([of(Scheme::Http), of(Scheme::Https)], [plaintext, app], "{from} to {to}");
                }
                assert_eq!([outside(mesh, to, Scheme::Http), outside(mesh, to, Scheme::Https)], [plaintext, app], "outside to {to}");
            }
        });
    }
}

fn outside(mesh: &Mesh<'_>, to: &str, scheme: Scheme) -> String {
    let question = CallQuestion { from: Client::outside(), to: CallTarget::Host(host(to)), port: 80, subset: None, scheme: Some(scheme) };
    outcome(&reach::reach(mesh, &question))
}

#[test]
fn s101_a_server_that_speaks_first() {
    for (mode, expected) in [("STRICT", "F1"), ("PERMISSIVE", "F11"), ("DISABLE", "plain")] {
        let yaml = pod("web", "client", "app: client", "", &[], "")
            + &meshed_pod("data", "db", "app: db", "", &[80])
            + &service("data", "db", "app: db", "{name: mysql, port: 80}")
            + &policy("data", "db", "", &format!("mtls: {{mode: {mode}}}"));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", &host("db")).outcome(mesh), expected, "{mode}"));
    }
}

/// Istio's own table of what reaches what: clients and servers with a sidecar and naked ones, by service and headless.
fn reachability(objects: &str, to_headless: bool, expected: [&str; 4]) {
    let server = |name: &str| {
        let spec = |more: &str| format!("{more}selector: {{app: {name}}}, ports: [{{name: http, port: 80}}, {{name: tcp, port: 81}}]");
        service_with("data", name, "", &spec("")) + &service_with("data", &format!("{name}-headless"), "", &spec("clusterIP: None, "))
    };
    let yaml = [
        meshed_pod("web", "from-sidecar", "app: client", "", &[]),
        pod("web", "from-naked", "app: client", "", &[], ""),
        meshed_pod("data", "sidecar", "app: sidecar", "", &[80, 81]),
        pod("data", "naked", "app: naked", "", &[80, 81], ""),
        server("sidecar"),
        server("naked"),
        objects.to_owned(),
    ];
    with(&yaml.concat(), |mesh| {
        let pairs = ["sidecar", "naked"].into_iter().flat_map(|from| ["sidecar", "naked"].map(|to| (from, to)));
        for ((from, to), expected) in pairs.zip(expected) {
            let suffixes: &[&str] = if to_headless { &["", "-headless"] } else { &[""] };
            for (suffix, port) in suffixes.iter().flat_map(|suffix| [80, 81].map(|port| (suffix, port))) {
                let name = host(&format!("{to}{suffix}"));
                let found = Asked::new(&format!("from-{from}"), &name).at(port).outcome(mesh);
                let is_as_expected = if expected == "F" { found.starts_with('F') } else { found == expected };
                assert!(is_as_expected, "{from} to {name}:{port} gives {found}, not {expected}, with {objects}");
            }
        }
    });
}

#[test]
fn s106_what_istio_says_reaches_what() {
    let mesh_wide = |mode: &str| policy("istio-system", "default", "", &format!("mtls: {{mode: {mode}}}"));
    let rule = |mode: &str| rule("istio-system", "r", "*", &tls(mode));
    let past = crate::mesh_client::rule("istio-system", "r", "*", "trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}");
    let ports = "mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}, 81: {mode: DISABLE}}";
    // From sidecar to sidecar and to naked, from naked to sidecar and to naked; two naked ones always reach each other.
    let table = [
        (mesh_wide("STRICT") + &rule("ISTIO_MUTUAL"), ["mtls", "F", "F", "plain"]),
        (mesh_wide("PERMISSIVE") + &rule("ISTIO_MUTUAL"), ["mtls", "F", "plain", "plain"]),
        (rule("ISTIO_MUTUAL"), ["mtls", "F", "plain", "plain"]),
        (mesh_wide("DISABLE") + &rule("DISABLE"), ["plain"; 4]),
        (mesh_wide("PERMISSIVE") + &rule("DISABLE"), ["plain"; 4]),
        (mesh_wide("STRICT"), ["mtls", "plain", "F", "plain"]),
        (mesh_wide("DISABLE"), ["plain"; 4]),
        (past, ["mtls", "plain", "plain", "plain"]),
    ];
    for (objects, expected) in table {
        reachability(&objects, true, expected);
    }
    reachability(&policy("data", "p", "app=sidecar", ports), false, ["plain"; 4]);
}

#[test]
fn s106_subsets_with_and_without_sidecar() {
    let table = [("", ["mtls", "plain"]), ("DISABLE", ["F", "plain"]), ("ISTIO_MUTUAL", ["mtls", "F"])];
    for (mode, expected) in table {
        let policy_of = if mode.is_empty() { String::new() } else { format!(", {}", tls(mode)) };
        let subset = |name: &str| format!("{{name: {name}, labels: {{version: {name}}}{policy_of}}}");
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &meshed_pod("data", "one", "app: db, version: sidecar", "", &[80])
            + &pod("data", "two", "app: db, version: naked", "", &[80], "")
            + &service("data", "db", "app: db", "{name: http, port: 80}")
            + &policy("data", "p", "", "mtls: {mode: STRICT}")
            + &rule("data", "r", &host("db"), &format!("subsets: [{}, {}]", subset("sidecar"), subset("naked")));
        with(&yaml, |mesh| {
            for (subset, expected) in ["sidecar", "naked"].into_iter().zip(expected) {
                let found = Asked::new("client", &host("db")).subset(subset).outcome(mesh);
                assert!(found == expected || expected == "F" && found.starts_with('F'), "`{mode}` {subset}: {found}, not {expected}");
            }
        });
    }
}

#[test]
fn s106_ambient() {
    let selected = |mode: &str, port: &str| {
        policy("data", "web", "app=ambient", &format!("mtls: {{mode: {mode}}}, portLevelMtls: {{80: {{mode: {port}}}}}"))
    };
    let mesh_wide = |mode: &str| policy("istio-system", "default", "", &format!("mtls: {{mode: {mode}}}"));
    // What comes of calls from naked pods to an ambient one's ports 80 and 81, and to a naked pod.
    let table = [
        (policy("data", "default", "", "mtls: {mode: STRICT}"), ["F8", "F8", "plain"]),
        (selected("STRICT", "PERMISSIVE"), ["plain", "F8", "plain"]),
        (mesh_wide("STRICT") + &selected("UNSET", "PERMISSIVE"), ["plain", "F8", "plain"]),
        (mesh_wide("PERMISSIVE") + &selected("PERMISSIVE", "STRICT"), ["F8", "plain", "plain"]),
        (mesh_wide("PERMISSIVE") + &selected("UNSET", "STRICT"), ["F8", "plain", "plain"]),
    ];
    let server = |name: &str| service("data", name, &format!("app: {name}"), "{name: http, port: 80}, {name: tcp, port: 81}");
    let base = [
        pod("web", "from-naked", "app: client", "", &[], ""),
        ambient_pod("web", "from-ambient", "app: client", &[]),
        meshed_pod("web", "from-sidecar", "app: client", "", &[]),
        ambient_pod("data", "ambient", "app: ambient", &[80, 81]),
        pod("data", "naked", "app: naked", "", &[80, 81], ""),
        server("ambient"),
        server("naked"),
    ];
    for (objects, expected) in table {
        with(&(base.concat() + &objects), |mesh| {
            let calls = [("ambient", 80), ("ambient", 81), ("naked", 80)];
            let from = |from: &str| calls.map(|(to, port)| Asked::new(from, &host(to)).at(port).outcome(mesh));
            assert_eq!(from("from-naked"), expected, "{objects}");
            for meshed in ["from-ambient", "from-sidecar"] {
                assert_eq!(from(meshed), ["mtls", "mtls", "plain"], "{meshed}, {objects}");
            }
        });
    }
}
