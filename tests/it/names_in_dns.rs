//! Names and addresses behind entries and aliases, and what nothing has (S222, S225, S234, S243, S245, S310, S311, S312).

use kubectl_mtls::{
    checks,
    mesh::{Client, ClientKind},
    object::Labels,
    queries::reach::{self, CallQuestion},
};

use crate::{
    mesh_client::outcome,
    support::{namespace, policy, with},
};

fn service(namespace: &str, name: &str, spec: &str, ports: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}, ports: [{ports}]}}\n")
}

fn alias(name: &str, target: &str) -> String {
    service("web", name, &format!("type: ExternalName, externalName: {target}"), "{name: tcp, port: 5432}")
}

fn entry(spec: &str, status: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e, namespace: web}}\nspec: {{{spec}, location: MESH_INTERNAL}}\nstatus: {{{status}}}\n"
    )
}

fn rule(host: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r, namespace: web}}\nspec: {{host: {host}, trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL}}}}}}\n"
    )
}

fn pod(name: &str, app: &str, address: &str, port: u16, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: data, labels: {{app: {app}, security.istio.io/tlsMode: istio}}, \
         annotations: {{sidecar.istio.io/status: '{{\"revision\":\"default\"}}'}}}}\n\
         spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: {port}}}]}}, {{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}}]{more}}}\n\
         status: {{phase: Running, podIP: {address}}}\n"
    )
}

/// STRICT: Service data/api (80 to 8080, 9000 to 9001) with cluster IP 10.96.0.20, and headless data/db (5432, http 8008) with pod db-0.
fn mesh(more: &str) -> String {
    let client = pod("front-1", "front", "10.1.0.1", 1, "").replace("namespace: data", "namespace: web");
    namespace("data", "istio-injection: enabled")
        + &namespace("web", "istio-injection: enabled")
        + &client
        + &pod("api-1", "api", "10.1.1.20", 8080, "")
        + &pod("db-0", "db", "10.1.1.10", 5432, ", hostname: db-0, subdomain: db")
        + &service(
            "data",
            "api",
            "selector: {app: api}, clusterIP: 10.96.0.20",
            "{name: http, port: 80, targetPort: 8080}, {name: tcp-x, port: 9000, targetPort: 9001}",
        )
        + &service("data", "db", "clusterIP: None, selector: {app: db}", "{name: tcp, port: 5432}, {name: http-a, port: 8008}")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + more
}

/// What comes of a call of namespace `web`, and the pods that it reaches.
fn call(yaml: &str, kind: ClientKind, to: &str, port: u16) -> (String, Vec<String>) {
    with(yaml, |mesh| {
        let from = Client::any(mesh.indices(), "web", Labels::default(), kind);
        let question = CallQuestion { from, to: reach::resolve(mesh, "web", to), port, subset: None, scheme: None };
        let answer = reach::reach(mesh, &question);
        (outcome(&answer), answer.endpoints.iter().map(|one| one.endpoint.pod.map_or("-".into(), ToString::to_string)).collect())
    })
}

fn sidecar(yaml: &str, to: &str, port: u16) -> String {
    call(yaml, ClientKind::Sidecar, to, port).0
}

fn found(yaml: &str, id: &str) -> Vec<String> {
    with(yaml, |mesh| checks::run(mesh, |rule| rule.id == id).into_iter().map(|one| one.message).collect())
}

#[test]
fn s225_what_an_entry_calls_is_what_its_names_and_addresses_lead_to() {
    let of = |resolution: &str, ports: &str, address: &str| {
        entry(&format!("hosts: [broker.glob], resolution: {resolution}, ports: [{ports}], endpoints: [{{address: {address}}}]"), "")
    };
    let (tcp, http) = ("{number: 5432, name: tcp, protocol: TCP}", "{number: 80, name: http, protocol: HTTP}");
    let to_81 = "{number: 80, name: http, protocol: HTTP, targetPort: 81}";
    let table = [
        ("DNS", tcp, "db-0.db.data.svc.cluster.local", 5432, "F2", false),
        ("DNS", tcp, "db.data.svc.cluster.local", 5432, "F2", false),
        ("DNS", tcp, "db-7.db.data.svc.cluster.local", 5432, "F14", true),
        ("DNS", tcp, "nope.data.svc.cluster.local", 5432, "F14", true),
        ("DNS", tcp, "nope.gone.svc.cluster.local", 5432, "F14", true),
        ("DNS", tcp, "db.example.com", 5432, "plain", false),
        ("DNS", to_81, "api.data.svc.cluster.local", 80, "F14", true),
        ("DNS", http, "api.data.svc.cluster.local", 80, "F2", false),
        ("DNS", http, "ext.web.svc.cluster.local", 80, "F2", false),
        ("STATIC", http, "10.96.0.20", 80, "F2", false),
        ("STATIC", http, "10.96.0.20, ports: {http: 8080}", 80, "F14", true),
        ("STATIC", http, "192.0.2.7, ports: {http: 8080}", 80, "plain", false),
    ];
    for (resolution, ports, address, port, expected, is_found) in table {
        let yaml = mesh(&(of(resolution, ports, address) + &alias("ext", "api.data.svc.cluster.local")));
        assert_eq!(sidecar(&yaml, "broker.glob", port), expected, "{resolution} {address}");
        assert_eq!(!found(&yaml, "MTLS222").is_empty(), is_found, "{resolution} {address}: {:?}", found(&yaml, "MTLS222"));
    }
}

#[test]
fn s243_what_may_have_the_name_of_an_endpoint_is_unknown() {
    let yaml = mesh(
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: web}\nspec: {hosts: [broker.glob], resolution: DNS, \
         ports: [{number: 5432, name: tcp, protocol: TCP}], endpoints: [{address: db.other.svc.cluster.local}], location: MESH_INTERNAL}\n",
    );
    assert_eq!(sidecar(&yaml, "broker.glob", 5432), "unknown");
    assert_eq!(found(&yaml, "MTLS222"), Vec::<String>::new());
}

#[test]
fn s274_an_alias_of_the_name_of_a_pod_is_the_pod() {
    let yaml = mesh(&alias("dbx", "db-0.db.data.svc.cluster.local"));
    assert_eq!(call(&yaml, ClientKind::Sidecar, "dbx", 5432), ("mtls".into(), vec!["db-0".into()]));
    assert_eq!(call(&yaml, ClientKind::Sidecar, "dbx", 8008), ("F2".into(), vec!["db-0".into()]), "no route has the name of the alias");
    assert_eq!(call(&yaml, ClientKind::None, "dbx", 5432), ("F1".into(), vec!["db-0".into()]));
    assert_eq!(sidecar(&mesh(&alias("dbx", "db-7.db.data.svc.cluster.local")), "dbx", 5432), "F14");
}

#[test]
fn s310_an_alias_of_what_dns_does_not_resolve_leads_nowhere() {
    for target in ["api.data", "10.96.0.20", "x.web.svc.cluster.local"] {
        let yaml = mesh(&(alias("x", target)));
        assert_eq!(sidecar(&yaml, "x", 5432), "F14", "{target}");
    }
    let cycle = alias("a", "b.web.svc.cluster.local") + &alias("b", "a.web.svc.cluster.local");
    assert_eq!(sidecar(&mesh(&cycle), "a", 5432), "F14");
    assert_eq!(sidecar(&mesh(&alias("x", "db.example.com")), "x", 5432), "plain");
}

#[test]
fn s234_an_allocated_address_is_the_entry_for_those_who_know_it() {
    let capture = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: \"true\"}}'}\n";
    let one = entry(
        "hosts: [a.glob], resolution: STATIC, ports: [{number: 3306, name: tcp, protocol: TCP}], endpoints: [{address: 10.1.1.20, labels: {security.istio.io/tlsMode: istio}}]",
        "addresses: [{value: 240.240.0.5, host: a.glob}]",
    );
    assert_eq!(sidecar(&mesh(&(one.clone() + capture)), "240.240.0.5", 3306), "mtls");
    assert_eq!(sidecar(&mesh(&one), "240.240.0.5", 3306), "F14");
    assert_eq!(call(&mesh(&one), ClientKind::Ambient, "240.240.0.5", 3306).0, "F1");
    assert_eq!(call(&mesh(&one), ClientKind::None, "240.240.0.5", 3306).0, "F14");
}

#[test]
fn s311_a_range_of_addresses_gets_the_calls_of_addresses_without_a_listener() {
    let none = entry("hosts: [c.glob], resolution: NONE, addresses: [10.1.0.0/16], ports: [{number: 9001, name: tcp, protocol: TCP}]", "");
    let yaml = mesh(&(none.clone() + &rule("c.glob")));
    assert_eq!(call(&yaml, ClientKind::Sidecar, "10.1.1.20", 9001), ("mtls".into(), vec!["api-1".into()]));
    assert_eq!(sidecar(&yaml, "10.1.1.20", 9002), "F2", "another port");
    assert_eq!(found(&yaml, "MTLS202"), Vec::<String>::new(), "the rule is right for the pods in the range");
    let single = none.replace("10.1.0.0/16", "10.1.1.20/32");
    assert_eq!(sidecar(&mesh(&(single + &rule("c.glob"))), "10.1.1.20", 9001), "mtls");
    let http = none.replace("name: tcp, protocol: TCP", "name: http, protocol: HTTP");
    assert_eq!(sidecar(&mesh(&(http + &rule("c.glob"))), "10.1.1.20", 9001), "F2", "HTTP is routed by name");

    let fixed = entry(
        "hosts: [c.glob], resolution: STATIC, addresses: [10.96.0.0/24], ports: [{number: 9000, name: tcp, protocol: TCP}], endpoints: [{address: 10.1.1.20, ports: {tcp: 9001}}]",
        "",
    );
    assert_eq!(call(&mesh(&fixed), ClientKind::Sidecar, "10.96.0.77", 9000), ("F2".into(), vec!["api-1".into()]));
    assert_eq!(sidecar(&mesh(&fixed), "10.97.0.77", 9000), "plain", "outside the range");
    assert_eq!(sidecar(&mesh(&fixed), "10.96.0.20", 9000), "mtls", "a Service has a listener of its own");
}

#[test]
fn s312_a_name_with_the_address_of_a_pod_is_the_pod() {
    for name in ["10-1-1-10.data.pod.cluster.local", "10-1-1-10.data.pod.cluster.local."] {
        assert_eq!(call(&mesh(""), ClientKind::Sidecar, name, 5432), ("mtls".into(), vec!["db-0".into()]), "{name}");
    }
}

#[test]
fn s222_pods_of_a_stateful_set_that_do_not_exist_have_no_name() {
    let set = |spec: &str| {
        service("data", "kf", "clusterIP: None, selector: {app: kf}", "{name: tcp, port: 9092}")
            + &format!(
                "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: kf, namespace: data}}\nspec: {{{spec}, template: {{metadata: {{labels: {{app: kf}}}}, spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 9092}}]}}]}}}}}}\n"
            )
    };
    let table = [
        ("serviceName: kf, replicas: 3", "kf-2", None),
        ("serviceName: kf, replicas: 3", "kf-3", Some(true)),
        ("serviceName: kf, replicas: 3", "kf-02", Some(true)),
        ("serviceName: kf", "kf-0", None),
        ("serviceName: kf", "kf-4", Some(false)),
        ("serviceName: kf, replicas: 2, ordinals: {start: 5}", "kf-6", None),
        ("serviceName: kf, replicas: 2, ordinals: {start: 5}", "kf-0", Some(true)),
        ("serviceName: other, replicas: 3", "kf-0", Some(true)),
    ];
    for (spec, name, missing) in table {
        let host = format!("{name}.kf.data.svc.cluster.local");
        let is_certain = with(&mesh(&set(spec)), |mesh| reach::missing_host(mesh, &host, "web").map(|missing| missing.is_certain));
        assert_eq!(is_certain, missing, "{spec}: {name}");
    }
}

#[test]
fn s231_an_entry_that_hides_a_service_of_another_namespace_is_reported() {
    let hiding = |spec: &str| {
        entry(&format!("hosts: [api.data.svc.cluster.local], ports: [{{number: 80, name: http, protocol: HTTP}}], {spec}"), "")
    };
    let outside = mesh(&hiding("resolution: STATIC, endpoints: [{address: 192.0.2.3}]"));
    let [message] = &found(&outside, "MTLS225")[..] else { panic!("{:?}", found(&outside, "MTLS225")) };
    assert!(message.contains("out of the mesh") && message.contains(":9000"), "{message}");
    let lost = mesh(&hiding("resolution: DNS"));
    let [message] = &found(&lost, "MTLS225")[..] else { panic!("{:?}", found(&lost, "MTLS225")) };
    assert!(message.contains("lacks api.data.svc.cluster.local:9000") && message.contains("calls fail"), "{message}");
    let other = mesh(&hiding("resolution: DNS").replace("api.data.svc.cluster.local", "api.example"));
    assert_eq!(found(&other, "MTLS225"), Vec::<String>::new());
}
