//! What the tests share: meshes from text, and short ways to ask them.

use std::{collections::BTreeMap, fmt, io, path::PathBuf};

use kubectl_mtls::{
    mesh::{ControlPlaneOptions, Instance, Mesh, Workload},
    object::Snapshot,
    queries::{Scope, audit},
    source::manifest,
};

/// The moment at which the tests take place: 2026-11-01, noon, UTC.
pub(crate) const NOW: i64 = 1_793_534_400;

/// Reads a snapshot from the text of a manifest, as from standard input.
pub(crate) fn snapshot(yaml: &str) -> Snapshot {
    let paths = [PathBuf::from("-")];
    let request = manifest::Request { paths: &paths, recursive: false, namespace: "", now: NOW, ..manifest::Request::default() };
    manifest::read(&request, &mut io::Cursor::new(yaml.as_bytes().to_vec())).unwrap()
}

/// Reads the manifests of a folder.
pub(crate) fn folder(path: &str) -> Snapshot {
    let paths = [PathBuf::from(path)];
    manifest::read(
        &manifest::Request { paths: &paths, recursive: true, namespace: "", now: NOW, ..manifest::Request::default() },
        &mut io::empty(),
    )
    .unwrap()
}

/// Asks a mesh made of a manifest's text, with istiod's variables set.
pub(crate) fn with_env<T>(yaml: &str, env: &[(&str, &str)], ask: impl FnOnce(&Mesh<'_>) -> T) -> T {
    let snapshot = snapshot(yaml);
    let istiod_env: BTreeMap<_, _> = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    ask(&Mesh::new(&snapshot, &ControlPlaneOptions { istiod_env, ..ControlPlaneOptions::default() }))
}

/// Asks a mesh made of a manifest's text.
pub(crate) fn with<T>(yaml: &str, ask: impl FnOnce(&Mesh<'_>) -> T) -> T {
    with_env(yaml, &[], ask)
}

/// The one workload of that name.
pub(crate) fn workload<'m, 's>(mesh: &'m Mesh<'s>, name: &str) -> &'m Workload<'s> {
    let mut found = mesh.workloads().iter().filter(|workload| workload.subject.name == name);
    let one = found.next().unwrap_or_else(|| panic!("no workload {name}"));
    assert!(found.next().is_none(), "several workloads {name}");
    one
}

/// The first group of alike pods of a workload.
pub(crate) fn instance<'m, 's>(mesh: &'m Mesh<'s>, name: &str) -> &'m Instance<'s> {
    &workload(mesh, name).instances[0]
}

/// What a workload enforces on a port (0: on every port without a mode of its own), and by whose word:
/// `STRICT shop/default`, `NONE shop/default`, `PERMISSIVE -`.
pub(crate) fn mode(mesh: &Mesh<'_>, name: &str, port: u16) -> String {
    let (enforced, _, by) = modes(mesh, name, port);
    format!("{enforced} {by}")
}

/// What the policies say of a workload's port (0: of the workload), whatever enforces it.
pub(crate) fn policy_mode(mesh: &Mesh<'_>, name: &str, port: u16) -> String {
    modes(mesh, name, port).1
}

fn modes(mesh: &Mesh<'_>, name: &str, port: u16) -> (String, String, String) {
    let workload = workload(mesh, name);
    let server = mesh.server(workload, &workload.instances[0]);
    let mode = if port == 0 { server.workload() } else { server.port(port) };
    let by = mode.decided_by.map_or_else(|| "-".to_owned(), kubectl_mtls::object::Id::path);
    (mode.mode.map_or("NONE", |mode| mode.as_str()).to_owned(), mode.policy_mode.as_str().to_owned(), by)
}

/// The word for a variant, in lower case.
pub(crate) fn word(variant: impl fmt::Debug) -> String {
    format!("{variant:?}").to_lowercase()
}

/// What takes a workload's traffic.
pub(crate) fn dataplane(mesh: &Mesh<'_>, name: &str) -> &'static str {
    instance(mesh, name).dataplane.as_str()
}

/// The ports a workload declares, and those in force by policy.
pub(crate) fn ports(mesh: &Mesh<'_>, name: &str) -> Vec<u16> {
    instance(mesh, name).ports.keys().copied().collect()
}

/// The ids of the rules that fire.
pub(crate) fn rules(mesh: &Mesh<'_>) -> Vec<&'static str> {
    kubectl_mtls::checks::run(mesh, |_| true).iter().map(|finding| finding.rule.id).collect()
}

/// The answer of `audit` for everything, system namespaces included.
pub(crate) fn audit_all<'m>(mesh: &'m Mesh<'m>) -> audit::Audit<'m> {
    audit::audit(mesh, &Scope { include_system: true, ..Scope::default() })
}

/// A `PeerAuthentication`: namespace, name, selector as `key=value` (empty for none), and the rest of its spec in flow style.
pub(crate) fn policy(namespace: &str, name: &str, selector: &str, spec: &str) -> String {
    policy_at("", namespace, name, selector, spec)
}

/// The same, created at a time.
pub(crate) fn policy_at(created: &str, namespace: &str, name: &str, selector: &str, spec: &str) -> String {
    let created = if created.is_empty() { String::new() } else { format!(", creationTimestamp: {created}") };
    let selector = selector.split_once('=').map(|(k, v)| format!("selector: {{matchLabels: {{{k}: {v}}}}}, ")).unwrap_or_default();
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: {namespace}{created}}}\nspec: {{{selector}{spec}}}\n"
    )
}

/// A Namespace with labels in flow style: `istio-injection: enabled`.
pub(crate) fn namespace(name: &str, labels: &str) -> String {
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n")
}

/// A running pod with a sidecar: labels, annotations and container ports in flow style.
pub(crate) fn meshed_pod(namespace: &str, name: &str, labels: &str, annotations: &str, ports: &[u16]) -> String {
    let sidecar = "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}";
    pod(namespace, name, &format!("{labels}, security.istio.io/tlsMode: istio"), annotations, ports, sidecar)
}

/// A running pod captured by ambient.
pub(crate) fn ambient_pod(namespace: &str, name: &str, labels: &str, ports: &[u16]) -> String {
    pod(namespace, name, labels, "ambient.istio.io/redirection: enabled", ports, "")
}

/// A running pod with another container beside the application's (none if empty).
pub(crate) fn pod(namespace: &str, name: &str, labels: &str, annotations: &str, ports: &[u16], container: &str) -> String {
    let ports: Vec<String> = ports.iter().map(|port| format!("{{containerPort: {port}}}")).collect();
    let beside = if container.is_empty() { String::new() } else { format!(", {container}") };
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}, annotations: {{{annotations}}}}}\n\
         spec: {{containers: [{{name: app, image: app, ports: [{}]}}{beside}]}}\nstatus: {{phase: Running}}\n",
        ports.join(", ")
    )
}
