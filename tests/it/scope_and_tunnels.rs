//! Calls that a client's scope, or what istiod knows of a workload, makes different from what the names suggest (S227, S268–S283).

use kubectl_mtls::{
    istio::Mode,
    mesh::Mesh,
    queries::reach::{self, CallQuestion, Scheme},
};

use crate::{
    mesh_client::outcome,
    pod_names::client,
    support::{namespace, policy, policy_at, with},
};

/// A Service `db` of `data` (80 is HTTP and 8080 behind it, 9000 is TCP), STRICT, and a client in `shop`.
fn mesh(more: &str) -> String {
    namespace("data", "istio-injection: enabled")
        + &namespace("shop", "istio-injection: enabled")
        + &pod("data", "db-0", "10.0.0.1", "sidecar.istio.io/status: '{}'", SIDECAR)
        + &pod("shop", "web-0", "10.0.0.9", "sidecar.istio.io/status: '{}'", SIDECAR)
        + &service("data", "db")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + more
}

const SIDECAR: &str = ", {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}";
const OWN_NAMESPACE: &str =
    "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: own, namespace: shop}\nspec: {egress: [{hosts: ['./*']}]}\n";

fn pod(namespace: &str, name: &str, address: &str, annotations: &str, proxy: &str) -> String {
    let app = name.split('-').next().unwrap();
    let label = if proxy == SIDECAR { ", security.istio.io/tlsMode: istio" } else { "" };
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {app}{label}}}, annotations: {{{annotations}}}}}\n\
         spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 8080}}, {{containerPort: 9000}}]}}{proxy}]}}\n\
         status: {{phase: Running, podIP: {address}}}\n"
    )
}

fn service(namespace: &str, name: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         spec: {{clusterIP: 10.96.0.1, selector: {{app: {name}}}, ports: [{{name: http, port: 80, targetPort: 8080}}, {{name: tcp, port: 9000}}]}}\n"
    )
}

fn entry(namespace: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: entry, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )
}

fn call(yaml: &str, from: &str, to: &str, port: u16, scheme: Option<Scheme>) -> String {
    with(yaml, |mesh| {
        let from = client(mesh, from);
        let to = reach::resolve(mesh, &from.namespace.clone(), to);
        outcome(&reach::reach(mesh, &CallQuestion { from, to, port, subset: None, scheme }))
    })
}

#[test]
fn s227_clients_of_an_entry_see_the_policies_of_its_namespace_and_not_those_of_the_pods_behind_it() {
    let entry = entry(
        "shop",
        "hosts: [api.ext], location: MESH_INTERNAL, resolution: STATIC, ports: [{name: tcp, number: 9000, protocol: TCP}], \
         endpoints: [{address: 10.0.0.1, labels: {security.istio.io/tlsMode: istio}}]",
    );
    let (of_pods, of_entry) =
        (policy("data", "disabled", "", "mtls: {mode: DISABLE}"), policy("shop", "disabled", "", "mtls: {mode: DISABLE}"));
    for (policies, expected) in [("", "mtls"), (&*of_pods, "F3"), (&*of_entry, "F2")] {
        assert_eq!(call(&mesh(&(entry.clone() + policies)), "shop/web-0", "api.ext", 9000, None), expected, "{policies}");
    }
}

#[test]
fn s268_a_proxyless_client_has_no_passthrough_for_a_service_that_it_does_not_see() {
    let grpc = pod("shop", "grpc-0", "10.0.0.8", "inject.istio.io/templates: grpc-agent", SIDECAR)
        .replace("args: [proxy, sidecar]", "env: [{name: ISTIO_META_GENERATOR, value: grpc}]");
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: data}\nspec: {host: db.data.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n";
    let visible = mesh(&(grpc + rule));
    assert_eq!(call(&visible, "shop/grpc-0", "db.data", 80, None), "mtls");
    assert_eq!(call(&(visible.clone() + OWN_NAMESPACE), "shop/grpc-0", "db.data", 80, None), "F12");
    assert_eq!(call(&(visible + OWN_NAMESPACE), "shop/web-0", "db.data", 80, None), "F2", "a sidecar passes it on");
}

#[test]
fn s270_a_client_without_proxy_does_not_know_entries() {
    let entry = entry(
        "shop",
        "hosts: [db.data.svc.cluster.local], location: MESH_EXTERNAL, resolution: STATIC, ports: [{name: http, number: 80, protocol: HTTP}]",
    );
    let yaml = mesh(&(entry + &pod("shop", "raw-0", "10.0.0.7", "", "")));
    assert_eq!(call(&yaml, "shop/raw-0", "db.data", 80, None), "F1");
    assert_eq!(call(&yaml, "shop/web-0", "db.data", 80, None), "none", "a sidecar has the entry, which has no endpoint (S232)");
}

#[test]
fn s272_a_policy_of_the_root_namespace_with_an_empty_selector_is_that_of_its_own_ambient_workloads() {
    let ambient = |namespace: &str, name: &str| pod(namespace, name, "10.0.0.20", "ambient.istio.io/redirection: enabled", "");
    let yaml = ambient("istio-system", "prom-0")
        + &ambient("amb", "app-0")
        + &policy("istio-system", "empty", "", "selector: {}, mtls: {mode: STRICT}");
    let mode = |namespace: &str| with(&yaml, |mesh| mode_of(mesh, namespace));
    assert_eq!((mode("istio-system"), mode("amb")), (Some(Mode::Strict), Some(Mode::Permissive)));
}

#[test]
fn s273_a_listener_for_another_port_leaves_the_call_unencrypted() {
    let only =
        |port: u16| OWN_NAMESPACE.replace("hosts: ['./*']", &format!("port: {{number: {port}, protocol: TCP, name: one}}, hosts: ['*/*']"));
    assert_eq!(call(&mesh(&only(9000)), "shop/web-0", "db.data", 80, None), "F2");
    assert_eq!(call(&mesh(&only(9000)), "shop/web-0", "db.data", 9000, None), "mtls");
}

#[test]
fn s275_the_tls_of_an_application_passes_to_a_service_that_its_proxy_does_not_see() {
    let permissive = policy("data", "open", "", "mtls: {mode: PERMISSIVE}");
    for (more, port, expected) in [("", 80, "F4"), (&*permissive, 80, "F6"), (&*permissive, 9000, "tls")] {
        let yaml = mesh(&(OWN_NAMESPACE.to_owned() + more));
        assert_eq!(call(&yaml, "shop/web-0", "db.data", port, Some(Scheme::Https)), expected, "{port} {more}");
    }
}

/// The mode that the only workload of a namespace enforces.
fn mode_of(mesh: &Mesh<'_>, namespace: &str) -> Option<Mode> {
    let workload = &mesh.workloads_in(namespace)[0];
    mesh.server(workload, &workload.instances[0]).workload().mode
}

#[test]
fn s282_of_policies_of_one_age_the_weaker_counts_for_ambient_workloads() {
    let at = |name: &str, second: u8, selector: &str, spec: &str| {
        policy_at(&format!("'2026-01-01T00:00:0{second}Z'"), "amb", name, selector, spec)
    };
    let (strict, open) = ("mtls: {mode: STRICT}", "mtls: {mode: PERMISSIVE}");
    let table = [
        // The oldest counts, and of one age the weaker, whichever name comes first.
        (at("a", 1, "", strict) + &at("b", 2, "", open), "enabled", Mode::Strict),
        (at("a", 1, "", strict) + &at("b", 1, "", open), "enabled", Mode::Permissive),
        (at("b", 1, "", strict) + &at("a", 1, "", open), "enabled", Mode::Permissive),
        (at("a", 1, "", strict) + &at("b", 1, "", strict), "enabled", Mode::Strict),
        // Sidecars compare the names as well (S12).
        (at("a", 1, "", strict) + &at("b", 1, "", open), "", Mode::Strict),
        // Selectors: one selects the workload, the other does not.
        (at("a", 1, "app=app", strict) + &at("b", 1, "", open), "enabled", Mode::Strict),
        (at("a", 1, "app=app", strict) + &at("b", 1, "app=app", open), "enabled", Mode::Permissive),
    ];
    for (policies, redirection, expected) in table {
        let workload = match redirection {
            "" => pod("amb", "app-0", "10.0.0.20", "sidecar.istio.io/status: '{}'", SIDECAR),
            state => pod("amb", "app-0", "10.0.0.20", &format!("ambient.istio.io/redirection: {state}"), ""),
        };
        with(&(workload + &policies), |mesh| assert_eq!(mode_of(mesh, "amb"), Some(expected), "{policies}"));
    }
}
