//! What a change would do, and that nothing changes where nothing does.

use std::collections::{BTreeMap, BTreeSet};

use kubectl_mtls::{
    mesh::{Client, ClientKind, ControlPlaneOptions, Mesh, Resolution},
    object::{Change, Id, Kind, Labels, Snapshot, Text},
    queries::{
        Scope,
        compare::BeforeAfter,
        diff::{self, CallSummary, Diff, Effect},
        reach::{self, CallQuestion, CallTarget},
    },
};
use proptest::prelude::*;

use crate::{
    api::{Api, documents},
    naive,
    support::{folder, meshed_pod, namespace, policy, snapshot, word},
};

fn everything() -> Scope {
    Scope { include_system: true, ..Scope::default() }
}

/// Asks about what applying manifests and deleting objects would do.
fn with<T>(before: &Snapshot, manifests: &Snapshot, deleted: &BTreeSet<Id>, ask: impl FnOnce(BeforeAfter<'_>, Diff<'_>) -> T) -> T {
    between(before, &before.with_manifests(manifests, deleted), ask)
}

fn between<T>(before: &Snapshot, after: &Snapshot, ask: impl FnOnce(BeforeAfter<'_>, Diff<'_>) -> T) -> T {
    let (before, after) = (Mesh::new(before, &ControlPlaneOptions::default()), Mesh::new(after, &ControlPlaneOptions::default()));
    let states = BeforeAfter { before: &before, after: &after };
    ask(states, diff::diff(states, &everything()))
}

fn is_empty(diff: &Diff<'_>) -> bool {
    diff.scopes.is_empty() && diff.modes.is_empty() && diff.calls.is_empty()
}

/// One line a call that changes: `breaks shop (sidecar) db.shop:80 Some(..)`.
fn calls(diff: &Diff<'_>) -> Vec<String> {
    let line = |call: &diff::CallChange| {
        let namespaces: Vec<&str> = call.namespaces.iter().map(Text::as_str).collect();
        format!("{} {} {} {}", word(call.effect), namespaces.join(","), call.kind.as_str(), call.service.name)
    };
    diff.calls.iter().map(line).collect()
}

const SERVER: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, name: http}]}\n";

fn shop() -> String {
    namespace("shop", "istio-injection: enabled") + &meshed_pod("shop", "db", "app: db", "", &[80]) + SERVER
}

#[test]
fn every_effect_has_a_change_that_brings_it() {
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: shop}\nspec: {host: db, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    let strict = policy("shop", "default", "", "mtls: {mode: STRICT}");
    let disable = policy("shop", "default", "", "mtls: {mode: DISABLE}");
    let table: [(&str, String, String, &[&str]); 7] = [
        ("a stricter server under a client that is told to send plaintext", shop() + rule, strict.clone(), &["breaks shop sidecar db"]),
        (
            "the server relaxed again",
            shop() + rule + &strict,
            policy("shop", "default", "", "mtls: {mode: PERMISSIVE}"),
            &["weakens shop sidecar db"],
        ),
        ("mTLS turned off", shop(), disable.clone(), &["weakens shop sidecar db"]),
        (
            "a rule that sends plaintext to a STRICT server is set to mTLS",
            shop() + rule + &strict,
            rule.replace("DISABLE", "ISTIO_MUTUAL"),
            &["fixes shop sidecar db"],
        ),
        ("mTLS turned on", shop() + &disable, strict.clone(), &["strengthens shop sidecar db"]),
        ("a service that nobody had", shop().replace(SERVER, ""), SERVER.to_owned(), &["appears shop sidecar db"]),
        ("a mode that changes no call", shop(), strict, &[]),
    ];
    for (what, before, manifests, expected) in table {
        let found = with(&snapshot(&before), &snapshot(&manifests), &BTreeSet::new(), |_, diff| calls(&diff));
        assert_eq!(found, expected, "{what}");
    }
    let deleted = BTreeSet::from([Id::new(Kind::Service, "shop", "db")]);
    let gone = with(&snapshot(&shop()), &Snapshot::default(), &deleted, |_, diff| calls(&diff));
    assert_eq!(gone, ["disappears shop sidecar db"]);
}

#[test]
fn s9_an_object_that_is_there_keeps_its_age_and_a_new_one_is_younger() {
    let old = crate::support::policy_at("2025-01-01T00:00:00Z", "shop", "old", "", "mtls: {mode: PERMISSIVE}");
    let before = snapshot(&(shop() + &old));
    let newer = policy("shop", "newer", "", "mtls: {mode: STRICT}");
    assert!(with(&before, &snapshot(&newer), &BTreeSet::new(), |_, diff| is_empty(&diff)), "the oldest wins");
    let replaced = old.replace("PERMISSIVE", "STRICT").replace("2025", "2030");
    let changed = with(&snapshot(&(shop() + &old + &newer)), &snapshot(&replaced), &BTreeSet::new(), |_, diff| diff.modes.len());
    assert_eq!(changed, 1, "it is changed in its place");
}

#[test]
fn pods_are_made_anew_only_where_their_template_changes() {
    let deployment = |labels: &str, filled: [&str; 3]| {
        let [port, get, spec] = filled;
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: app, ports: [{{containerPort: 80{port}}}], readinessProbe: {{httpGet: {{port: 80{get}}}}}}}]{spec}}}}}}}\n"
        )
    };
    let replica_set = "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: a}]}\nspec: {template: {metadata: {labels: {app: web}}}}\n";
    let pod = meshed_pod("shop", "web-1-a", "app: web", "", &[80]).replace(
        "metadata: {name: web-1-a,",
        "metadata: {name: web-1-a, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, controller: true, uid: b}],",
    );
    let before = snapshot(&(namespace("shop", "istio-injection: enabled") + &deployment("app: web", [""; 3]) + replica_set + &pod));
    let pods = |manifest: &str| before.with_manifests(&snapshot(manifest), &BTreeSet::new()).pods.len();
    let filled = [", protocol: TCP", ", scheme: HTTP, path: /", ", serviceAccountName: default"];
    assert_eq!(pods(&deployment("app: web", filled)), 1, "what the API server fills in is no change");
    assert_eq!(pods(&deployment("app: web", ["", ", scheme: HTTPS", ""])), 0);
    let out = deployment("app: web, \"sidecar.istio.io/inject\": \"false\"", [""; 3]);
    assert_eq!(pods(&out), 0);
    let moved = with(&before, &snapshot(&out), &BTreeSet::new(), |_, diff| {
        diff.modes.iter().map(|one| [one.before, one.after].map(|state| state.unwrap().dataplane.as_str())).collect::<Vec<_>>()
    });
    assert_eq!(moved, [["sidecar", "none"]]);
}

#[test]
fn deleting_a_namespace_or_a_controller_deletes_what_hangs_on_it() {
    let before = folder("testdata/meshes/bookinfo");
    let without = |id: Id| before.with_manifests(&Snapshot::default(), &BTreeSet::from([id]));
    let namespace = without(Id::new(Kind::Namespace, "", "data"));
    assert!(namespace.ids().all(|id| id.namespace != "data"));
    let deployment = without(Id::new(Kind::Deployment, "bookinfo", "reviews-v1"));
    assert!(deployment.pods.iter().all(|pod| !pod.id.name.starts_with("reviews-v1")));
    assert!(deployment.pods.iter().any(|pod| pod.id.name.starts_with("reviews-v2")));
}

#[test]
fn changes_tell_what_becomes_of_each_object() {
    let before = folder("testdata/meshes/bookinfo");
    let manifests = folder("testdata/changes/bookinfo.yaml");
    let deleted = BTreeSet::from([Id::new(Kind::Service, "bookinfo", "details")]);
    let changes = before.changes(&manifests, &deleted);
    let words: Vec<String> = changes.iter().map(|(id, change)| format!("{} {id}", word(change))).collect();
    assert_eq!(
        words,
        ["deleted Service bookinfo/details", "changed PeerAuthentication bookinfo/default", "changed PeerAuthentication data/default"]
    );
    assert!(before.changes(&before, &BTreeSet::new()).values().all(|change| *change == Change::Unchanged));
}

#[test]
fn a_uid_is_no_change_and_is_kept() {
    let pod = |uid: &str| {
        let metadata = format!("{{name: db-0, namespace: data{uid}}}");
        snapshot(&format!("apiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {{containers: [{{name: db, image: db}}]}}\n"))
    };
    let (before, manifest) = (pod(", uid: 1-2"), pod(""));
    assert!(before.changes(&manifest, &BTreeSet::new()).values().all(|change| *change == Change::Unchanged));
    assert_eq!(before.with_manifests(&manifest, &BTreeSet::new()).pods[0].meta().uid.0, "1-2".into());
    let slice = |uid: &str| {
        snapshot(&format!(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: db-1, namespace: data}}\naddressType: IPv4\n\
             endpoints: [{{addresses: [10.1.0.1], targetRef: {{kind: Pod, namespace: data, name: db-0, uid: {uid}}}}}]\n"
        ))
    };
    assert!(slice("1-2").changes(&slice("1-3"), &BTreeSet::new()).values().all(|change| *change == Change::Changed));
}

/// A call: who makes it, to which port of which service.
type CallProperties = ((Text, ClientKind, Labels), Id, (Text, u16));

/// Every call of every client, port by port, asked one by one.
fn one_by_one(mesh: &Mesh<'_>) -> BTreeMap<CallProperties, CallSummary> {
    let callers = naive::everybody(mesh);
    let mut all = BTreeMap::new();
    for service in mesh.registry().services().iter().filter(|one| !one.is_external() && one.resolution() != Resolution::Alias) {
        let first = mesh.registry().at(&service.host).min_by_key(|one| !one.is_kubernetes());
        if first.is_some_and(|first| first.id != service.id) {
            continue;
        }
        for port in &service.ports {
            for caller @ (namespace, kind, labels) in &callers {
                let from = Client::any(mesh.indices(), namespace, labels.clone(), *kind);
                let to = CallTarget::Host(service.host.to_string());
                let answer = reach::reach(mesh, &CallQuestion { from, to, port: port.number, subset: None, scheme: None });
                let answer = CallSummary { result: answer.result(), failure: answer.lowest_failure() };
                all.insert((caller.clone(), service.id.clone(), (service.host.clone(), port.number)), answer);
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(naive::at_least(128))]

    #[test]
    fn nothing_applied_changes_nothing(world in naive::world()) {
        let before = snapshot(&world.yaml());
        prop_assert!(with(&before, &Snapshot::default(), &BTreeSet::new(), |_, diff| is_empty(&diff)));
        prop_assert!(with(&before, &before, &BTreeSet::new(), |_, diff| is_empty(&diff)));
    }

    #[test]
    fn a_change_and_back_changes_nothing(world in naive::world(), other in naive::world()) {
        let (before, manifests) = (snapshot(&world.yaml()), snapshot(&other.yaml()));
        let after = before.with_manifests(&manifests, &BTreeSet::new());
        let added: BTreeSet<Id> = before.changes(&manifests, &BTreeSet::new()).into_iter().filter(|(_, change)| *change == Change::Added).map(|(id, _)| id).collect();
        // Deleting a Namespace would take along what lies in it, which was there before.
        let added = added.into_iter().filter(|id| id.kind != Kind::Namespace).collect();
        let back = after.with_manifests(&before, &added);
        prop_assert!(between(&before, &back, |_, diff| is_empty(&diff)));
    }

    #[test]
    fn what_changes_is_what_single_questions_say(world in naive::world(), other in naive::world()) {
        let (before, manifests) = (snapshot(&world.yaml()), snapshot(&other.yaml()));
        with(&before, &manifests, &BTreeSet::new(), |states, diff| {
            let [was_there, is_there] = [states.before, states.after].map(naive::everybody);
            // Who comes, goes or moves is paired by data plane: tables hold that.
            let moved: BTreeSet<&Text> = was_there.symmetric_difference(&is_there).map(|(namespace, ..)| namespace).collect();
            let (was, is) = (one_by_one(states.before), one_by_one(states.after));
            let mut expected = BTreeSet::new();
            for key in was.keys().chain(is.keys()).filter(|key| was.get(key) != is.get(key) && !moved.contains(&key.0.0)) {
                let ((namespace, kind, _), service, port) = key.clone();
                expected.insert((kind, namespace, service, port, was.get(key).copied(), is.get(key).copied()));
            }
            let mut found = BTreeSet::new();
            for call in &diff.calls {
                for namespace in call.namespaces.iter().filter(|namespace| !moved.contains(namespace)) {
                    found.insert((call.kind, namespace.clone(), call.service.clone(), call.port.clone(), call.before, call.after));
                }
            }
            prop_assert_eq!(found, expected);
            Ok(())
        })?;
    }
}

#[test]
fn a_template_with_probes_that_a_cluster_has_already_is_no_change() {
    let yaml = namespace("shop", "istio-injection: enabled")
        + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: app, readinessProbe: {httpGet: {path: /ready, port: 80}}}]}}}\n"
        + &meshed_pod("shop", "web-1-a", "app: web", "", &[80]).replace(
            "metadata: {name: web-1-a,",
            "metadata: {name: web-1-a, ownerReferences: [{kind: Deployment, name: web, controller: true}],",
        );
    let api = Api::serving(documents(&yaml), &[]);
    let ask = |change: &str| -> serde_json::Value {
        let args = ["diff", "-f", "-", "-o", "json", "--kubeconfig"];
        let command = snapbox::cmd::Command::new(snapbox::cmd::cargo_bin!("kubectl-mtls")).args(args).arg(api.kubeconfig("probes"));
        let output = command.env_remove("KUBECONFIG").stdin(change.to_owned()).assert();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    };
    let same = ask(yaml.split("---\n").find(|one| one.contains("kind: Deployment")).unwrap());
    assert_eq!((&same["objects"][0]["change"], &same["modes"]), (&"unchanged".into(), &serde_json::json!([])), "{same:#}");
}

#[test]
fn a_scope_whose_mode_changes_is_told_with_how_many_of_its_workloads_were_read() {
    let strict = |namespace: &str| policy(namespace, "default", "", "mtls: {mode: STRICT}");
    let unread = namespace("shop", "istio-injection: enabled") + SERVER;
    let table = [
        ("read", shop(), strict("shop"), vec![(Some("shop"), 1)]),
        ("unread", unread.clone(), strict("shop"), vec![(Some("shop"), 0)]),
        ("the mesh, which others inherit", unread.clone(), strict("istio-system"), vec![(None, 0)]),
        ("of one workload", shop(), policy("shop", "db", "app=db", "mtls: {mode: STRICT}"), vec![]),
        ("the same mode", unread.clone() + &strict("istio-system"), strict("shop"), vec![]),
    ];
    for (what, before, change, expected) in table {
        with(&snapshot(&before), &snapshot(&change), &BTreeSet::new(), |_, diff| {
            let told: Vec<_> = diff.scopes.iter().map(|one| (one.namespace.map(Text::as_str), one.workloads)).collect();
            assert_eq!(told, expected, "{what}");
        });
    }
}

const CLIENT: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: data}\nspec: {selector: {app: db}, ports: [{port: 80, name: http}]}\n";

fn for_web(kind: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{name: for-web, namespace: shop}}\nspec: {{workloadSelector: {{{spec}}}\n"
    )
}

#[test]
fn clients_that_a_selector_sets_apart_are_asked_apart() {
    let base = meshed_pod("shop", "web", "app: web, version: v1", "", &[])
        + &meshed_pod("shop", "api", "app: api", "", &[])
        + &meshed_pod("data", "db", "app: db", "", &[80])
        + CLIENT;
    let strict = policy("data", "default", "", "mtls: {mode: STRICT}");
    let rule = |app: &str| {
        let spec = format!("matchLabels: {{app: {app}}}}}, host: db.data.svc.cluster.local, trafficPolicy: {{tls: {{mode: DISABLE}}}}");
        for_web("DestinationRule", &spec)
    };
    let hide = for_web("Sidecar", "labels: {app: web}}, egress: [{hosts: ['./*']}]");
    let table = [
        ("a rule for web", base.clone() + &rule("web"), strict.clone(), vec!["breaks shop app=web"]),
        ("a rule for nobody", base.clone() + &rule("gone"), strict.clone(), vec![]),
        ("a scope for web", base.clone() + &strict, hide.clone(), vec!["breaks shop app=web"]),
        ("a rule that comes", base.clone() + &strict, rule("web"), vec!["breaks shop app=web"]),
    ];
    for (what, before, change, expected) in table {
        with(&snapshot(&before), &snapshot(&change), &BTreeSet::new(), |_, diff| {
            let broken = diff.calls.iter().filter(|call| call.effect == Effect::Breaks);
            let told: Vec<_> = broken.map(|call| format!("breaks {} {}", call.namespaces.first().unwrap(), call.labels)).collect();
            assert_eq!(told, expected, "{what}");
        });
    }
}

#[test]
fn a_call_breaks_where_its_client_leaves_the_data_plane_that_it_needs() {
    let server = meshed_pod("data", "db", "app: db", "", &[80]) + CLIENT + &policy("data", "default", "", "mtls: {mode: STRICT}");
    let web = |pod: String| server.clone() + &pod;
    let meshed = meshed_pod("shop", "web", "app: web", "", &[]);
    let bare = crate::support::pod("shop", "web", "app: web", "", &[], "");
    let table = [
        ("out of the mesh", web(meshed.clone()), web(bare.clone()), vec!["breaks sidecar none"]),
        ("into the mesh", web(bare.clone()), web(meshed.clone()), vec!["fixes none sidecar"]),
        ("gone", web(meshed.clone()), server.clone(), vec!["disappears sidecar "]),
        ("new", server.clone(), web(bare), vec!["appears none "]),
        ("the same", web(meshed.clone()), web(meshed), vec![]),
    ];
    for (what, before, after, expected) in table {
        between(&snapshot(&before), &snapshot(&after), |_, diff| {
            let from_shop = diff.calls.iter().filter(|call| call.namespaces.contains("shop"));
            let becomes = |call: &diff::CallChange| call.kind_after.map(ClientKind::as_str).unwrap_or_default();
            let told: Vec<_> = from_shop.map(|call| format!("{} {} {}", word(call.effect), call.kind.as_str(), becomes(call))).collect();
            assert_eq!(told, expected, "{what}");
        });
    }
}
