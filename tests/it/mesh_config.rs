//! `MeshConfig`, revisions and tags, by the rule of the semantics each test holds (S18–S21).

use crate::{
    mesh_capture::{config_map, deployment},
    support::{meshed_pod, mode, namespace, policy, with, with_env},
};

/// A `MeshConfig` in a `ConfigMap`.
fn mesh_config(namespace: &str, name: &str, text: &str) -> String {
    config_map(namespace, name, "mesh", text)
}

/// An istiod of a revision, and its environment.
fn istiod(namespace: &str, revision: &str, env: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: istiod-{revision}, namespace: {namespace}}}\n\
         spec: {{template: {{metadata: {{labels: {{app: istiod, istio.io/rev: {revision}}}}}, \
         spec: {{containers: [{{name: discovery, image: 'istio/pilot:1.30.0', env: [{env}]}}]}}}}}}\n"
    )
}

/// A tag that stands for a revision, with the webhook for labelled namespaces.
fn tag(tag: &str, revision: &str) -> String {
    let selected = if tag == "default" { "istio-injection: enabled".into() } else { format!("istio.io/rev: {tag}") };
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
         metadata: {{name: istio-revision-tag-{tag}, labels: {{app: sidecar-injector, istio.io/tag: {tag}, istio.io/rev: {revision}}}}}\n\
         webhooks: [{{name: namespace.sidecar-injector.istio.io, namespaceSelector: {{matchLabels: {{{selected}}}}}}}]\n"
    )
}

/// A running pod `web` that a revision injected.
fn web(revision: &str) -> String {
    meshed_pod("shop", "web", "app: web", &format!("istio.io/rev: {revision}"), &[8080])
}

/// A STRICT policy `p` in each namespace: whichever is said to decide is the root namespace.
fn policies(namespaces: &[&str]) -> String {
    namespaces.iter().map(|namespace| policy(namespace, "p", "", "mtls: {mode: STRICT}")).collect()
}

/// The namespace whose policy decides for `web`.
fn root(yaml: &str, env: &[(&str, &str)]) -> String {
    let found = with_env(yaml, env, |mesh| mode(mesh, "web", 8080));
    found.strip_prefix("STRICT ").and_then(|by| by.strip_suffix("/p")).map(Into::into).unwrap_or(found)
}

const ROOTS: [&str; 4] = ["istio-system", "root-a", "root-b", "root-c"];

#[test]
fn s18_each_revision_has_a_config_map_named_after_it() {
    let maps = mesh_config("istio-system", "istio", "rootNamespace: root-a")
        + &mesh_config("istio-system", "istio-canary", "rootNamespace: root-b")
        + &mesh_config("elsewhere", "istio", "rootNamespace: root-c");
    for (revision, expected) in [("default", "root-a"), ("canary", "root-b")] {
        assert_eq!(root(&(web(revision) + &policies(&ROOTS) + &maps), &[]), expected, "revision {revision}");
    }
    with(&maps, |mesh| {
        let read: Vec<&str> = mesh.control_planes().settings().map(|(revision, _)| revision.as_str()).collect();
        assert_eq!(read, ["canary", "default"]);
    });
}

/// Two istiods in two namespaces, each with its own `ConfigMap`.
fn two_homes() -> String {
    [
        istiod("home-a", "default", ""),
        istiod("home-b", "canary", ""),
        mesh_config("home-a", "istio", "rootNamespace: root-a"),
        mesh_config("home-b", "istio-canary", "rootNamespace: root-b"),
        policies(&ROOTS),
    ]
    .concat()
}

#[test]
fn s18_the_config_map_lies_where_that_istiod_runs() {
    for (revision, expected) in [("default", "root-a"), ("canary", "root-b")] {
        assert_eq!(root(&(web(revision) + &two_homes()), &[]), expected, "revision {revision}");
    }
}

#[test]
fn s18_a_config_map_beside_the_istiod_of_another_revision_is_not_read() {
    let strays = mesh_config("home-b", "istio", "rootNamespace: root-c") + &mesh_config("home-a", "istio-canary", "rootNamespace: root-c");
    for (revision, expected) in [("default", "root-a"), ("canary", "root-b")] {
        assert_eq!(root(&(web(revision) + &two_homes() + &strays), &[]), expected, "revision {revision}");
    }
}

#[test]
fn s18_a_shared_mesh_config_is_applied_first() {
    let shared = mesh_config("istio-system", "common", "rootNamespace: root-a");
    let rows = [
        ("not asked for", "", &[][..], "istio-system"),
        ("asked for", "", &[("SHARED_MESH_CONFIG", "common")], "root-a"),
        ("the primary is on top", "rootNamespace: root-b", &[("SHARED_MESH_CONFIG", "common")], "root-b"),
        ("other keys do not hide it", "trustDomain: td", &[("SHARED_MESH_CONFIG", "common")], "root-a"),
        ("there is none of that name", "", &[("SHARED_MESH_CONFIG", "other")], "istio-system"),
    ];
    for (row, primary, env, expected) in rows {
        let primary = if primary.is_empty() { "trustDomain: cluster.local" } else { primary };
        let yaml = web("default") + &shared + &mesh_config("istio-system", "istio", primary) + &policies(&ROOTS);
        assert_eq!(root(&yaml, env), expected, "{row}");
    }
    let by_deployment = istiod("istio-system", "default", "{name: SHARED_MESH_CONFIG, value: common}");
    assert_eq!(root(&(web("default") + &shared + &by_deployment + &policies(&ROOTS)), &[]), "root-a", "the Deployment's variable");
}

#[test]
fn s18_a_shared_mesh_config_is_that_of_the_istiod_that_asks_for_it() {
    let yaml = [
        istiod("istio-system", "default", ""),
        istiod("istio-system", "canary", "{name: SHARED_MESH_CONFIG, value: common}"),
        mesh_config("istio-system", "common", "rootNamespace: root-a"),
        mesh_config("istio-system", "istio", "trustDomain: td"),
        mesh_config("istio-system", "istio-canary", "trustDomain: td"),
        policies(&ROOTS),
    ]
    .concat();
    assert_eq!(root(&(web("canary") + &yaml), &[]), "root-a");
    assert_eq!(root(&(web("default") + &yaml), &[]), "istio-system");
}

#[test]
fn s18_the_layers_of_mesh_config_merge_field_by_field() {
    let yaml = [
        namespace("shop", "istio-injection: enabled"),
        deployment("shop", "web", "app: web", "", ""),
        mesh_config("istio-system", "common", "{rootNamespace: root-a, trustDomain: td-a, defaultConfig: {interceptionMode: NONE}}"),
        mesh_config("istio-system", "istio", "{trustDomain: td-b, defaultConfig: {statusPort: 15555}}"),
    ];
    with_env(&yaml.concat(), &[("SHARED_MESH_CONFIG", "common")], |mesh| {
        let settings = mesh.control_planes().primary();
        assert_eq!(settings.root_namespace, "root-a");
        assert_eq!(settings.trust_domain, "td-b");
        assert_eq!(settings.proxy.with(None).status_port(), Some(15555));
        assert_eq!(settings.proxy.with(None).interception_mode(), "NONE");
    });
}

#[test]
fn s19_without_a_key_the_root_namespace_is_istio_system() {
    let rows = [
        ("no ConfigMap", String::new()),
        ("no key", mesh_config("istio-system", "istio", "trustDomain: td")),
        ("istiod elsewhere", istiod("home", "default", "") + &mesh_config("home", "istio", "trustDomain: td")),
    ];
    for (row, yaml) in rows {
        assert_eq!(root(&(web("default") + &yaml + &policies(&["istio-system", "home"])), &[]), "istio-system", "{row}");
    }
}

#[test]
fn s19_istiod_is_found_by_its_pods_as_well() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: istiod-1, namespace: home, labels: {app: istiod, istio.io/rev: default}}\n\
               spec: {containers: [{name: discovery}]}\nstatus: {phase: Running}\n";
    let map = mesh_config("home", "istio", "rootNamespace: root-a") + &policies(&ROOTS);
    assert_eq!(root(&(web("default") + &istiod("home", "default", "") + &map), &[]), "root-a", "by its Deployment");
    assert_eq!(root(&(web("default") + pod + &map), &[]), "root-a", "by its pod");
}

#[test]
fn s20_a_proxy_obeys_the_revision_that_injected_it() {
    let maps = mesh_config("istio-system", "istio", "rootNamespace: root-a")
        + &mesh_config("istio-system", "istio-canary", "rootNamespace: root-b")
        + &policies(&ROOTS);
    let pod = |annotations: &str| meshed_pod("shop", "web", "app: web", annotations, &[8080]);
    let status = |revision: &str| format!("sidecar.istio.io/status: '{{\"revision\": \"{revision}\"}}'");
    let rows = [
        ("no word", pod(""), "", "root-a"),
        ("annotation", pod("istio.io/rev: canary"), "", "root-b"),
        ("status", pod(&status("canary")), "", "root-b"),
        ("the namespace asks for another one now", pod("istio.io/rev: default"), "istio.io/rev: canary", "root-a"),
        ("planned by the namespace's revision", deployment("shop", "web", "app: web", "", ""), "istio.io/rev: canary", "root-b"),
        ("planned by default", deployment("shop", "web", "app: web", "", ""), "istio-injection: enabled", "root-a"),
    ];
    for (row, workload, labels, expected) in rows {
        assert_eq!(root(&(workload + &namespace("shop", labels) + &maps), &[]), expected, "{row}");
    }
}

/// Tag, labels of the namespaces that use it, its revision, and that revision's root namespace.
const TAGS: [[&str; 4]; 4] = [
    ["prod", "istio.io/rev: prod", "canary", "root-b"],
    ["prod", "istio.io/rev: prod", "blue", "root-a"],
    ["default", "istio-injection: enabled", "canary", "root-b"],
    ["default", "istio-injection: enabled", "blue", "root-a"],
];

/// Two revisions, neither of them the unnamed one.
fn two_revisions() -> String {
    mesh_config("istio-system", "istio-blue", "rootNamespace: root-a")
        + &mesh_config("istio-system", "istio-canary", "rootNamespace: root-b")
        + &policies(&ROOTS)
}

#[test]
fn s20_a_tag_leads_workloads_to_its_revision() {
    for [name, labels, revision, expected] in TAGS {
        let shop = namespace("shop", labels) + &tag(name, revision) + &two_revisions();
        for workload in [meshed_pod("shop", "web", "app: web", "", &[8080]), deployment("shop", "web", "app: web", "", "")] {
            assert_eq!(root(&(workload.clone() + &shop), &[]), expected, "tag {name} of {revision}:\n{workload}");
        }
    }
}

#[test]
fn s20_a_tag_leads_namespaces_to_its_revision() {
    for [name, labels, revision, expected] in TAGS {
        with(&(namespace("shop", labels) + &tag(name, revision) + &two_revisions()), |mesh| {
            assert_eq!(mesh.namespace_mode("shop").decided_by.unwrap().path(), format!("{expected}/p"), "tag {name} of {revision}");
        });
    }
}

#[test]
fn s20_the_mode_of_a_namespace_is_by_its_revisions_root() {
    let maps = mesh_config("istio-system", "istio", "rootNamespace: root-a")
        + &mesh_config("istio-system", "istio-canary", "rootNamespace: root-b")
        + &policies(&ROOTS);
    for (labels, expected) in [("", "root-a"), ("istio-injection: enabled", "root-a"), ("istio.io/rev: canary", "root-b")] {
        with(&(namespace("shop", labels) + &maps), |mesh| {
            assert_eq!(mesh.namespace_mode("shop").decided_by.unwrap().path(), format!("{expected}/p"), "`{labels}`");
        });
    }
}

#[test]
fn s21_defaults_of_mesh_config() {
    let rows = [
        ("", "istio-system", true, "cluster.local"),
        ("enableAutoMtls: false", "istio-system", false, "cluster.local"),
        ("{enableAutoMtls: true, trustDomain: td.example, rootNamespace: root-a}", "root-a", true, "td.example"),
    ];
    for (text, root, auto_mtls, trust_domain) in rows {
        let yaml = if text.is_empty() { namespace("shop", "") } else { mesh_config("istio-system", "istio", text) };
        with(&yaml, |mesh| {
            let found = mesh.control_planes().primary();
            assert_eq!((found.root_namespace.as_str(), found.auto_mtls), (root, auto_mtls), "`{text}`");
            assert_eq!(found.trust_domain, trust_domain, "`{text}`");
        });
    }
}

#[test]
fn s20_the_mode_of_the_mesh_is_by_the_root_it_names_whatever_that_namespaces_labels() {
    let maps = mesh_config("istio-system", "istio", "rootNamespace: istio-system")
        + &mesh_config("istio-system", "istio-canary", "rootNamespace: a");
    let yaml = maps + &namespace("istio-system", "istio.io/rev: canary") + &policy("a", "default", "", "mtls: {mode: STRICT}");
    with(&yaml, |mesh| {
        let mode = mesh.mesh_mode();
        assert_eq!((mode.mode.as_str(), mode.decided_by), ("PERMISSIVE", None));
    });
}
