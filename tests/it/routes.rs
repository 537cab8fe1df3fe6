//! `VirtualServices` lead calls elsewhere, and bring what they lead to into a client's scope (S46, S83).

use kubectl_mtls::{
    checks,
    mesh::{Client, ClientKind, Failure, Verdict},
    object::Labels,
    queries::reach::{self, CallQuestion, CallTarget, OverallResult},
};

use crate::support::{ambient_pod, meshed_pod, policy, with, workload};

const WEB: &str = "web.shop.svc.cluster.local";

fn service(namespace: &str, name: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80}}]}}\n"
    )
}

fn route(namespace: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: v, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )
}

/// Services `shop/web` and `data/db`, STRICT and behind sidecars; a rule of the first with two subsets; and whatever else.
fn mesh(more: &str) -> String {
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web, namespace: shop}\nspec: {host: web, subsets: [{name: good, labels: {app: web}}, {name: bare, labels: {app: web}, trafficPolicy: {tls: {mode: DISABLE}}}]}\n";
    meshed_pod("shop", "web", "app: web", "", &[80])
        + &meshed_pod("data", "db", "app: db", "", &[80])
        + &service("shop", "web")
        + &service("data", "db")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + rule
        + more
}

/// What comes of a call from a sidecar of a namespace to a host's port 80, and its code.
fn call(more: &str, from: &str, host: &str) -> (OverallResult, Option<&'static str>) {
    with(&mesh(more), |mesh| {
        let from = Client::any(mesh.indices(), from, Labels::default(), ClientKind::Sidecar);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(host.into()), port: 80, subset: None, scheme: None });
        (answer.result(), answer.lowest_failure().map(Failure::code))
    })
}

const MTLS: (OverallResult, Option<&str>) = (OverallResult::All(Verdict::Mtls), None);

#[test]
fn s83_a_route_picks_the_subset_whose_settings_count() {
    let to = |subsets: &str| route("shop", &format!("hosts: [web], http: [{{route: [{subsets}]}}]"));
    let subset = |name: &str| format!("{{destination: {{host: web, subset: {name}}}}}");
    assert_eq!(call("", "shop", WEB), MTLS);
    assert_eq!(call(&to(&subset("good")), "shop", WEB), MTLS);
    assert_eq!(call(&to(&subset("bare")), "shop", WEB), (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2")));
    let both = format!("{}, {}", subset("good"), subset("bare"));
    assert_eq!(call(&to(&both), "shop", WEB), (OverallResult::Mixed, Some("F2")));
    // A subset that nothing defines has no cluster.
    assert_eq!(call(&to(&subset("none")), "shop", WEB), (OverallResult::All(Verdict::Fail(Failure::NoCluster)), Some("F12")));
    let partly = format!("{}, {}", subset("good"), subset("none"));
    assert_eq!(call(&to(&partly), "shop", WEB), (OverallResult::Mixed, Some("F12")));
}

#[test]
fn s83_a_route_counts_for_whom_it_is_for() {
    let bare = "http: [{route: [{destination: {host: web.shop.svc.cluster.local, subset: bare}}]}]";
    let fails = (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2"));
    let table = [
        ("of another namespace", route("data", &format!("hosts: [{WEB}], {bare}")), fails),
        ("exported to nobody else", route("data", &format!("hosts: [{WEB}], exportTo: ['.'], {bare}")), MTLS),
        ("exported by name", route("data", &format!("hosts: [{WEB}], exportTo: [shop], {bare}")), fails),
        ("of a gateway", route("shop", &format!("hosts: [web], gateways: [ingress], {bare}")), MTLS),
        ("of a gateway and the mesh", route("shop", &format!("hosts: [web], gateways: [ingress, mesh], {bare}")), fails),
        ("of a wildcard", route("shop", &format!("hosts: ['*.shop.svc.cluster.local'], {bare}")), fails),
        ("of another host", route("shop", &format!("hosts: [other], {bare}")), MTLS),
        ("of TCP", route("shop", &format!("hosts: [web], {}", bare.replace("http:", "tcp:"))), MTLS),
        ("of another port", route("shop", &format!("hosts: [web], {}", bare.replace("{route", "{match: [{port: 81}], route"))), MTLS),
        ("of this port", route("shop", &format!("hosts: [web], {}", bare.replace("{route", "{match: [{port: 80}], route"))), fails),
    ];
    for (what, text, expected) in table {
        assert_eq!(call(&text, "shop", WEB), expected, "{what}");
    }
}

#[test]
fn s46_what_a_virtual_service_leads_to_is_in_scope() {
    let db = "db.data.svc.cluster.local";
    let sidecar = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: shop}\nspec: {egress: [{hosts: ['./*']}]}\n";
    let hidden = (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2"));
    assert_eq!(call(sidecar, "shop", db), hidden);
    let led = |namespace: &str| {
        sidecar.to_owned() + &route(namespace, &format!("hosts: [web.{namespace}], http: [{{route: [{{destination: {{host: {db}}}}}]}}]"))
    };
    assert_eq!(call(&led("shop"), "shop", "web.shop"), MTLS, "the route has a cluster");
    assert_eq!(call(&led("shop"), "shop", db), hidden, "the host itself has neither a listener nor a route");
    assert_ne!(call(&led("data"), "shop", "web.data"), MTLS, "the VirtualService itself is hidden");
}

#[test]
fn s120_a_process_of_the_host_is_told_that_its_own_node_lets_it_pass() {
    let agent = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: ops, labels: {app: agent}}\nspec: {hostNetwork: true, containers: [{name: a, image: a}]}\nstatus: {phase: Running}\n";
    let text = ambient_pod("shop", "web", "app: web", &[80])
        + &service("shop", "web")
        + &policy("shop", "default", "", "mtls: {mode: STRICT}")
        + agent;
    with(&text, |mesh| {
        let agent = workload(mesh, "agent");
        let from = Client::workload(agent, &agent.instances[0]);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(WEB.into()), port: 80, subset: None, scheme: None });
        assert_eq!(answer.result(), OverallResult::All(Verdict::Fail(Failure::HboneRequired)));
        assert!(answer.notes.iter().any(|note| note.message.contains("own node")));
    });
}

const DB: &str = "db.data.svc.cluster.local";

/// A Service of a workload without a proxy, to which a call is plaintext.
fn plain() -> String {
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: leg, namespace: plain, labels: {app: leg}}\nspec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}\nstatus: {phase: Running}\n".to_owned()
        + &service("plain", "leg")
}

const LEG: &str = "leg.plain.svc.cluster.local";
const PLAINTEXT: (OverallResult, Option<&str>) = (OverallResult::All(Verdict::Plaintext), None);
const NO_CLUSTER: (OverallResult, Option<&str>) = (OverallResult::All(Verdict::Fail(Failure::NoCluster)), Some("F12"));
const ANSWERED: (OverallResult, Option<&str>) = (OverallResult::NoEndpoints, None);

fn to(host: &str) -> String {
    format!("route: [{{destination: {{host: {host}, port: {{number: 80}}}}}}]")
}

/// The result for a sidecar of `shop` with the label `app: web`.
fn labelled_call(more: &str, host: &str, port: u16) -> (OverallResult, Option<&'static str>) {
    with(&mesh(&(plain() + more)), |mesh| {
        let from = Client::workload(workload(mesh, "web"), &workload(mesh, "web").instances[0]);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(host.into()), port, subset: None, scheme: None });
        (answer.result(), answer.lowest_failure().map(Failure::code))
    })
}

#[test]
fn s330_a_route_is_for_the_clients_that_its_conditions_name() {
    let when = |condition: &str| format!("hosts: [{DB}], http: [{{match: [{{{condition}}}], {}}}]", to(LEG));
    let table = [
        (when("sourceNamespace: other"), MTLS),
        (when("sourceNamespace: shop"), PLAINTEXT),
        (when("sourceLabels: {app: web}"), PLAINTEXT),
        (when("sourceLabels: {app: other}"), MTLS),
        (when("sourceNamespace: shop, sourceLabels: {app: other}"), MTLS),
        // Gateways in an HTTP condition, and the client is not looked at.
        (when("gateways: [mesh], sourceNamespace: other"), PLAINTEXT),
        (when("gateways: [mesh], sourceLabels: {app: other}"), PLAINTEXT),
    ];
    for (spec, expected) in table {
        assert_eq!(labelled_call(&route("data", &spec), DB, 80), expected, "{spec}");
    }
    // Connections: the conditions are joined, and what no route matches goes to the service.
    let raw = "---\napiVersion: v1\nkind: Service\nmetadata: {name: raw, namespace: data}\nspec: {selector: {app: db}, ports: [{name: tcp, port: 80}]}\n";
    for (condition, expected) in [
        ("sourceLabels: {app: zz}", MTLS),
        ("sourceLabels: {app: web}", PLAINTEXT),
        ("gateways: [mesh], sourceNamespace: other", MTLS),
        ("port: 80", PLAINTEXT),
    ] {
        let spec = format!("hosts: [raw], tcp: [{{match: [{{{condition}}}], {}}}]", to(LEG));
        assert_eq!(labelled_call(&(raw.to_owned() + &route("data", &spec)), "raw.data.svc.cluster.local", 80), expected, "{condition}");
    }
}

#[test]
fn s331_weights_and_the_order_of_routes_decide() {
    let weighted = |leg: &str| format!("{{route: [{{destination: {{host: {DB}}}, weight: 100}}, {{destination: {{host: {LEG}}}{leg}}}]}}");
    let only = format!("{{route: [{{destination: {{host: {LEG}}}, weight: 0}}]}}");
    let mixed = (OverallResult::Mixed, None);
    let table = [
        (weighted(", weight: 0"), MTLS),
        (weighted(""), MTLS),
        (weighted(", weight: 1"), mixed),
        (only, PLAINTEXT),
        (format!("{{{}}}, {{{}}}", to(DB), to(LEG)), MTLS),
        (format!("{{match: [{{uri: {{prefix: /}}}}], {}}}, {{{}}}", to(DB), to(LEG)), MTLS),
        (format!("{{match: [{{uri: {{prefix: /}}, headers: {{a: {{exact: b}}}}}}], {}}}, {{{}}}", to(DB), to(LEG)), mixed),
        (format!("{{match: [{{uri: {{prefix: /a}}}}], {}}}, {{{}}}", to(DB), to(LEG)), mixed),
        (format!("{{match: [{{port: 81}}], {}}}, {{{}}}", to(LEG), to(DB)), MTLS),
    ];
    for (routes, expected) in table {
        let spec = format!("hosts: [{DB}], http: [{routes}]");
        assert_eq!(labelled_call(&route("data", &spec), DB, 80), expected, "{routes}");
    }
}

#[test]
fn s332_a_request_without_a_port_goes_to_the_port_that_was_called() {
    let one = "---\napiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: data}\nspec: {selector: {app: db}, ports: [{name: http, port: 8081, targetPort: 80}]}\n";
    let spec = |port: &str| {
        route("shop", &format!("hosts: [web], http: [{{route: [{{destination: {{host: one.data.svc.cluster.local{port}}}}}]}}]"))
    };
    assert_eq!(labelled_call(&(one.to_owned() + &spec("")), WEB, 80), NO_CLUSTER);
    assert_eq!(labelled_call(&(one.to_owned() + &spec(", port: {number: 8081}")), WEB, 80), MTLS);
}

#[test]
fn s333_a_route_follows_an_alias_once() {
    let alias = |name: &str, target: &str, ports: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{type: ExternalName, externalName: {target}{ports}}}\n"
        )
    };
    let ports = ", ports: [{name: http, port: 80}]";
    let led = |host: &str| route("shop", &format!("hosts: [web], http: [{{{}}}]", to(&format!("{host}.shop.svc.cluster.local"))));
    let two = alias("one", DB, ports) + &alias("two", "one.shop.svc.cluster.local", ports);
    assert_eq!(labelled_call(&(two.clone() + &led("one")), WEB, 80), MTLS);
    assert_eq!(labelled_call(&(two + &led("two")), WEB, 80), NO_CLUSTER);
    assert_eq!(labelled_call(&(alias("one", DB, "") + &led("one")), WEB, 80), NO_CLUSTER);
}

fn gateway_route(kind: &str, namespace: &str, parent: &str, rules: &str) -> String {
    format!(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: {kind}\nmetadata: {{name: r, namespace: {namespace}}}\nspec: {{parentRefs: [{parent}], rules: [{rules}]}}\n"
    )
}

const PARENT: &str = "{group: '', kind: Service, name: db, namespace: data}";

#[test]
fn s334_a_route_of_a_service_applies_to_all_clients_or_to_those_of_its_own_namespace() {
    let backend = |namespace: &str, name: &str| format!("backendRefs: [{{name: {name}, namespace: {namespace}, port: 80}}]");
    let leg = format!("{{{}}}", backend("plain", "leg"));
    let unknown = (OverallResult::All(Verdict::Unknown), None);
    let table = [
        ("producer", gateway_route("HTTPRoute", "data", PARENT, &leg), PLAINTEXT),
        ("consumer", gateway_route("HTTPRoute", "shop", PARENT, &leg), PLAINTEXT),
        ("consumer elsewhere", gateway_route("HTTPRoute", "plain", PARENT, &leg), MTLS),
        ("gRPC", gateway_route("GRPCRoute", "data", PARENT, &leg), PLAINTEXT),
        ("of a Gateway", gateway_route("HTTPRoute", "data", "{name: db}", &leg), MTLS),
        ("other port", gateway_route("HTTPRoute", "data", &PARENT.replace('}', ", port: 81}"), &leg), MTLS),
        ("this port", gateway_route("HTTPRoute", "data", &PARENT.replace('}', ", port: 80}"), &leg), PLAINTEXT),
        ("missing", gateway_route("HTTPRoute", "data", PARENT, &format!("{{{}}}", backend("data", "gone"))), NO_CLUSTER),
        ("no backend", gateway_route("HTTPRoute", "data", PARENT, "{}"), ANSWERED),
        (
            "redirect",
            gateway_route("HTTPRoute", "data", PARENT, "{filters: [{type: RequestRedirect, requestRedirect: {port: 1}}]}"),
            ANSWERED,
        ),
        ("extension", gateway_route("HTTPRoute", "data", PARENT, &leg.replacen('{', "{filters: [{type: ExtensionRef}], ", 1)), unknown),
        ("TCP on an HTTP port", gateway_route("TCPRoute", "data", PARENT, &leg), MTLS),
        (
            "conditions first",
            gateway_route(
                "HTTPRoute",
                "data",
                PARENT,
                &format!("{leg}, {{matches: [{{path: {{value: /a}}}}], {}}}", backend("data", "db")),
            ),
            (OverallResult::Mixed, None),
        ),
    ];
    for (what, text, expected) in table {
        assert_eq!(labelled_call(&text, DB, 80), expected, "{what}");
    }
    let raw = "---\napiVersion: v1\nkind: Service\nmetadata: {name: raw, namespace: data}\nspec: {selector: {app: db}, ports: [{name: tcp, port: 80}]}\n";
    for kind in ["TCPRoute", "HTTPRoute"] {
        let text = raw.to_owned() + &gateway_route(kind, "data", &PARENT.replace("db", "raw"), &leg);
        let expected = if kind == "TCPRoute" { unknown } else { MTLS };
        assert_eq!(labelled_call(&text, "raw.data.svc.cluster.local", 80), expected, "{kind}");
    }
}

#[test]
fn s335_private_routes_come_first_and_the_longest_wildcard_decides() {
    let named = |name: &str, text: String| text.replace("name: v,", &format!("name: {name},"));
    let all = |host: &str, target: &str, more: &str| format!("hosts: ['{host}'], http: [{{{}}}]{more}", to(target));
    let public = named("a", route("data", &all(DB, DB, "")));
    let private = named("b", route("shop", &all(DB, LEG, ", exportTo: [.]")));
    assert_eq!(labelled_call(&(public + &private), DB, 80), PLAINTEXT);
    let wide = named("a", route("data", &all("*.cluster.local", DB, "")));
    let narrow = named("b", route("data", &all("*.data.svc.cluster.local", LEG, "")));
    assert_eq!(labelled_call(&(wide + &narrow), DB, 80), PLAINTEXT);
    let consumer = gateway_route("HTTPRoute", "shop", PARENT, "{backendRefs: [{name: leg, namespace: plain, port: 80}]}");
    let producer = gateway_route("HTTPRoute", "data", PARENT, "{backendRefs: [{name: db, port: 80}]}").replace("name: r", "name: a");
    assert_eq!(labelled_call(&(producer + &consumer), DB, 80), PLAINTEXT);
}

#[test]
fn s336_a_proxy_that_answers_itself_calls_nothing() {
    for action in ["redirect: {authority: elsewhere.example}", "directResponse: {status: 418}"] {
        let spec = format!("hosts: [{DB}], http: [{{{action}}}]");
        assert_eq!(labelled_call(&route("data", &spec), DB, 80), ANSWERED, "{action}");
    }
    let partly = format!("hosts: [{DB}], http: [{{match: [{{uri: {{prefix: /a}}}}], redirect: {{}}}}, {{{}}}]", to(LEG));
    assert_eq!(labelled_call(&route("data", &partly), DB, 80), PLAINTEXT);
    let delegated = format!("hosts: [{DB}], http: [{{delegate: {{name: d}}}}]");
    assert_eq!(labelled_call(&route("data", &delegated), DB, 80), (OverallResult::All(Verdict::Unknown), None));
}

#[test]
fn s337_a_waypoint_routes_the_calls_of_its_services() {
    let client = ambient_pod("ops", "cl", "app: cl", &[80]);
    let server = ambient_pod("amb", "api", "app: api", &[80])
        + &service("amb", "api").replace("namespace: amb", "namespace: amb, labels: {istio.io/use-waypoint: w}");
    let gateway = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: w, namespace: amb}\nspec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n";
    let call = |more: &str| {
        with(&mesh(&(client.clone() + &server + gateway + more)), |mesh| {
            let from = Client::workload(workload(mesh, "cl"), &workload(mesh, "cl").instances[0]);
            let to = CallTarget::Host("api.amb.svc.cluster.local".into());
            let answer = reach::reach(mesh, &CallQuestion { from, to, port: 80, subset: None, scheme: None });
            (answer.result(), answer.lowest_failure().map(Failure::code))
        })
    };
    let led = |namespace: &str, host: &str| route(namespace, &format!("hosts: [api.amb.svc.cluster.local], http: [{{{}}}]", to(host)));
    let tls = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: amb}\nspec: {host: api, trafficPolicy: {tls: {mode: SIMPLE}}}\n";
    assert_eq!(call(""), MTLS);
    assert_eq!(call(&led("amb", "gone.amb.svc.cluster.local")), NO_CLUSTER);
    assert_eq!(call(&led("shop", "gone.amb.svc.cluster.local")), MTLS, "of another namespace");
    assert_eq!(call(&led("amb", DB)), (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2")));
    assert_eq!(call(tls), (OverallResult::All(Verdict::Fail(Failure::TlsToPlaintext)), Some("F3")));
}

#[test]
fn s223_s52_and_s312_routes_to_what_has_no_cluster_are_findings() {
    let headless = "---\napiVersion: v1\nkind: Service\nmetadata: {name: h, namespace: shop}\nspec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: h-0, namespace: shop, labels: {app: web}}\nspec: {hostname: h-0, subdomain: h, containers: [{name: a, image: a}]}\nstatus: {phase: Running}\n";
    let one = "---\napiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: data}\nspec: {selector: {app: db}, ports: [{name: http, port: 8081}]}\n";
    let vs = |http: &str| route("shop", &format!("hosts: [web], http: [{{{http}}}]"));
    let destination = |host: &str| vs(&format!("route: [{{destination: {{host: {host}}}}}]"));
    let gateway = |name: &str, port: u16| {
        gateway_route("HTTPRoute", "data", "{name: kg}", &format!("{{backendRefs: [{{name: {name}, port: {port}}}]}}"))
    };
    let table = [
        (destination("h-0.h.shop.svc.cluster.local"), "name of a pod of Service shop/h"),
        (destination("db.data"), "Istio completes only names without a dot"),
        (destination("10.1.2.3"), "an address is no service"),
        (destination("one.data.svc.cluster.local"), "has no port 80, only 8081"),
        (vs(&format!("{}, mirror: {{host: gone.data.svc.cluster.local}}", to(DB))), "copies calls to gone.data"),
        (vs(&format!("route: [{{destination: {{host: {DB}}}, weight: 1}}, {{destination: {{host: gone}}, weight: 0}}]")), ""),
        (gateway("gone", 80), "Service data/gone does not exist"),
        (gateway("db", 81), "has no port 81, only 80"),
        (gateway("db", 80), ""),
        (gateway_route("TCPRoute", "data", PARENT, "{backendRefs: [{name: gone, port: 80}]}"), "Service data/gone does not exist"),
    ];
    for (more, expected) in table {
        let namespaces =
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: data}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
        let found = with(&mesh(&(namespaces.to_owned() + headless + one + &more)), |mesh| checks::run(mesh, |rule| rule.id == "MTLS222"));
        match found.as_slice() {
            [] => assert_eq!(expected, "", "{more}"),
            [one] => assert!(!expected.is_empty() && one.message.contains(expected), "{more}: {}", one.message),
            several => panic!("{more}: {} findings", several.len()),
        }
    }
}
