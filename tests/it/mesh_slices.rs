//! Endpoints that are listed by hand: in `EndpointSlices`, and in `Endpoints` (S210–S215, S289, S291).

use kubectl_mtls::mesh::Mesh;

use crate::{
    mesh_client::{Asked, config, gateway_pod, rule, service, service_with, tls, wire},
    support::{ambient_pod, meshed_pod, policy, with},
};

const TWO: &str = "two.data.svc.cluster.local";
const STRICT: &str = "mtls: {mode: STRICT}";

/// A pod with an address and a `uid`; no `uid` if it is empty.
fn placed(pod: &str, address: &str, uid: &str) -> String {
    let pod = pod.replace("phase: Running", &format!("phase: Running, podIP: {address}"));
    if uid.is_empty() { pod } else { pod.replacen("metadata: {", &format!("metadata: {{uid: {uid}, "), 1) }
}

/// A slice of the Service `data/two`.
fn slice(ports: &str, endpoints: &str) -> String {
    format!(
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n\
         metadata: {{name: two-1, namespace: data, labels: {{kubernetes.io/service-name: two}}}}\nports: [{ports}]\nendpoints: [{endpoints}]\n"
    )
}

/// An ambient client and an ambient server, of which everything is STRICT.
fn ambient() -> String {
    ambient_pod("web", "client", "app: client", &[])
        + &placed(&ambient_pod("data", "db", "app: db", &[8080]), "10.1.0.1", "u-1")
        + &policy("data", "strict", "", STRICT)
}

fn without_selector(spec: &str) -> String {
    service_with("data", "two", "", &format!("{spec}ports: [{{name: a, port: 80, targetPort: 8080}}]"))
}

/// What is sent, what comes of it, and the port of the first endpoint.
fn call(mesh: &Mesh<'_>) -> (String, String, Option<u16>) {
    let asked = Asked::new("client", TWO);
    let answer = asked.ask(mesh);
    (wire(&answer), asked.outcome(mesh), answer.endpoints.first().map(|reached| reached.endpoint.port))
}

fn notes(mesh: &Mesh<'_>) -> Vec<String> {
    Asked::new("client", TWO).ask(mesh).notes.into_iter().map(|note| note.message).collect()
}

const PORT: &str = "{name: a, port: 9090}";

#[test]
fn s210_ztunnel_calls_the_pods_that_a_service_selects_whatever_its_slices_hold() {
    let selecting = service("data", "two", "app: db", "{name: a, port: 80, targetPort: 8080}");
    let node = "{addresses: [10.1.0.1], targetRef: {kind: Node, name: node-1}}";
    let table = [
        // The slice's number is not used (S213).
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db, uid: u-1}}", ("hbone", "mtls", 1)),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db, uid: u-0}}", ("hbone", "mtls", 1)),
        ("{addresses: [10.1.0.9], targetRef: {kind: Pod, namespace: data, name: gone}}", ("hbone", "mtls", 1)),
        // An address is one more endpoint.
        (node, ("hbone plaintext", "F8 mtls", 2)),
        ("", ("hbone", "mtls", 1)),
    ];
    for (endpoint, (sent, outcome, count)) in table {
        with(&(ambient() + &selecting + &slice(PORT, endpoint)), |mesh| {
            assert_eq!(call(mesh), (sent.to_owned(), outcome.to_owned(), Some(8080)), "{endpoint}");
            assert_eq!(Asked::new("client", TWO).ask(mesh).endpoints.len(), count, "{endpoint}");
        });
    }
}

#[test]
fn s211_what_ztunnel_finds_of_a_slice() {
    let pod = |rest: &str| format!("{{addresses: [10.1.0.1], targetRef: {{kind: Pod, {rest}}}}}");
    let table = [
        ("{addresses: [10.1.0.1]}".to_owned(), ("plaintext", "F8", Some(9090)), "addresses without a pod"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Node, name: node-1}}".to_owned(), ("plaintext", "F8", Some(9090)), "addresses without"),
        ("{addresses: [10.1.0.9]}".to_owned(), ("plaintext", "plain", Some(9090)), "addresses without a pod"),
        (pod("namespace: data, name: db, uid: u-1"), ("hbone", "mtls", Some(8080)), ""),
        // Readiness is that of the pod.
        (
            pod("namespace: data, name: db, uid: u-1").replace("targetRef", "conditions: {ready: false}, targetRef"),
            ("hbone", "mtls", Some(8080)),
            "",
        ),
        (pod("namespace: data, name: db"), ("none", "none", None), "the uid in the targetRef is not that of the pod"),
        (pod("namespace: data, name: db, uid: u-0"), ("none", "none", None), "the uid in the targetRef is not that of the pod"),
        (pod("name: db, uid: u-1"), ("none", "none", None), "has no namespace"),
        (pod("namespace: data, name: gone, uid: u-1"), ("none", "none", None), "pods that were not read"),
        ("{addresses: [10.1.0.1], conditions: {ready: false}}".to_owned(), ("none", "none", None), ""),
    ];
    for (endpoint, (sent, outcome, port), note) in table {
        with(&(ambient() + &without_selector("") + &slice(PORT, &endpoint)), |mesh| {
            assert_eq!(call(mesh), (sent.to_owned(), outcome.to_owned(), port), "{endpoint}");
            let has_note = notes(mesh).iter().any(|message| message.contains("S211"));
            assert_eq!(has_note, !note.is_empty(), "{endpoint}");
            assert!(note.is_empty() || notes(mesh).iter().any(|message| message.contains(note)), "{endpoint}: {:?}", notes(mesh));
        });
    }
}

#[test]
fn s211_a_pod_of_which_the_uid_is_not_known_may_be_the_one_of_the_slice() {
    let client = ambient_pod("web", "client", "app: client", &[]);
    let server = placed(&ambient_pod("data", "db", "app: db", &[8080]), "10.1.0.1", "");
    let target = |uid: &str| format!("{{addresses: [10.1.0.1], targetRef: {{kind: Pod, namespace: data, name: db{uid}}}}}");
    for (uid, expected) in [("", "mtls"), (", uid: u-1", "unknown")] {
        let yaml = client.clone() + &server + &without_selector("") + &slice(PORT, &target(uid));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", TWO).outcome(mesh), expected, "{uid}"));
    }
}

#[test]
fn s211_what_envoy_finds_of_a_slice() {
    let base = meshed_pod("web", "client", "app: client", "", &[])
        + &placed(&meshed_pod("data", "db", "app: db", "", &[8080]), "10.1.0.1", "u-1")
        + &placed(&meshed_pod("web", "other", "app: other", "", &[8080]), "10.1.0.2", "u-2")
        + &without_selector("");
    let table = [
        ("{addresses: [10.1.0.1]}", "mtls"),
        // istiod looks for addresses in the namespace of the slice only (S74).
        ("{addresses: [10.1.0.2]}", "plaintext"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Node, name: node-1}}", "mtls"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db, uid: u-1}}", "mtls"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db, uid: u-0}}", "mtls"),
        ("{addresses: [10.1.0.2], targetRef: {kind: Pod, namespace: web, name: other}}", "mtls"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, name: db}}", "none"),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: gone}}", "none"),
    ];
    for (endpoint, expected) in table {
        with(&(base.clone() + &slice(PORT, endpoint)), |mesh| assert_eq!(Asked::new("client", TWO).wire(mesh), expected, "{endpoint}"));
    }
}

#[test]
fn s212_envoy_tunnels_to_an_address_that_ztunnel_serves() {
    for namespace in ["data", "web"] {
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &placed(&ambient_pod(namespace, "db", "app: db", &[8080]), "10.1.0.1", "u-1")
            + &without_selector("")
            + &slice(PORT, "{addresses: [10.1.0.1]}");
        with(&yaml, |mesh| assert_eq!(Asked::new("client", TWO).wire(mesh), "hbone", "{namespace}"));
    }
}

#[test]
fn s213_a_port_with_another_name_is_stated() {
    let clients = [meshed_pod("web", "client", "app: client", "", &[]), ambient_pod("web", "client", "app: client", &[])];
    let table = [
        ("{port: 9090}", "its port has no name, and port 80 of the Service has the name `a`: none of its endpoints is used (S213)"),
        (
            "{name: b, port: 9090}",
            "its port has the name `b`, and port 80 of the Service has the name `a`: none of its endpoints is used (S213)",
        ),
        ("{name: a, port: 9090}", ""),
    ];
    for client in clients {
        for (port, expected) in table {
            with(&(client.clone() + &without_selector("") + &slice(port, "{addresses: [10.1.0.9]}")), |mesh| {
                let answer = Asked::new("client", TWO).ask(mesh);
                assert_eq!(answer.endpoints.is_empty(), !expected.is_empty(), "{port}");
                let stated = answer.notes.iter().find(|note| note.message.contains("S213"));
                assert_eq!(stated.map_or("", |note| note.message.as_str()), expected, "{port}");
                let place = stated.map(|note| (note.object.as_ref().unwrap().path(), note.field.as_ref().unwrap().to_string()));
                assert!(place.is_none_or(|place| place == ("data/two-1".to_owned(), "ports".to_owned())));
            });
        }
    }
}

#[test]
fn s214_endpoints_are_mirrored_for_a_service_without_selector() {
    let endpoints = "---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: two, namespace: data}\n\
                     subsets: [{addresses: [{ip: 10.1.0.1}], ports: [{name: a, port: 9090}]}]\n";
    let base =
        meshed_pod("web", "client", "app: client", "", &[]) + &placed(&meshed_pod("data", "db", "app: db", "", &[8080]), "10.1.0.1", "u-1");
    let table = [
        (without_selector(""), ("mtls", Some(9090))),
        (without_selector("selector: {}, "), ("mtls", Some(9090))),
        // What a Service selects is written by Kubernetes.
        (without_selector("selector: {app: db}, "), ("mtls", Some(8080))),
        (without_selector("selector: {app: none}, "), ("none", None)),
        // The slices that were read are the endpoints.
        (without_selector("") + &slice("{name: a, port: 7070}", "{addresses: [10.1.0.1]}"), ("mtls", Some(7070))),
    ];
    for (objects, (sent, port)) in table {
        with(&(base.clone() + &objects + endpoints), |mesh| {
            let (found, _, at) = call(mesh);
            assert_eq!((found.as_str(), at), (sent, port), "{objects}");
        });
    }
    let skipped = endpoints.replace("namespace: data", "namespace: data, labels: {endpointslice.kubernetes.io/skip-mirror: 'true'}");
    with(&(base + &without_selector("") + &skipped), |mesh| assert_eq!(call(mesh).0, "none"));
}

#[test]
fn s215_a_slice_declares_the_port_of_a_pod_that_no_service_selects() {
    let base = meshed_pod("web", "client", "app: client", "", &[])
        + &placed(&meshed_pod("data", "db", "app: db", "", &[8080]), "10.1.0.1", "u-1")
        + &service_with("data", "two", "", "ports: [{name: http, port: 80}]")
        + &slice("{name: http, port: 8080}", "{addresses: [10.1.0.1]}")
        + &rule("web", "tls", TWO, &tls("SIMPLE"));
    let elsewhere = service("data", "one", "app: db", "{name: tcp, port: 7070}");
    let other = service("data", "one", "app: other", "{name: tcp, port: 7070}");
    // TLS that is not Istio's is refused at an HTTP port (F6), and reaches the application at one that nothing declares.
    for (objects, expected) in [(String::new(), "F6"), (other, "F6"), (elsewhere, "tls")] {
        with(&(base.clone() + &objects), |mesh| assert_eq!(Asked::new("client", TWO).outcome(mesh), expected, "{objects}"));
    }
}

#[test]
fn s289_whether_istiod_finds_the_pod_of_an_address_is_stated_to_be_open() {
    let base = meshed_pod("web", "client", "app: client", "", &[])
        + &placed(&meshed_pod("data", "db", "app: db", "", &[8080]), "10.1.0.1", "u-1")
        + &without_selector("");
    let is_stated = |mesh: &Mesh<'_>| notes(mesh).iter().any(|message| message.contains("S289"));
    for (endpoint, expected) in [
        ("{addresses: [10.1.0.1]}", true),
        ("{addresses: [10.1.0.9]}", false),
        ("{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db}}", false),
    ] {
        with(&(base.clone() + &slice(PORT, endpoint)), |mesh| assert_eq!(is_stated(mesh), expected, "{endpoint}"));
    }
}

#[test]
fn s291_the_name_of_a_port_decides_nothing_where_dns_leads() {
    let server = placed(&meshed_pod("data", "db", "app: db", "", &[80]), "10.1.0.1", "u-1");
    let headless =
        |port: &str| service_with("data", "two", "", &format!("clusterIP: None, ports: [{{name: {port}, port: 80, targetPort: 8080}}]"));
    let unnamed = slice("{port: 8080}", "{addresses: [10.1.0.1]}");
    let sidecar = meshed_pod("web", "client", "app: client", "", &[]);
    let mutual = rule("web", "mtls", TWO, &tls("ISTIO_MUTUAL"));
    let table = [
        (sidecar.clone(), headless("tcp"), ("plaintext", Some(80))),
        (sidecar.clone(), headless("http"), ("plaintext", Some(80))),
        // An HTTP call is in the cluster of the Service, and a TCP one in none.
        (sidecar.clone(), headless("tcp") + &mutual, ("plaintext", Some(80))),
        (sidecar.clone(), headless("http") + &mutual, ("mtls", Some(80))),
        (crate::support::pod("web", "client", "app: client", "", &[], ""), headless("tcp"), ("plaintext", Some(80))),
        (gateway_pod("web", "client"), headless("tcp"), ("none", None)),
    ];
    for (client, objects, (sent, port)) in table {
        with(&(client + &server + &objects + &unnamed), |mesh| {
            let (found, _, at) = call(mesh);
            assert_eq!((found.as_str(), at), (sent, port), "{objects}");
        });
    }
    let refusing = config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
    with(&(sidecar + &server + &headless("tcp") + &unnamed + &refusing), |mesh| {
        assert_eq!(Asked::new("client", TWO).outcome(mesh), "F9");
    });
}

#[test]
fn s291_a_gateway_uses_the_target_port_of_a_headless_service() {
    let server = placed(&meshed_pod("data", "db", "app: db", "", &[80, 8080]), "10.1.0.1", "u-1");
    let headless =
        service_with("data", "two", "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 80, targetPort: 8080}]");
    for (client, port) in [(meshed_pod("web", "client", "app: client", "", &[]), 80), (gateway_pod("web", "client"), 8080)] {
        with(&(client + &server + &headless), |mesh| assert_eq!(call(mesh).2, Some(port)));
    }
}

#[test]
fn s229_a_machine_without_account_may_have_a_proxy() {
    let machine = |spec: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {{name: vm, namespace: data}}\n\
             spec: {{address: 10.9.0.1, labels: {{app: vm}}{spec}}}\n"
        )
    };
    let base = meshed_pod("web", "client", "app: client", "", &[]) + &service("data", "two", "app: vm", "{name: a, port: 80}");
    let strict = policy("data", "strict", "", STRICT);
    let table =
        [(machine("") + &strict, "plain", true), (machine(""), "plain", false), (machine(", serviceAccount: vm") + &strict, "mtls", false)];
    for (objects, outcome, is_noted) in table {
        with(&(base.clone() + &objects), |mesh| {
            assert_eq!(Asked::new("client", TWO).outcome(mesh), outcome, "{objects}");
            assert_eq!(notes(mesh).iter().any(|message| message.contains("S229")), is_noted, "{objects}");
        });
    }
}
