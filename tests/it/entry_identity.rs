//! Entries and machines over pods of the mesh: what is advised makes the call mTLS, and what no object contains is unknown (S224–S230).

use kubectl_mtls::{
    checks::{self, Severity},
    mesh::Mesh,
    queries::{
        call_fixes::call_fixes,
        reach::{self, CallQuestion},
    },
};

use crate::{
    mesh_client::outcome,
    pod_names::client,
    support::{namespace, policy, with},
};

const ENABLED: &str = "istio-injection: enabled";
const LABEL: &str = "labels: {security.istio.io/tlsMode: istio}";

fn pod(namespace: &str, name: &str, address: &str) -> String {
    let app = name.split('-').next().unwrap();
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, uid: u-{name}, \
         labels: {{app: {app}, security.istio.io/tlsMode: istio}}, annotations: {{sidecar.istio.io/status: '{{}}'}}}}\n\
         spec: {{serviceAccountName: {app}, containers: [{{name: app, image: app, ports: [{{containerPort: 80}}]}}, \
         {{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}}]}}\nstatus: {{phase: Running, podIP: {address}}}\n"
    )
}

fn ambient(namespace: &str, name: &str, address: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, uid: u-{name}, labels: {{app: {name}}}, \
         annotations: {{ambient.istio.io/redirection: enabled}}}}\n\
         spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 80}}]}}]}}\nstatus: {{phase: Running, podIP: {address}}}\n"
    )
}

/// STRICT; a client in `shop`, and a server in each of `shop` and `data`.
fn mesh(more: &str) -> String {
    namespace("data", ENABLED)
        + &namespace("shop", ENABLED)
        + &pod("shop", "web-0", "10.0.0.9")
        + &pod("shop", "own-0", "10.0.0.2")
        + &pod("data", "db-0", "10.0.0.1")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + more
}

fn entry(spec: &str) -> String {
    let ports = "ports: [{name: http, number: 80, protocol: HTTP}]";
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e, namespace: shop}}\nspec: {{hosts: [api.ext], {ports}, {spec}}}\n"
    )
}

fn at(address: &str, more: &str) -> String {
    entry(&format!("location: MESH_INTERNAL, resolution: STATIC, endpoints: [{{address: {address}{more}}}]"))
}

fn machine(address: &str, more: &str) -> String {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: vm, namespace: shop}\nspec: {clusterIP: 10.96.0.5, selector: {app: vm}, ports: [{name: http, port: 80}]}\n";
    format!(
        "{service}---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {{name: vm, namespace: shop}}\nspec: {{address: {address}{more}}}\n"
    )
}

fn rule(host: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r, namespace: shop}}\nspec: {{host: {host}, trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL}}}}}}\n"
    )
}

/// The outcome of a call, and the advice for it.
fn call(yaml: &str, from: &str, to: &str) -> (String, String) {
    with(yaml, |mesh| {
        let from = client(mesh, from);
        let to = reach::resolve(mesh, &from.namespace.clone(), to);
        let question = CallQuestion { from, to, port: 80, subset: None, scheme: None };
        let answer = reach::reach(mesh, &question);
        (outcome(&answer), call_fixes(mesh, &question, &answer).join("; "))
    })
}

/// The findings of a rule: severity, message and fix.
fn found(mesh: &Mesh<'_>, id: &str) -> Vec<(Severity, String, String)> {
    let all = checks::run(mesh, |rule| rule.id == id);
    all.into_iter().map(|one| (one.severity, one.message, one.fix.unwrap_or_default())).collect()
}

fn finding(yaml: &str, id: &str) -> (Severity, String, String) {
    with(yaml, |mesh| {
        let all = found(mesh, id);
        assert_eq!(all.len(), 1, "{id}: {all:?}");
        all.into_iter().next().unwrap()
    })
}

#[test]
fn s226_what_is_advised_for_an_endpoint_depends_on_the_namespace_of_its_server() {
    let table = [
        ("10.0.0.1", "", "no `serviceAccount`", format!(", {LABEL}")),
        ("10.0.0.2", "", "`serviceAccount: own`", ", serviceAccount: own".to_owned()),
    ];
    for (address, before, advised, after) in table {
        let yaml = mesh(&at(address, before));
        let (result, fixes) = call(&yaml, "shop/web-0", "api.ext");
        assert_eq!(result, "F2", "{address}");
        let (severity, _, fix) = finding(&yaml, "MTLS226");
        assert_eq!(severity, Severity::Error, "{address}");
        assert!(fixes.contains(advised) && fix.contains(advised), "{address}: {fixes} / {fix}");
        assert_eq!(call(&mesh(&at(address, &after)), "shop/web-0", "api.ext").0, "mtls", "{address}");
    }
}

#[test]
fn s226_an_account_of_another_namespace_is_replaced_by_the_label() {
    let yaml = mesh(&at("10.0.0.1", ", serviceAccount: db"));
    let (result, fixes) = call(&yaml, "shop/web-0", "api.ext");
    assert_eq!(result, "F5");
    let (_, message, fix) = finding(&yaml, "MTLS219");
    assert!(message.contains("Pod data/db-0 has spiffe://cluster.local/ns/data/sa/db"), "{message}");
    assert!(fixes.contains("remove `serviceAccount`") && fix.contains("remove `serviceAccount`"), "{fixes} / {fix}");
    assert_eq!(call(&mesh(&at("10.0.0.1", &format!(", {LABEL}"))), "shop/web-0", "api.ext").0, "mtls");
}

#[test]
fn s81_an_external_entry_needs_its_location_too() {
    let spec = |location: &str, more: &str| {
        mesh(&entry(&format!("location: {location}, resolution: STATIC, endpoints: [{{address: 10.0.0.1{more}}}]")))
    };
    let (_, _, fix) = finding(&spec("MESH_EXTERNAL", ""), "MTLS226");
    assert!(fix.contains("set `location: MESH_INTERNAL`, and add the label"), "{fix}");
    let label = format!(", {LABEL}");
    assert_eq!(call(&spec("MESH_EXTERNAL", &label), "shop/web-0", "api.ext").0, "F2", "the label alone does nothing");
    assert_eq!(call(&spec("MESH_INTERNAL", &label), "shop/web-0", "api.ext").0, "mtls");
    let account = ", serviceAccount: db";
    let (_, _, fix) = finding(&spec("MESH_EXTERNAL", account), "MTLS217");
    assert!(fix.contains("`location: MESH_INTERNAL`, and remove `serviceAccount`"), "{fix}");
    assert_eq!(call(&spec("MESH_INTERNAL", account), "shop/web-0", "api.ext").0, "F5", "the location alone is not enough");
}

#[test]
fn s224_resolution_none_is_not_a_matter_of_the_pods() {
    let yaml = mesh(&entry("location: MESH_INTERNAL, resolution: NONE, addresses: [10.0.0.1]"));
    let (result, fixes) = call(&yaml, "shop/web-0", "api.ext");
    assert_eq!(result, "F2");
    let (_, message, fix) = finding(&yaml, "MTLS216");
    assert!(message.contains("has resolution NONE") && !message.contains("do not accept mTLS"), "{message}");
    assert!(fix.contains("ISTIO_MUTUAL") && fixes.contains("ISTIO_MUTUAL"), "{fix} / {fixes}");
    assert_eq!(call(&(yaml + &rule("api.ext")), "shop/web-0", "api.ext").0, "mtls");
}

#[test]
fn s230_clients_of_ztunnel_are_cut_off_by_an_entry_over_an_ambient_pod() {
    let of_ambient = ambient("amb", "am-0", "10.0.0.7") + &namespace("amb", "istio.io/dataplane-mode: ambient");
    let yaml = mesh(&(of_ambient.clone() + &at("10.0.0.7", "")));
    assert_eq!(call(&yaml, "amb/am-0", "api.ext").0, "F8");
    let (severity, message, fix) = finding(&yaml, "MTLS226");
    assert_eq!(severity, Severity::Error);
    assert!(message.contains("namespace amb") && !fix.contains("serviceAccount"), "{message} / {fix}");
    let permissive = yaml.replace("mode: STRICT", "mode: PERMISSIVE");
    assert!(with(&permissive, |mesh| found(mesh, "MTLS226")).is_empty(), "ztunnel never uses mTLS with an entry's endpoint");
}

#[test]
fn s228_what_is_not_determined_is_not_reported_as_plaintext() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: am, namespace: amb}\nspec: {clusterIP: 10.96.0.7, selector: {app: am-0}, ports: [{name: http, port: 80}]}\n";
    let of_ambient = ambient("amb", "am-0", "10.0.0.7") + &namespace("amb", "istio.io/dataplane-mode: ambient") + service;
    let yaml = mesh(&(of_ambient + &at("10.96.0.7", ""))).replace("mode: STRICT", "mode: PERMISSIVE");
    assert_eq!(call(&yaml, "shop/web-0", "api.ext").0, "unknown");
    let (_, message, fix) = finding(&yaml, "MTLS226");
    assert!(message.contains("it is not determined whether clients send plaintext (S228)"), "{message}");
    assert!(!fix.contains("tlsMode"), "{fix}");
}

#[test]
fn s229_mtls_to_a_machine_without_identity_is_unknown() {
    let plain = mesh(&machine("192.0.2.1", ", labels: {app: vm}"));
    let (result, fixes) = call(&plain, "shop/web-0", "vm.shop");
    assert_eq!(result, "plain");
    assert!(fixes.contains("`serviceAccount`"), "{fixes}");
    assert_eq!(with(&plain, |mesh| found(mesh, "MTLS226").len()), 1);
    let mutual = plain + &rule("vm");
    assert_eq!(call(&mutual, "shop/web-0", "vm.shop").0, "unknown");
    with(&mutual, |mesh| {
        assert!(found(mesh, "MTLS202").is_empty(), "the machine may have a proxy");
        assert!(found(mesh, "MTLS226").is_empty(), "no client sends plaintext");
    });
    let selecting = entry("location: MESH_INTERNAL, resolution: STATIC, workloadSelector: {labels: {app: vm}}");
    let alone = "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: vm, namespace: shop}\nspec: {address: 192.0.2.1, labels: {app: vm}}\n";
    let by_entry = mesh(&(selecting + alone));
    assert_eq!(with(&by_entry, |mesh| found(mesh, "MTLS226").len()), 1);
    let by_entry = by_entry + &rule("api.ext");
    assert_eq!(call(&by_entry, "shop/web-0", "api.ext").0, "unknown");
    assert!(with(&by_entry, |mesh| found(mesh, "MTLS226")).is_empty());
    let named = mesh(&machine("192.0.2.1", ", serviceAccount: vm, labels: {app: vm}"));
    assert_eq!(call(&named, "shop/web-0", "vm.shop").0, "mtls");
}

#[test]
fn s229_a_machine_with_the_address_of_a_pod_is_that_pod() {
    let of = |more: &str| mesh(&machine("10.0.0.2", &format!("{more}, labels: {{app: vm}}")));
    assert_eq!(call(&of(""), "shop/web-0", "vm.shop").0, "F2");
    let (severity, message, fix) = finding(&of(""), "MTLS226");
    assert_eq!(severity, Severity::Error);
    assert!(message.contains("has the address of Pod shop/own-0") && fix.contains("`serviceAccount: own`"), "{message} / {fix}");
    let other = of(", serviceAccount: other");
    assert_eq!(call(&other, "shop/web-0", "vm.shop").0, "F5");
    let (_, message, fix) = finding(&other, "MTLS219");
    assert!(message.contains("Pod shop/own-0 has spiffe://"), "{message}");
    assert!(fix.contains("set `serviceAccount: own` in the WorkloadEntry"), "{fix}");
    assert_eq!(call(&of(", serviceAccount: own"), "shop/web-0", "vm.shop").0, "mtls");
}

#[test]
fn s74_an_address_in_a_slice_of_another_namespace_needs_a_target() {
    let slice = |target: &str| {
        mesh(&format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: man, namespace: shop}}\nspec: {{clusterIP: 10.96.0.8, ports: [{{name: http, port: 80}}]}}\n\
             ---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: man-x, namespace: shop, labels: {{kubernetes.io/service-name: man}}}}\n\
             addressType: IPv4\nendpoints: [{{addresses: [10.0.0.1]{target}}}]\nports: [{{name: http, port: 80}}]\n"
        ))
    };
    let (result, fixes) = call(&slice(""), "shop/web-0", "man.shop");
    assert_eq!(result, "F2");
    assert!(fixes.contains("add a `targetRef` of kind Pod with the namespace and name of data/db-0"), "{fixes}");
    let target = ", targetRef: {kind: Pod, namespace: data, name: db-0}";
    assert_eq!(call(&slice(target), "shop/web-0", "man.shop").0, "mtls");
}

#[test]
fn s241_a_rule_that_adds_tls_to_that_of_the_applications_is_a_finding() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: leg, namespace: out}\nspec: {clusterIP: 10.96.0.4, selector: {app: leg}, ports: [{name: https, port: 443, targetPort: 80}]}\n";
    let server = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: leg-0, namespace: out, labels: {app: leg}}\nspec: {containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}\nstatus: {phase: Running, podIP: 10.0.0.4}\n";
    let simple = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: out}\nspec: {host: leg, trafficPolicy: {tls: {mode: SIMPLE}}}\n";
    let route = "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: out}\nspec: {hosts: [leg], http: [{route: [{destination: {host: leg, port: {number: 443}}}]}]}\n";
    let base = mesh(&(namespace("out", "istio-injection: disabled") + service + server));
    let count = |more: &str| with(&(base.clone() + more), |mesh| found(mesh, "MTLS204").len());
    let by_gateway = route.replace("hosts: [leg]", "hosts: [leg.example.com], gateways: [gw]");
    let gateway = "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: out}\nspec: {selector: {istio: gw}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: c}}]}\n";
    assert_eq!((count(""), count(simple), count(&(simple.to_owned() + route))), (0, 1, 0));
    assert_eq!(count(&(simple.to_owned() + &by_gateway + gateway)), 0, "a gateway sends HTTP there, to which the rule adds the only TLS");
    let (severity, message, _) = finding(&(base.clone() + simple), "MTLS204");
    assert_eq!(severity, Severity::Warning);
    assert!(message.contains("adds TLS to the TLS that applications send"), "{message}");
}

#[test]
fn s290_calls_of_a_service_that_leave_the_mesh_are_an_error() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: data}\nspec: {clusterIP: 10.96.0.3, selector: {app: db}, ports: [{name: tcp, port: 80}]}\n";
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: data}\nspec: {hosts: [a.ext], addresses: [10.96.0.3], ports: [{name: tcp, number: 80, protocol: TCP}], resolution: STATIC, endpoints: [{address: 192.0.2.9}]}\n";
    let (severity, message, _) = finding(&mesh(&(service.to_owned() + entry)), "MTLS225");
    assert_eq!(severity, Severity::Error, "{message}");
    assert!(message.contains("outside the mesh"), "{message}");
}
