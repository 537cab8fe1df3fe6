//! Calls to what does not exist (F14, MTLS222), and plaintext to servers that only accept TLS (F13, MTLS223).

use kubectl_mtls::{
    checks::{self, Severity},
    istio::IstioVersion,
    mesh::{Client, ClientKind, ControlPlaneOptions, Failure, Mesh, Verdict},
    object::Labels,
    queries::{
        Scope,
        migrate::{MigrationCause, Target, plan},
        reach::{self, CallQuestion, CallTarget, OverallResult, Scheme},
    },
};

use crate::{
    mesh_client::outcome,
    support::{ambient_pod, meshed_pod, namespace, pod, policy, snapshot, with, workload},
};

fn service(namespace: &str, name: &str, spec: &str, ports: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}, ports: [{ports}]}}\n")
}

fn object(api: &str, kind: &str, namespace: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n")
}

fn route(namespace: &str, spec: &str) -> String {
    object("networking.istio.io/v1", "VirtualService", namespace, "v", spec)
}

fn rule(namespace: &str, host: &str, tls: &str) -> String {
    object("networking.istio.io/v1", "DestinationRule", namespace, "r", &format!("host: {host}, trafficPolicy: {{tls: {{{tls}}}}}"))
}

fn kinds() -> [(&'static str, ClientKind); 5] {
    [
        ("sidecar", ClientKind::Sidecar),
        ("ambient", ClientKind::Ambient),
        ("none", ClientKind::None),
        ("proxyless", ClientKind::Proxyless),
        ("gateway", ClientKind::Gateway),
    ]
}

/// The outcome of a call of any client of namespace `bar`, and how many endpoints it has.
fn call(yaml: &str, kind: ClientKind, host: &str, port: u16, scheme: Option<Scheme>) -> (String, usize) {
    with(yaml, |mesh| {
        let from = Client::any(mesh.indices(), "bar", Labels::default(), kind);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(host.into()), port, subset: None, scheme });
        (outcome(&answer), answer.endpoints.len())
    })
}

/// Findings of a rule: severity and message.
fn findings(yaml: &str, id: &str) -> Vec<(Severity, String, String)> {
    with(yaml, |mesh| {
        let found = checks::run(mesh, |rule| rule.id == id);
        found.into_iter().map(|one| (one.severity, one.message, one.fix.unwrap_or_default())).collect()
    })
}

// ---------------------------------------------------------------- F14

const ALIAS: &str = "alias.bar.svc.cluster.local";

fn aliased(target: &str, more: &str) -> String {
    let alias =
        service("bar", "alias", &format!("type: ExternalName, externalName: {target}"), "{name: http, port: 80}, {name: tcp, port: 9}");
    namespace("foo", "") + &namespace("bar", "istio-injection: enabled") + &meshed_pod("foo", "x", "app: x", "", &[8080]) + &alias + more
}

fn target(spec: &str) -> String {
    service("foo", "x", spec, "{name: http, port: 8080}, {name: tcp, port: 9}")
}

#[test]
fn s245_a_port_that_only_the_alias_has_leads_to_nothing() {
    let yaml = aliased("x.foo.svc.cluster.local", &target("selector: {app: x}"));
    for (name, kind) in kinds() {
        let expected = if kind == ClientKind::Gateway { "F12" } else { "F14" };
        assert_eq!(call(&yaml, kind, ALIAS, 80, None), (expected.to_owned(), 0), "{name}");
        let works = call(&yaml, kind, ALIAS, 9, None).0;
        assert!(["mtls", "plain"].contains(&works.as_str()), "a port of both, {name}: {works}");
    }
    with(&yaml, |mesh| {
        let from = Client::any(mesh.indices(), "bar", Labels::default(), ClientKind::Sidecar);
        let question = CallQuestion { from, to: CallTarget::Host(ALIAS.into()), port: 80, subset: None, scheme: None };
        assert_eq!(reach::missing(mesh, &question, "bar"), None, "it exists as a question");
        let answer = reach::reach(mesh, &question);
        assert!(answer.notes.iter().any(|note| note.message.contains("only 8080, 9")), "{:?}", answer.notes);
    });
}

#[test]
fn s245_an_alias_leads_where_its_target_is() {
    let headless = target("clusterIP: None, selector: {app: x}");
    let other = target("selector: {app: x}")
        + &service("foo", "middle", "type: ExternalName, externalName: x.foo.svc.cluster.local", "{name: http, port: 80}");
    let table = [
        ("a headless Service has every port of its pods", "x.foo.svc.cluster.local", headless, "plain"),
        ("another alias", "middle.foo.svc.cluster.local", other.clone(), "F14"),
        ("a host outside the cluster", "db.example.com", other.clone(), "plain"),
        ("a Service that does not exist", "y.foo.svc.cluster.local", other.clone(), "F14"),
        ("a namespace that does not exist", "x.fo.svc.cluster.local", other.clone(), "F14"),
        // It is absolute for cluster DNS, so it is no name of a Service (S310).
        ("a short name", "x.foo", other.clone(), "F14"),
        ("a short name that no Service has", "y.foo", other, "plain"),
    ];
    for (what, to, more, expected) in table {
        assert_eq!(call(&aliased(to, &more), ClientKind::Sidecar, ALIAS, 80, None).0, expected, "{what}");
    }
}

#[test]
fn s245_an_alias_of_what_may_exist_is_unknown() {
    // Of namespace `foo` no Service was read.
    let yaml = aliased("y.foo.svc.cluster.local", "");
    with(&yaml, |mesh| {
        let from = Client::any(mesh.indices(), "bar", Labels::default(), ClientKind::Sidecar);
        let question = CallQuestion { from, to: CallTarget::Host(ALIAS.into()), port: 80, subset: None, scheme: None };
        let missing = reach::missing(mesh, &question, "bar").expect("its target was not read");
        assert!(!missing.is_certain, "{missing:?}");
    });
}

#[test]
fn s245_registry_only_refuses_the_call_before_anything_is_resolved() {
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}'}\n";
    let yaml = aliased("x.foo.svc.cluster.local", &(target("selector: {app: x}") + config));
    assert_eq!(call(&yaml, ClientKind::Sidecar, ALIAS, 80, None).0, "F9");
    assert_eq!(call(&yaml, ClientKind::None, ALIAS, 80, None).0, "F14");
}

/// Objects that call something of namespace `foo`, which has Service `x` with ports 8080 (http) and 9 (tcp), and headless Service `h`.
fn calls(more: &str) -> Vec<String> {
    let headless = service("foo", "h", "clusterIP: None, selector: {app: x}", "{name: tcp, port: 7}");
    let entry = object(
        "networking.istio.io/v1",
        "ServiceEntry",
        "foo",
        "e",
        "hosts: [e.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS",
    );
    let yaml = aliased("x.foo.svc.cluster.local", &(target("selector: {app: x}") + &headless + &entry + more));
    findings(&yaml, "MTLS222").into_iter().map(|(_, message, _)| message).collect()
}

#[test]
fn f12_and_f14_what_an_object_calls_has_to_exist() {
    let to = |host: &str, port: u16| {
        route("foo", &format!("hosts: [x], http: [{{route: [{{destination: {{host: {host}, port: {{number: {port}}}}}}}]}}]"))
    };
    let conversion = |name: &str, port: u16| {
        format!(
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: things.example.com}}\nspec: {{conversion: {{strategy: Webhook, webhook: {{clientConfig: {{service: {{namespace: foo, name: {name}, port: {port}}}}}}}}}}}\n"
        )
    };
    let api = |name: &str, port: u16| {
        format!(
            "---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {{name: v1.example.com}}\nspec: {{service: {{namespace: foo, name: {name}, port: {port}}}}}\n"
        )
    };
    let ingress = |name: &str, port: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: foo}}\nspec: {{defaultBackend: {{service: {{name: {name}, port: {{{port}}}}}}}}}\n"
        )
    };
    let table = [
        (to("x", 8080), ""),
        (to("x", 80), "has no port 80, only 8080, 9"),
        (to("z", 80), "Service foo/z does not exist"),
        // A headless Service takes calls at every port, but no route has a cluster for them (S237).
        (to("h", 7), ""),
        (to("h", 8), "has no port 8, only 7"),
        (to("e.example", 443), ""),
        (to("e.example", 80), "has no port 80, only 443"),
        // Whether another file defines it is unknown.
        (to("f.example", 80), ""),
        (conversion("x", 8080), ""),
        (conversion("x", 443), "has no port 443, only 8080, 9"),
        (conversion("z", 443), "Service foo/z does not exist"),
        (api("x", 9), ""),
        (api("x", 443), "has no port 443, only 8080, 9"),
        (api("z", 443), "Service foo/z does not exist"),
        (ingress("x", "name: http"), ""),
        (ingress("x", "name: htpp"), "has no port htpp, only http, tcp"),
        (ingress("x", "number: 80"), "has no port 80, only 8080, 9"),
    ];
    for (more, expected) in table {
        match calls(&more).as_slice() {
            [] => assert_eq!(expected, "", "{more}"),
            [one] => assert!(!expected.is_empty() && one.contains(expected), "{more}: {one}"),
            several => panic!("{more}: {several:?}"),
        }
    }
}

#[test]
fn f14_a_webhook_that_calls_an_alias_needs_a_port_of_its_target() {
    let webhook = |port: u16| {
        format!(
            "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: w}}\nwebhooks: [{{name: w.example.com, clientConfig: {{service: {{namespace: bar, name: alias, port: {port}}}}}}}]\n"
        )
    };
    assert_eq!(calls(&webhook(9)), Vec::<String>::new());
    let found = calls(&webhook(80));
    assert!(found.len() == 1 && found[0].contains("Service foo/x has no port 80"), "{found:?}");
}

#[test]
fn s185_a_probe_names_a_port_of_its_own_container() {
    let deployment = |port: &str, ports: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: bar}}\nspec: {{selector: {{matchLabels: {{app: d}}}}, template: {{metadata: {{labels: {{app: d}}}}, \
             spec: {{containers: [{{name: a, image: a, ports: [{ports}], readinessProbe: {{httpGet: {{port: {port}}}}}}}, {{name: b, image: b, ports: [{{name: other, containerPort: 81}}]}}]}}}}}}\n"
        )
    };
    let table = [
        ("http", "{name: http, containerPort: 80}", ""),
        ("htpp", "{name: http, containerPort: 80}", "readiness probe for port htpp of container a, only http"),
        ("htpp", "{containerPort: 80}", "readiness probe for port htpp of container a, which declares no named port"),
        // The port of another container is none of its own.
        ("other", "{name: http, containerPort: 80}", "readiness probe for port other of container a, only http"),
        // A number need not be declared.
        ("9999", "{name: http, containerPort: 80}", ""),
        ("'80'", "", ""),
    ];
    for (port, ports, expected) in table {
        let found = calls(&deployment(port, ports));
        assert_eq!(found.len(), usize::from(!expected.is_empty()), "{port}: {found:?}");
        assert!(found.iter().all(|one| one.contains(expected)), "{port}: {found:?}");
    }
}

// ---------------------------------------------------------------- F13

/// A client in `bar`, Service `front` (HTTP), and Service `secure` whose port declares TLS and leads to 8443 of a workload without proxy.
fn secured(probe: &str, more: &str) -> String {
    let server = format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: secure, namespace: foo}}\nspec: {{selector: {{matchLabels: {{app: secure}}}}, template: {{metadata: {{labels: {{app: secure}}}}, \
         spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 8443}}]{probe}}}]}}}}}}\n"
    );
    namespace("foo", "")
        + &namespace("bar", "istio-injection: enabled")
        + &pod("foo", "front", "app: front", "", &[80], "")
        + &service("foo", "front", "selector: {app: front}", "{name: http, port: 80}")
        + &server
        + &service("foo", "secure", "selector: {app: secure}", "{name: https, port: 443, targetPort: 8443}")
        + &meshed_pod("bar", "client", "app: client", "", &[])
        + more
}

const PROBE: &str = ", readinessProbe: {httpGet: {port: 8443, scheme: HTTPS}}";
const FRONT: &str = "front.foo.svc.cluster.local";
const SECURE: &str = "secure.foo.svc.cluster.local";

fn to_secure(kind: &str) -> String {
    route("foo", &format!("hosts: [{FRONT}], {kind}: [{{route: [{{destination: {{host: {SECURE}, port: {{number: 443}}}}}}]}}]"))
}

#[test]
fn s236_http_that_is_routed_to_a_server_that_only_accepts_tls_fails() {
    let webhook = format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: w}}\nwebhooks: [{{name: w.example.com, clientConfig: {{service: {{namespace: foo, name: secure}}}}}}]\n{}",
        to_secure("http")
    );
    let simple = rule("foo", SECURE, "mode: SIMPLE") + &to_secure("http");
    let table = [
        ("a probe is sent over TLS", PROBE, to_secure("http"), "F13"),
        ("the API server calls it", "", webhook, "F13"),
        // What a port declares by its name may be wrong.
        ("only the port declares TLS", "", to_secure("http"), "plain"),
        ("a probe without TLS", ", readinessProbe: {httpGet: {port: 8443}}", to_secure("http"), "plain"),
        ("a probe of another port", ", readinessProbe: {httpGet: {port: 8444, scheme: HTTPS}}", to_secure("http"), "plain"),
        // A rule makes the client's proxy originate TLS (S241).
        ("a rule originates TLS", PROBE, simple, "tls"),
        ("a TCP route does not apply to HTTP", PROBE, to_secure("tcp"), "plain"),
    ];
    for (what, probe, more, expected) in table {
        assert_eq!(call(&secured(probe, &more), ClientKind::Sidecar, FRONT, 80, None).0, expected, "{what}");
    }
}

#[test]
fn s240_the_protocol_of_the_question_decides_at_a_server_that_only_accepts_tls() {
    let table =
        [(PROBE, None, "tls"), (PROBE, Some(Scheme::Https), "tls"), (PROBE, Some(Scheme::Http), "F13"), ("", Some(Scheme::Http), "plain")];
    for (probe, scheme, expected) in table {
        for kind in [ClientKind::Sidecar, ClientKind::None, ClientKind::Ambient] {
            assert_eq!(call(&secured(probe, ""), kind, SECURE, 443, scheme).0, expected, "{kind:?} {scheme:?}");
        }
    }
}

#[test]
fn s239_what_a_gateway_terminated_arrives_as_plaintext() {
    let of_gateway = |kind: &str| to_secure(kind).replace("hosts: [", "gateways: [g], hosts: [");
    let table = [("http", PROBE, "F13"), ("http", "", "plain"), ("tls", PROBE, "tls"), ("tcp", PROBE, "plain")];
    for (kind, probe, expected) in table {
        assert_eq!(call(&secured(probe, &of_gateway(kind)), ClientKind::Gateway, SECURE, 443, None).0, expected, "{kind} {probe}");
    }
}

#[test]
fn s102_a_gateway_server_with_tls_refuses_plaintext() {
    let gateway = pod("foo", "edge", "istio: edge", "", &[8443], "{name: istio-proxy, image: proxyv2, args: [proxy, router]}");
    for mode in ["SIMPLE", "MUTUAL", "ISTIO_MUTUAL", "PASSTHROUGH"] {
        let servers = format!(
            "selector: {{istio: edge}}, servers: [{{port: {{number: 443, name: https, protocol: HTTPS}}, hosts: ['*'], tls: {{mode: {mode}}}}}]"
        );
        let yaml = gateway.clone()
            + &service("foo", "edge", "selector: {istio: edge}", "{name: http, port: 443, targetPort: 8443}")
            + &object("networking.istio.io/v1", "Gateway", "foo", "g", &servers);
        assert_eq!(call(&yaml, ClientKind::None, "edge.foo.svc.cluster.local", 443, None).0, "F13", "{mode}");
    }
}

/// The gateway of the tests, its Gateway, and a route to Service `secure`.
fn behind_gateway(server: &str, more: &str) -> String {
    let gateway = pod("foo", "edge", "istio: edge", "", &[8443], "{name: istio-proxy, image: proxyv2, args: [proxy, router]}");
    let server = format!(
        "selector: {{istio: edge}}, servers: [{{port: {{number: 443, name: https, protocol: HTTPS}}, hosts: ['*'], tls: {{{server}}}}}]"
    );
    gateway + &object("networking.istio.io/v1", "Gateway", "foo", "g", &server) + more
}

#[test]
fn mtls223_fires_where_plaintext_arrives_and_nothing_originates_tls() {
    let of_gateway = |kind: &str| to_secure(kind).replace("hosts: [", "gateways: [g], hosts: [");
    let ended = |more: &str| behind_gateway("mode: SIMPLE, credentialName: c", more);
    let http_too = service(
        "foo",
        "secure",
        "selector: {app: secure}",
        "{name: https, port: 443, targetPort: 8443}, {name: http, port: 80, targetPort: 8443}",
    );
    let strict = meshed_pod("foo", "secure-0", "app: secure", "", &[8443]) + &policy("foo", "default", "", "mtls: {mode: STRICT}");
    let (warns, fails) = (Some(Severity::Warning), Some(Severity::Error));
    let table = [
        ("a route in the mesh", "", to_secure("http"), warns),
        ("a known server", PROBE, to_secure("http"), fails),
        ("a gateway", "", ended(&of_gateway("http")), warns),
        ("a gateway, and a known server", PROBE, ended(&of_gateway("http")), fails),
        ("TLS that passes", PROBE, behind_gateway("mode: PASSTHROUGH", &of_gateway("tls")), None),
        ("an HTTP route of a server that does not terminate TLS", PROBE, behind_gateway("mode: PASSTHROUGH", &of_gateway("http")), None),
        ("decrypted bytes of an unknown protocol", "", ended(&of_gateway("tcp")), None),
        ("a rule that originates TLS", PROBE, to_secure("http") + &rule("foo", SECURE, "mode: SIMPLE"), None),
        (
            "mTLS of a rule, which the server's proxy would have to end",
            "",
            to_secure("http") + &rule("foo", SECURE, "mode: MUTUAL, clientCertificate: c, privateKey: k"),
            None,
        ),
        ("the same workload port declares HTTP too", "", to_secure("http") + &http_too, None),
        ("mTLS that a proxy ends, with plaintext inside", "", to_secure("http") + &strict, warns),
        (
            "a route that another match limits to gateways",
            "",
            to_secure("http").replace("{route", "{match: [{gateways: [g]}], route"),
            None,
        ),
        (
            "a route of a host that is called over TLS only",
            "",
            to_secure("http").replace(&format!("[{FRONT}]"), &format!("[{SECURE}]")),
            None,
        ),
    ];
    for (what, probe, more, expected) in table {
        let found = findings(&secured(probe, &more), "MTLS223");
        assert_eq!(found.first().map(|one| one.0), expected, "{what}: {found:?}");
        assert!(found.len() <= 1, "{what}: {found:?}");
    }
}

#[test]
fn s238_the_host_of_a_virtual_service_that_is_no_service_is_known_at_port_80() {
    let of = |host: &str, port: &str| {
        route("foo", &format!("hosts: [{host}], http: [{{{port}route: [{{destination: {{host: {SECURE}, port: {{number: 443}}}}}}]}}]"))
    };
    let table = [
        ("every port", of("api.example", ""), 1),
        ("port 80", of("api.example", "match: [{port: 80}], "), 1),
        ("another port", of("api.example", "match: [{port: 8080}], "), 0),
    ];
    for (what, more, count) in table {
        assert_eq!(findings(&secured("", &more), "MTLS223").len(), count, "{what}");
    }
}

#[test]
fn mtls223_is_gone_with_its_fix() {
    let workload_strict = meshed_pod("foo", "secure-0", "app: secure", "", &[8443]) + &policy("foo", "default", "", "mtls: {mode: STRICT}");
    let gateway = behind_gateway(
        "mode: ISTIO_MUTUAL",
        &service("foo", "secure2", "selector: {istio: edge}", "{name: https, port: 443, targetPort: 8443}"),
    );
    let to_gateway = to_secure("http").replace(SECURE, "secure2.foo.svc.cluster.local");
    let table = [
        (
            to_secure("http"),
            "SIMPLE for port 443",
            to_secure("http") + &rule("foo", SECURE, "mode: SIMPLE, caCertificates: /ca, subjectAltNames: [a]"),
        ),
        (
            gateway.clone() + &to_gateway,
            "ISTIO_MUTUAL",
            gateway + &to_gateway + &rule("foo", "secure2.foo.svc.cluster.local", "mode: ISTIO_MUTUAL, sni: a.example"),
        ),
        (to_secure("http") + &workload_strict, "without this route", workload_strict.clone()),
    ];
    for (bad, fix, good) in table {
        let found = findings(&secured("", &bad), "MTLS223");
        assert!(found.len() == 1 && found[0].2.contains(fix), "{found:?}");
        assert_eq!(findings(&secured("", &good), "MTLS223"), [], "{fix}");
        with(&secured("", &good), |mesh| {
            let is_of_client = |one: &checks::Finding| one.severity == Severity::Error && one.rule.id.starts_with("MTLS2");
            let broken = checks::run(mesh, |_| true).into_iter().filter(is_of_client);
            assert_eq!(broken.map(|one| one.message).collect::<Vec<_>>(), Vec::<String>::new(), "{fix}");
        });
    }
}

#[test]
fn every_failure_has_its_code() {
    let all = [
        (Failure::PlaintextToTls, "F13"),
        (Failure::NothingThere, "F14"),
        (Failure::NoCluster, "F12"),
        (Failure::PlaintextToStrictNoEnvoy, "F1"),
    ];
    for (failure, code) in all {
        assert_eq!(failure.code(), code);
    }
}

#[test]
fn s83_a_match_applies_to_the_gateways_that_it_names() {
    let route_of = |gateways: &str| {
        route(
            "foo",
            &format!(
                "hosts: [{FRONT}], gateways: [mesh, g], http: [{{match: [{{gateways: [{gateways}]}}], route: [{{destination: {{host: {SECURE}, port: {{number: 443}}}}}}]}}]"
            ),
        )
    };
    for (gateways, expected) in [("mesh", "secure"), ("g", "front"), ("'mesh', g", "secure")] {
        with(&secured("", &route_of(gateways)), |mesh| {
            let client = workload(mesh, "client");
            let from = Client::workload(client, &client.instances[0]);
            let answer =
                reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(FRONT.into()), port: 80, subset: None, scheme: None });
            let servers: Vec<_> = answer.endpoints.iter().map(|one| one.endpoint.server.unwrap().0.subject.name.to_string()).collect();
            assert_eq!(servers, [expected], "{gateways}");
        });
    }
}

#[test]
fn s238_a_route_of_a_host_without_service_applies_at_port_80_only() {
    let of = |hosts: &str| {
        route("foo", &format!("hosts: [{hosts}], http: [{{route: [{{destination: {{host: {FRONT}, port: {{number: 80}}}}}}]}}]"))
    };
    let with_8080 = service("foo", "other", "selector: {app: front}", "{name: http, port: 8080}");
    let table = [
        (of("api.example"), 80, "front"),
        (of("api.example"), 8080, "-"),
        // The HTTP ports of a service among the hosts are those of all of them.
        (of("api.example, other.foo.svc.cluster.local") + &with_8080, 8080, "front"),
        (of("api.example, other.foo.svc.cluster.local") + &with_8080, 80, "-"),
    ];
    for (more, port, expected) in table {
        with(&secured("", &more), |mesh| {
            let from = Client::any(mesh.indices(), "bar", Labels::default(), ClientKind::Sidecar);
            let answer =
                reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host("api.example".into()), port, subset: None, scheme: None });
            let server = answer.endpoints[0].endpoint.server.map_or("-", |(workload, _)| workload.subject.name.as_str());
            assert_eq!(server, expected, "{port} {more}");
        });
    }
}

/// The workloads that an ambient client of a namespace reaches for host `db.k…` with this version, and the result.
fn of_shared_host(version: &str, from: &str, addresses: &str, entry_namespace: &str) -> (Vec<String>, OverallResult) {
    let entry = object(
        "networking.istio.io/v1",
        "ServiceEntry",
        entry_namespace,
        "db",
        &format!(
            "hosts: [db.k.svc.cluster.local], {addresses}location: MESH_INTERNAL, resolution: STATIC, ports: [{{number: 80, name: http, protocol: HTTP}}], endpoints: [{{address: 10.9.9.9}}]"
        ),
    );
    let yaml = ambient_pod("k", "db", "app: db", &[80]) + &service("k", "db", "selector: {app: db}", "{name: http, port: 80}") + &entry;
    let snapshot = snapshot(&yaml);
    let istio_version = Some(IstioVersion::parse(version).unwrap());
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions { istio_version, ..ControlPlaneOptions::default() });
    let client = Client::any(mesh.indices(), from, Labels::default(), ClientKind::Ambient);
    let question =
        CallQuestion { from: client, to: CallTarget::Host("db.k.svc.cluster.local".into()), port: 80, subset: None, scheme: None };
    let answer = reach::reach(&mesh, &question);
    let name =
        |one: &reach::EndpointAnswer<'_>| one.endpoint.server.map_or("-".to_owned(), |(workload, _)| workload.subject.name.to_string());
    (answer.endpoints.iter().map(name).collect(), answer.result())
}

#[test]
fn s231_which_of_two_services_with_one_host_ztunnel_calls() {
    let (mtls, plain, unknown) = (Verdict::Mtls, Verdict::Plaintext, Verdict::Unknown);
    let vip = "addresses: [240.0.0.1], ";
    let table = [
        ("the namespace of the entry, which has an address", "1.32", "e", vip, "e", "-", plain),
        ("without an address", "1.32", "e", "", "e", "db", unknown),
        ("before the DNS proxy was the default", "1.24", "e", vip, "e", "db", mtls),
        ("another namespace", "1.32", "x", vip, "e", "db", mtls),
        ("from 1.29 the Service is the canonical one", "1.29", "x", vip, "e", "db", mtls),
        ("before", "1.28", "x", vip, "e", "db", unknown),
        ("an entry beside the Service is dropped", "1.28", "k", vip, "k", "db", mtls),
    ];
    for (what, version, from, addresses, namespace, server, verdict) in table {
        assert_eq!(of_shared_host(version, from, addresses, namespace), (vec![server.to_owned()], OverallResult::All(verdict)), "{what}");
    }
}

#[test]
fn s210_what_ztunnel_gets_of_slices_depends_on_the_version() {
    let slice = |endpoint: &str| {
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\nmetadata: {name: s, namespace: k, labels: {kubernetes.io/service-name: db}}\nports: [{name: http, port: 80}]\nendpoints: ["
            .to_owned()
            + endpoint
            + "]\n"
    };
    let pod = ambient_pod("k", "db", "app: db", &[80]).replace("phase: Running", "phase: Running, podIP: 10.1.0.1").replacen(
        "metadata: {",
        "metadata: {uid: u-1, ",
        1,
    );
    let named = "{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: k, name: db, uid: u-1}}";
    let earlier = "{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: k, name: db, uid: u-0}}";
    let address = "{addresses: [10.1.0.1]}";
    let table = [
        ("1.22", named, ""),
        ("1.22", address, ""),
        ("1.23", named, "hbone"),
        ("1.23", earlier, "hbone"),
        ("1.23", address, "hbone"),
        ("1.24", named, "hbone"),
        ("1.24", earlier, ""),
        ("1.24", address, "plaintext"),
        ("1.32", address, "plaintext"),
    ];
    for (version, endpoint, expected) in table {
        let yaml = pod.clone() + &service("k", "db", "clusterIP: 10.0.0.1", "{name: http, port: 80}") + &slice(endpoint);
        let snapshot = snapshot(&yaml);
        let istio_version = Some(IstioVersion::parse(version).unwrap());
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions { istio_version, ..ControlPlaneOptions::default() });
        let from = Client::any(mesh.indices(), "k", Labels::default(), ClientKind::Ambient);
        let question = CallQuestion { from, to: CallTarget::Host("db.k.svc.cluster.local".into()), port: 80, subset: None, scheme: None };
        let sent: Vec<&str> = reach::reach(&mesh, &question).endpoints.iter().map(|one| one.sent_as.as_str()).collect();
        assert_eq!(sent.join(" "), expected, "{version} {endpoint}");
    }
}

#[test]
fn s222_a_pod_has_its_hostname_below_the_service_that_is_its_subdomain() {
    let pod = |name: &str, spec: &str| meshed_pod("k", name, "app: db", "", &[80]).replacen("spec: {", &format!("spec: {{{spec}"), 1);
    let yaml = pod("db-7d9c-x1", "hostname: alpha, subdomain: db, ")
        + &pod("db-7d9c-x2", "hostname: beta, subdomain: other, ")
        + &pod("db-7d9c-x3", "")
        + &service("k", "db", "clusterIP: None, selector: {app: db}", "{name: tcp, port: 80}");
    let table =
        [("alpha", Some("db-7d9c-x1")), ("db-7d9c-x1", None), ("beta", None), ("db-7d9c-x2", None), ("db-7d9c-x3", Some("db-7d9c-x3"))];
    for (name, expected) in table {
        let pods = with(&yaml, |mesh| {
            let from = Client::any(mesh.indices(), "k", Labels::default(), ClientKind::Sidecar);
            let to = reach::resolve(mesh, "k", &format!("{name}.db"));
            let question = CallQuestion { from, to, port: 80, subset: None, scheme: None };
            assert_eq!(reach::missing(mesh, &question, "k").is_some(), expected.is_none(), "{name}");
            let answer = reach::reach(mesh, &question);
            answer.endpoints.iter().filter_map(|one| Some(one.endpoint.pod?.to_string())).collect::<Vec<_>>()
        });
        assert_eq!(pods.first().map(String::as_str), expected, "{name}: {pods:?}");
    }
}

#[test]
fn s197_a_port_that_no_service_has_can_only_be_called_by_address() {
    let redis = meshed_pod("k", "redis", "app: redis", "", &[6379, 26379, 9121]);
    let scraped = redis.replace("annotations: {", "annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '9121'");
    let client = meshed_pod("k", "client", "app: client", "", &[]);
    let front = service("k", "redis", "selector: {app: redis}", "{name: sentinel, port: 26379}");
    let all = service("k", "redis", "selector: {app: redis}", "{name: a, port: 26379}, {name: b, port: 6379}, {name: c, port: 9121}");
    let open = policy("k", "default", "", "mtls: {mode: PERMISSIVE}");
    let table = [
        ("no Service", redis.clone() + &client + &open, "6379 9121 26379"),
        ("a Service with another port", redis.clone() + &client + &front + &open, ""),
        // The caller of a scraped port is known.
        ("a port that is scraped", scraped + &client + &open, "6379 26379"),
        ("a Service with every port", redis.clone() + &client + &all + &open, ""),
        ("nothing that could call it", redis.clone() + &open, ""),
        ("it is STRICT", redis + &client + &policy("k", "default", "", "mtls: {mode: STRICT}"), ""),
    ];
    for (what, yaml, expected) in table {
        let ports = with(&yaml, |mesh| {
            let scope = Scope::default();
            let target = Target::namespaces(mesh, &scope);
            let found = plan(mesh, &ControlPlaneOptions::default(), &target, &scope, None).blockers;
            let own = found.into_iter().filter(|one| one.cause == MigrationCause::PodIp);
            own.flat_map(|one| one.servers.into_values().flatten()).map(|port| port.to_string()).collect::<Vec<_>>()
        });
        assert_eq!(ports.join(" "), expected, "{what}");
    }
}
