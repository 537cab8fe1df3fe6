//! Calls of pods by name and by address, of cluster IPs, and of what does not exist (S216–S223, S274, S280, S285, S291, S293).

use kubectl_mtls::{
    mesh::{Client, ClientKind, Mesh},
    object::{Labels, Text},
    queries::reach::{self, CallQuestion, CallTarget, Missing, MissingName, Scheme},
};

use crate::{
    mesh_client::outcome,
    support::{namespace, policy, with},
};

/// Two brokers of a headless Service in `data`, STRICT: 9092 is TCP, 8080 is HTTP with another number as target; a client in `shop`.
fn mesh(more: &str) -> String {
    let headless = service(
        "data",
        "kafka",
        "clusterIP: None, selector: {app: kafka}",
        "{name: tcp, port: 9092}, {name: http, port: 8080, targetPort: 8888}",
    );
    namespace("data", "istio-injection: enabled")
        + &namespace("shop", "istio-injection: enabled")
        + &pod("data", "kafka-0", "kafka", "10.0.0.1")
        + &pod("data", "kafka-1", "kafka", "10.0.0.2")
        + &pod("shop", "web-0", "web", "10.0.0.9")
        + &headless
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + more
}

fn pod(namespace: &str, name: &str, app: &str, address: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {app}, security.istio.io/tlsMode: istio}}, \
         annotations: {{sidecar.istio.io/status: '{{\"revision\":\"default\"}}'}}, ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: {app}, controller: true}}]}}\n\
         spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 9092}}, {{containerPort: 8888}}]}}, {{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}}]}}\n\
         status: {{phase: Running, podIP: {address}}}\n"
    )
}

fn service(namespace: &str, name: &str, spec: &str, ports: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}, ports: [{ports}]}}\n")
}

fn rule(namespace: &str, host: &str, mode: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: {}, namespace: {namespace}}}\nspec: {{host: '{host}', trafficPolicy: {{tls: {{mode: {mode}}}}}}}\n",
        host.replace(['.', '*'], "-").trim_matches('-')
    )
}

/// A client: a pod as `NAMESPACE/POD`, or any client of a data plane as `NAMESPACE KIND`.
pub(crate) fn client<'m>(mesh: &'m Mesh<'m>, from: &str) -> Client<'m> {
    let kinds =
        [("sidecar", ClientKind::Sidecar), ("ambient", ClientKind::Ambient), ("gateway", ClientKind::Gateway), ("none", ClientKind::None)];
    if let Some((namespace, kind)) = from.split_once(' ') {
        let kind = kinds.iter().find(|(word, _)| *word == kind).unwrap().1;
        return Client::any(mesh.indices(), namespace, Labels::default(), kind);
    }
    let (namespace, pod) = from.split_once('/').unwrap();
    let has = |pods: &[&Text]| pods.iter().any(|one| **one == *pod);
    let (workload, instance) = mesh
        .workloads_in(namespace)
        .iter()
        .flat_map(|workload| workload.instances.iter().map(move |one| (workload, one)))
        .find(|(_, one)| has(&one.pods))
        .unwrap();
    Client { pod: Some(pod.into()), ..Client::workload(workload, instance) }
}

fn question<'m>(mesh: &'m Mesh<'m>, from: &str, to: &str, port: u16, scheme: Option<Scheme>) -> CallQuestion<'m> {
    let from = client(mesh, from);
    let to = reach::resolve(mesh, &from.namespace.clone(), to);
    CallQuestion { from, to, port, subset: None, scheme }
}

/// What comes of a call, and the pods that it reaches.
fn call(yaml: &str, from: &str, to: &str, port: u16) -> (String, Vec<String>) {
    with(yaml, |mesh| {
        let answer = reach::reach(mesh, &question(mesh, from, to, port, None));
        (outcome(&answer), answer.endpoints.iter().map(|one| one.endpoint.pod.map_or("-".into(), ToString::to_string)).collect())
    })
}

fn to_pod(outcome: &str, pod: &str) -> (String, Vec<String>) {
    (outcome.to_owned(), vec![pod.to_owned()])
}

#[test]
fn s216_every_name_of_a_pod_below_a_headless_service_is_the_pod() {
    let names =
        ["kafka-1.kafka.data", "kafka-1.kafka.data.svc", "kafka-1.kafka.data.svc.cluster.local", "kafka-1.kafka.data.svc.cluster.local."];
    for name in names {
        for port in [9092, 8080] {
            assert_eq!(call(&mesh(""), "shop sidecar", name, port), to_pod("mtls", "kafka-1"), "{name}:{port}");
        }
    }
    // The short name is one of the namespace of the client.
    assert_eq!(call(&mesh(""), "data sidecar", "kafka-1.kafka", 9092), to_pod("mtls", "kafka-1"));
    assert_eq!(call(&mesh(""), "shop sidecar", "kafka-1.kafka", 9092).1, ["-"]);
}

#[test]
fn s218_the_rule_of_the_service_decides_and_a_rule_for_the_name_of_a_pod_does_not() {
    let table = [
        ("kafka.data.svc.cluster.local", "F2"),
        ("kafka-1.kafka.data.svc.cluster.local", "mtls"),
        ("*.kafka.data.svc.cluster.local", "mtls"),
    ];
    for (host, expected) in table {
        let yaml = mesh(&rule("data", host, "DISABLE"));
        assert_eq!(call(&yaml, "shop sidecar", "kafka-1.kafka.data", 9092).0, expected, "{host}");
    }
    let bare = pod("data", "kafka-9", "kafka", "10.0.0.3").replace(", security.istio.io/tlsMode: istio", "");
    assert_eq!(call(&mesh(&bare), "shop sidecar", "kafka-1.kafka.data", 9092).0, "F2", "one endpoint without the label is enough (S70)");
    let disabled = policy("data", "kafka", "app=kafka", "portLevelMtls: {9092: {mode: DISABLE}}");
    assert_eq!(
        call(&mesh(&disabled), "shop sidecar", "kafka-1.kafka.data", 9092).0,
        "F3",
        "clients do not see the policy of a workload (S75)"
    );
}

#[test]
fn s219_a_pod_has_listeners_for_the_other_pods_of_its_workload() {
    for to in ["kafka-1.kafka", "10.0.0.2"] {
        assert_eq!(call(&mesh(""), "data/kafka-0", to, 9092), to_pod("mtls", "kafka-1"), "{to}");
    }
    // HTTP is found by its Host header, which an address is not; the target of a Service port is no port of its listener.
    for port in [8080, 8888] {
        assert_eq!(call(&mesh(""), "data/kafka-0", "10.0.0.2", port).0, "F2", "{port}");
    }
}

#[test]
fn s220_a_pod_that_calls_itself_bypasses_both_its_listeners() {
    for to in ["kafka-0.kafka", "10.0.0.1"] {
        assert_eq!(call(&mesh(""), "data/kafka-0", to, 9092), to_pod("plain", "kafka-0"), "{to}");
    }
}

#[test]
fn s223_other_clients_call_the_pod_or_have_no_cluster_for_it() {
    for (from, expected) in [("shop gateway", "F12"), ("shop ambient", "F1"), ("shop none", "F1")] {
        assert_eq!(call(&mesh(""), from, "kafka-1.kafka.data", 9092).0, expected, "{from}");
    }
}

#[test]
fn s280_the_oldest_headless_service_has_the_listener_of_a_pod() {
    let at = |second: u8, name: &str, port: &str| {
        let spec = "clusterIP: None, selector: {app: kafka}";
        let created = format!("metadata: {{creationTimestamp: '2026-01-01T00:00:0{second}Z', name: {name}");
        service("data", name, spec, port).replace(&format!("metadata: {{name: {name}"), &created)
    };
    let both = |first: u8, second: u8, port: &str| {
        let shared = mesh(&rule("data", "old.data.svc.cluster.local", "DISABLE"))
            .replace("name: kafka, namespace: data}\nspec: {clusterIP", "name: kafka, namespace: shop}\nspec: {clusterIP");
        shared + &at(first, "old", port) + &at(second, "new", port)
    };
    let (tcp, http) = ("{name: tcp, port: 7000}", "{name: http, port: 7000}");
    for (first, second, port, expected) in [
        (1, 2, tcp, "F2"),
        (2, 1, tcp, "mtls"),
        // Of the same time the first host.
        (1, 1, tcp, "mtls"),
        // HTTP is distinguished by the Host header.
        (1, 2, http, "mtls"),
    ] {
        for name in ["new.data", "kafka-1.new.data"] {
            assert_eq!(call(&both(first, second, port), "shop sidecar", name, 7000).0, expected, "{name} {first} {second} {port}");
        }
    }
    let yaml = both(1, 2, tcp);
    let why = with(&yaml, |mesh| reach::why(&reach::reach(mesh, &question(mesh, "shop sidecar", "new.data", 7000, None))));
    assert!(why.contains("Service data/old"), "{why}");
}

#[test]
fn s285_an_address_is_the_service_that_has_it() {
    let more = service(
        "data",
        "db",
        "clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, 'fd00::96:1'], selector: {app: kafka}",
        "{name: http, port: 80, targetPort: 8888}",
    ) + "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ext, namespace: data}\nspec: {hosts: [api.example.com], addresses: [10.97.0.1], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}\n";
    for from in ["shop sidecar", "data/kafka-0"] {
        assert_eq!(
            call(&mesh(&more), from, "10.96.0.1", 80),
            ("mtls".to_owned(), vec!["kafka-0".to_owned(), "kafka-1".to_owned()]),
            "{from}"
        );
    }
    with(&mesh(&more), |mesh| {
        let host = |to: &str| match reach::resolve(mesh, "shop", to) {
            CallTarget::Host(host) => host,
            CallTarget::Pods(workload, pod) => format!("{}/{}", workload.subject.namespace, pod.unwrap()),
        };
        let table = [
            ("10.96.0.1", "db.data.svc.cluster.local"),
            ("fd00::96:1", "db.data.svc.cluster.local"),
            ("10.97.0.1", "api.example.com"),
            ("10.0.0.2", "data/kafka-1"),
            ("[10.0.0.2]", "data/kafka-1"),
            ("10.99.0.1", "10.99.0.1"),
        ];
        for (address, expected) in table {
            assert_eq!(host(address), expected, "S274: {address}");
        }
    });
}

#[test]
fn s291_a_number_that_a_headless_service_lacks_arrives_at_its_pods_in_plaintext() {
    for (to, port) in [("kafka.data", 8888), ("kafka-1.kafka.data", 8888), ("kafka.data", 4000)] {
        let (outcome, pods) = call(&mesh(""), "shop sidecar", to, port);
        assert_eq!((outcome.as_str(), pods.contains(&"kafka-1".to_owned())), ("F2", true), "{to}:{port}");
    }
    let refused = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: shop}\nspec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}\n";
    assert_eq!(call(&mesh(refused), "shop sidecar", "kafka.data", 8888).0, "F9");
}

#[test]
fn s293_an_entry_for_the_name_of_a_pod_gets_its_http_calls() {
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: one, namespace: data}\nspec: {hosts: [kafka-1.kafka.data.svc.cluster.local], location: MESH_EXTERNAL, resolution: STATIC, endpoints: [{address: 192.0.2.1}], ports: [{number: 8080, name: http, protocol: HTTP}, {number: 9092, name: tcp, protocol: TCP}]}\n";
    assert_eq!(call(&mesh(entry), "shop sidecar", "kafka-1.kafka.data", 8080), to_pod("plain", "-"));
    assert_eq!(call(&mesh(entry), "shop sidecar", "kafka-1.kafka.data", 9092), to_pod("mtls", "kafka-1"));
}

/// What a question names that was not read.
fn missing(yaml: &str, from: &str, to: &str, port: u16) -> Option<(String, bool)> {
    with(yaml, |mesh| {
        let found = reach::missing(mesh, &question(mesh, from, to, port, None), from.split(' ').next().unwrap())?;
        let Missing { what, is_certain } = found;
        let text = match what {
            MissingName::Target { alias, target } => format!("{target} of {}", alias.path()),
            MissingName::Namespace(name) => format!("namespace {name}"),
            MissingName::Service { namespace, name } => format!("service {namespace}/{name}"),
            MissingName::Pod { service, name } => format!("pod {name} of {}", service.name),
            MissingName::Port { service, number } => format!("port {number} of {}", service.name),
            MissingName::PortName { service, name } => format!("port {name} of {}", service.name),
        };
        Some((text, is_certain))
    })
}

#[test]
fn s243_what_does_not_exist_is_certain_only_if_its_parent_was_read() {
    let yaml = mesh(&service("data", "db", "selector: {app: kafka}", "{name: http, port: 80}"));
    let table = [
        ("shop sidecar", "db.data", 81, Some(("port 81 of db", true))),
        ("shop sidecar", "db.data", 80, None),
        ("shop sidecar", "dbx.data", 80, Some(("service data/dbx", true))),
        ("shop sidecar", "dbx.data.svc.cluster.local", 80, Some(("service data/dbx", true))),
        ("data sidecar", "dbx", 80, Some(("service data/dbx", true))),
        // No Service of `shop` was read, so there may be any.
        ("shop sidecar", "dbx", 80, Some(("service shop/dbx", false))),
        ("shop sidecar", "db.nope.svc", 80, Some(("namespace nope", true))),
        ("nope sidecar", "db.data", 80, Some(("namespace nope", true))),
        ("shop sidecar", "kafka-7.kafka.data", 9092, Some(("pod kafka-7 of kafka", true))),
        ("shop sidecar", "10-0-0-2.kafka.data", 9092, None),
        // A headless Service has every port of its pods.
        ("shop sidecar", "kafka.data", 4000, None),
        ("shop sidecar", "api.example.com", 443, None),
        ("shop sidecar", "10.99.0.1", 443, None),
        // Namespaces that are always there.
        ("shop sidecar", "kubernetes.default.svc", 443, Some(("service default/kubernetes", false))),
    ];
    for (from, to, port, expected) in table {
        assert_eq!(missing(&yaml, from, to, port), expected.map(|(what, certain)| (what.to_owned(), certain)), "{from} {to}:{port}");
    }
    // Without a Namespace among the files the cluster was not read.
    let yaml = yaml.replace("kind: Namespace", "kind: Unread");
    assert_eq!(missing(&yaml, "shop sidecar", "db.nope.svc", 80), Some(("namespace nope".to_owned(), false)));
}
