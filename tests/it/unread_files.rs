//! What was not read of files: what rests on it is unknown as far as its kind is known, and every answer is incomplete.

use kubectl_mtls::{
    mesh::{ControlPlaneOptions, Mesh},
    object::Kind,
    queries::{
        Scope,
        migrate::{Readiness, Target, plan},
    },
};

use crate::support::{audit_all, meshed_pod, namespace, policy, snapshot, word};

/// Two namespaces that a policy of the mesh makes STRICT, each with a workload.
fn mesh() -> String {
    [
        policy("istio-system", "default", "", "mtls: {mode: STRICT}"),
        namespace("shop", "istio-injection: enabled"),
        namespace("data", "istio-injection: enabled"),
        meshed_pod("shop", "web", "app: web", "", &[8080]),
        meshed_pod("data", "db", "app: db", "", &[5432]),
    ]
    .concat()
}

/// The modes of the workloads of `data` and `shop`, unknown ones as `unknown`, and the number of gaps.
fn modes(yaml: &str) -> (String, String, usize) {
    let read = snapshot(yaml);
    let options = ControlPlaneOptions::default();
    let mesh = Mesh::new(&read, &options);
    let modes: Vec<String> = audit_all(&mesh)
        .workloads
        .iter()
        .map(|row| if row.mode.is_enforcement_certain() { word(row.mode.mode) } else { "unknown".into() })
        .collect();
    let [data, shop] = &modes[..] else { panic!("{modes:?}") };
    (data.clone(), shop.clone(), mesh.gaps().len())
}

#[test]
fn a_policy_that_exists_and_was_not_read_makes_the_modes_of_its_namespace_unknown() {
    let template = |place: &str| {
        format!("---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {place}\nspec: {{mtls: {{mode: DISABLE}}}}\n")
    };
    let cut = "---\napiVersion: v1\nitems:\n- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  \
               metadata: {name: web, namespace: shop}\n  spec: {mtls: {mode: DISABLE}}\n";
    let json = "---\n{\"apiVersion\": \"v1\", \"items\": [{\"apiVersion\": \"security.istio.io/v1\", \"kind\": \"PeerAuthentication\", \
                \"metadata\": {\"name\": \"web\", \"namespace\": \"shop\"}}]}\n";
    let rejected = "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: Web, namespace: shop}\n";
    let unknown = "---\napiVersion: security.istio.io/v1\nkind: \"PeerAuth\n";
    let rows = [
        ("nothing", String::new(), ("strict", "strict"), 0),
        ("a template in a known namespace", template("{name: '${NAME}', namespace: shop}"), ("strict", "unknown"), 1),
        ("a template in an unknown namespace", template("{name: web, namespace: '{{ .Release.Namespace }}'}"), ("unknown", "unknown"), 1),
        ("a list that was cut off", cut.into(), ("unknown", "unknown"), 1),
        ("a JSON list without kind", json.into(), ("unknown", "unknown"), 1),
        // The API server would refuse it, so it does not exist.
        ("an object that no server accepts", rejected.into(), ("strict", "strict"), 1),
        // It could be of any kind. What is beside it is evaluated, and the answer is incomplete.
        ("a document that cannot be parsed", unknown.into(), ("strict", "strict"), 1),
    ];
    for (what, document, (data, shop), gaps) in rows {
        let found = modes(&(mesh() + &document));
        assert_eq!((found.0.contains(data), found.1.contains(shop), found.2), (true, true, gaps), "{what}: {found:?}");
    }
}

#[test]
fn no_namespace_is_ready_while_a_document_is_unread() {
    for (document, expected) in [("", Readiness::Already), ("---\nkind: \"x\n", Readiness::Unknown)] {
        // Without the policy of the mesh there is something to do in one of the two.
        let yaml = mesh().replace("mode: STRICT", if document.is_empty() { "mode: STRICT" } else { "mode: PERMISSIVE" });
        let read = snapshot(&(yaml + document));
        let options = ControlPlaneOptions::default();
        let mesh = Mesh::new(&read, &options);
        let scope = Scope::default();
        let found = plan(&mesh, &options, &Target::namespaces(&mesh, &scope), &scope, None).readiness;
        assert!(!found.is_empty() && found.values().all(|one| *one == expected), "{document}: {found:?}");
    }
}

/// kubectl 1.33: a file that begins with `{` may be several JSON objects; of any later document only the first is read.
#[test]
fn of_a_later_document_with_several_json_objects_only_the_first_is_read() {
    let service = |name: &str| format!("{{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{{\"name\":\"{name}\"}}}}\n");
    let names = |yaml: &str| {
        let read = snapshot(yaml);
        (read.services.iter().map(|read| read.id.name.to_string()).collect::<Vec<_>>(), read.gaps)
    };
    assert_eq!(names(&(service("a") + &service("b"))), (vec!["a".into(), "b".into()], vec![]));
    let (found, gaps) = names(&format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\n---\n{}{}", service("b"), service("c")));
    assert_eq!((found, gaps.len()), (vec!["a".to_owned(), "b".to_owned()], 1));
    assert!(gaps[0].reason.starts_with("line 6: kubectl ignores what follows"), "{gaps:?}");
}

#[test]
fn an_unreadable_mesh_configuration_is_a_gap_of_its_kind() {
    let broken = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: \"a: [\"}\n";
    let read = snapshot(&(mesh() + broken));
    assert!(!read.covers(Kind::ConfigMap, "istio-system") && read.covers(Kind::ConfigMap, "shop"), "{:?}", read.coverage);
    let (data, shop, _) = modes(&(mesh() + broken));
    assert_eq!((data.as_str(), shop.as_str()), ("unknown", "unknown"));
}
