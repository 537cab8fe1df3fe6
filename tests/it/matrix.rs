//! The matrix of `audit --by client` counts what single questions answer, one by one.

use std::collections::{BTreeMap, BTreeSet};

use kubectl_mtls::{
    mesh::{Client, ClientKind, ControlPlaneOptions, Mesh, Resolution},
    object::{Labels, Snapshot, Text},
    queries::{
        Scope,
        matrix::{self, CallOutcome},
        reach::{self, CallQuestion, CallTarget},
    },
};

use crate::support::{folder, meshed_pod, namespace, policy, snapshot};

type Count = BTreeMap<(Text, ClientKind, Text), BTreeMap<&'static str, usize>>;

fn word(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Mtls => "mtls",
        CallOutcome::Tls => "tls",
        CallOutcome::Plaintext => "plaintext",
        CallOutcome::Mixed => "mixed",
        CallOutcome::Fail => "fail",
        CallOutcome::Unknown => "unknown",
        CallOutcome::NoEndpoints => "none",
    }
}

const OUTCOMES: [CallOutcome; 7] = [
    CallOutcome::Mtls,
    CallOutcome::Tls,
    CallOutcome::Plaintext,
    CallOutcome::Mixed,
    CallOutcome::Fail,
    CallOutcome::Unknown,
    CallOutcome::NoEndpoints,
];

fn everything() -> Scope {
    Scope { include_system: true, ..Scope::default() }
}

/// What the matrix says, pair by pair.
fn counted(mesh: &Mesh<'_>) -> Count {
    let mut count = Count::new();
    for row in matrix::matrix(mesh, &everything()) {
        for namespace in &row.namespaces {
            for (server, ports) in &row.servers {
                let words = OUTCOMES.iter().map(|&outcome| (word(outcome), ports.of(outcome))).filter(|(_, n)| *n > 0).collect();
                count.insert((namespace.clone(), row.kind, server.clone()), words);
            }
        }
    }
    count
}

/// The same by asking for every namespace, data plane and service port.
fn asked(mesh: &Mesh<'_>) -> Count {
    let callers: BTreeSet<(Text, ClientKind)> = mesh
        .workloads()
        .iter()
        .flat_map(|workload| workload.instances.iter().map(|one| (workload.subject.namespace.clone(), one.dataplane.into())))
        .filter(|(_, kind)| *kind != ClientKind::Waypoint)
        .collect();
    let mut count = Count::new();
    for (namespace, kind) in &callers {
        for service in mesh.registry().services().iter().filter(|one| !one.is_external() && one.resolution() != Resolution::Alias) {
            let first = mesh.registry().at(&service.host).min_by_key(|one| !one.is_kubernetes());
            if first.is_some_and(|first| first.id != service.id) {
                continue;
            }
            for port in &service.ports {
                let from = Client::any(mesh.indices(), namespace, Labels::default(), *kind);
                let to = CallTarget::Host(service.host.to_string());
                let answer = reach::reach(mesh, &CallQuestion { from, to, port: port.number, subset: None, scheme: None });
                let words = count.entry((namespace.clone(), *kind, service.id.namespace.clone())).or_default();
                *words.entry(word(answer.result().into())).or_default() += 1;
            }
        }
    }
    count
}

/// The matrix and single questions say the same.
pub(crate) fn agree(mesh: &Mesh<'_>) {
    assert_eq!(counted(mesh), asked(mesh));
}

fn agrees(snapshot: &Snapshot) {
    agree(&Mesh::new(snapshot, &ControlPlaneOptions::default()));
}

#[test]
fn the_matrix_counts_what_single_questions_answer() {
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "two-revisions"] {
        agrees(&folder(&format!("testdata/meshes/{mesh}")));
    }
}

fn server(namespace: &str, exports: &str) -> String {
    let annotations =
        if exports.is_empty() { String::new() } else { format!(", annotations: {{networking.istio.io/exportTo: '{exports}'}}") };
    format!(
        "{}---\napiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: {namespace}{annotations}}}\nspec: {{selector: {{app: db}}, ports: [{{name: tcp, port: 80}}]}}\n",
        meshed_pod(namespace, "db", "app: db", "", &[80])
    )
}

fn sidecar(namespace: &str, hosts: &str, more: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{name: default, namespace: {namespace}}}\nspec: {{egress: [{{hosts: [{hosts}]}}]{more}}}\n"
    )
}

fn rule(namespace: &str, host: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r-{namespace}, namespace: {namespace}}}\nspec: {{host: '{host}', {spec}}}\n"
    )
}

/// Three namespaces with clients, one of them with a server, and whatever else.
fn mesh_with(more: &[String]) -> Snapshot {
    let mut text = String::new();
    for name in ["a", "b", "c"] {
        text += &namespace(name, "istio-injection: enabled");
        text += &meshed_pod(name, "client", "app: client", "", &[]);
    }
    text += &server("b", "");
    text += &policy("b", "default", "", "mtls: {mode: STRICT}");
    text.extend(more.iter().map(String::as_str));
    snapshot(&text)
}

#[test]
fn s49_a_namespace_whose_sidecar_hides_a_service_is_counted_apart() {
    for outside in ["", ", outboundTrafficPolicy: {mode: REGISTRY_ONLY}"] {
        let snapshot = mesh_with(&[sidecar("a", "./*", outside)]);
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
        let failing = counted(&mesh)[&("a".into(), ClientKind::Sidecar, "b".into())].clone();
        assert_eq!(failing, BTreeMap::from([("fail", 1)]), "{outside}");
        agrees(&snapshot);
    }
}

#[test]
fn s44_a_sidecar_of_the_root_namespace_is_for_everybody_without_one() {
    agrees(&mesh_with(&[sidecar("istio-system", "./*", "")]));
    agrees(&mesh_with(&[sidecar("istio-system", "./*", ""), sidecar("a", "'b/*'", ""), sidecar("c", "'*/db.b.svc.cluster.local'", "")]));
    agrees(&mesh_with(&[sidecar("istio-system", "'*/*', '~b/*'", ""), sidecar("a", "'*/*'", "")]));
}

#[test]
fn s47_a_service_that_is_exported_to_some_is_counted_for_those() {
    for exports in [".", "a", "a,c", "~", "*"] {
        agrees(&mesh_with(&[server("c", exports), policy("c", "default", "", "mtls: {mode: STRICT}")]));
    }
}

#[test]
fn s56_a_rule_that_is_exported_by_name_counts_for_those_alone() {
    let tls = "trafficPolicy: {tls: {mode: DISABLE}}";
    for exports in ["a", "., c", "b", "'*'"] {
        agrees(&mesh_with(&[rule("b", "db", &format!("exportTo: [{exports}], {tls}"))]));
        agrees(&mesh_with(&[rule("istio-system", "*.b.svc.cluster.local", &format!("exportTo: [{exports}], {tls}"))]));
    }
    agrees(&mesh_with(&[rule("a", "*", tls), rule("c", "*.cluster.local", "trafficPolicy: {tls: {mode: SIMPLE}}")]));
}

#[test]
fn s83_a_route_is_counted_for_those_who_see_it() {
    let subset = rule("b", "db", "subsets: [{name: bare, labels: {app: db}, trafficPolicy: {tls: {mode: DISABLE}}}]");
    for (namespace, exports) in [("a", "'.'"), ("a", "'*'"), ("b", "a"), ("b", "'.', c"), ("b", "'*'"), ("istio-system", "'*'")] {
        let route = format!(
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: v, namespace: {namespace}}}\nspec: {{hosts: [db.b.svc.cluster.local], exportTo: [{exports}], tcp: [{{route: [{{destination: {{host: db.b.svc.cluster.local, subset: bare}}}}]}}]}}\n"
        );
        agrees(&mesh_with(&[subset.clone(), route.clone()]));
        agrees(&mesh_with(&[subset.clone(), route.clone(), sidecar("a", "./*", "")]));
        agrees(&mesh_with(&[subset.clone(), route, sidecar("c", "'b/*', 'istio-system/*'", "")]));
    }
}

#[test]
fn s48_a_namespace_with_an_entry_of_the_same_host_sees_its_own() {
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db, namespace: a}\nspec: {hosts: [db.b.svc.cluster.local], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: tcp, protocol: TCP}], endpoints: [{address: 1.2.3.4}]}\n";
    agrees(&mesh_with(&[entry.to_owned()]));
}
