//! What `explain FROM TO` says would mend a call names the object and the field that stand in its way.

use kubectl_mtls::{
    mesh::{Client, ClientKind, ControlPlaneOptions, Mesh},
    object::Labels,
    queries::{
        call_fixes::call_fixes,
        reach::{CallQuestion, CallTarget, reach},
    },
};

use crate::support::{ambient_pod, meshed_pod, pod, policy, snapshot, workload};

const HOST: &str = "db.shop.svc.cluster.local";

fn service(more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\nspec: {{selector: {{app: db}}, ports: [{{name: tcp, port: 80}}]{more}}}\n"
    )
}

fn rule(spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: db, namespace: shop}}\nspec: {{host: db, {spec}}}\n"
    )
}

fn strict() -> String {
    policy("shop", "default", "", "mtls: {mode: STRICT}")
}

/// What would mend the call of a sidecar, or of a pod by that name, to port 80 of a server, or of its pods.
fn mend(text: &str, from: Option<&str>, kind: ClientKind, by_ip: bool) -> Vec<String> {
    let snapshot = snapshot(text);
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
    let client = match from {
        Some(name) => Client::workload(workload(&mesh, name), &workload(&mesh, name).instances[0]),
        None => Client::any(mesh.indices(), "shop", Labels::default(), kind),
    };
    let to = if by_ip { CallTarget::Pods(workload(&mesh, "db"), None) } else { CallTarget::Host(HOST.into()) };
    let question = CallQuestion { from: client, to, port: 80, subset: None, scheme: None };
    call_fixes(&mesh, &question, &reach(&mesh, &question))
}

#[test]
fn each_obstacle_has_its_remedy() {
    let db = meshed_pod("shop", "db", "app: db", "", &[80]);
    let bare = pod("shop", "db", "app: db", "", &[80], "");
    let sidecar = |hosts: &str, policy: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{name: default, namespace: shop}}\nspec: {{egress: [{{hosts: [{hosts}]}}]{policy}}}\n"
        )
    };
    let config =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'enableAutoMtls: false'}\n";
    let disabled = "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}";
    let cases: Vec<(&str, String, &str)> = vec![
        ("all is well", db.clone() + &service("") + &strict(), ""),
        (
            "a rule's plaintext (S65)",
            db.clone() + &service("") + &strict() + &rule("trafficPolicy: {tls: {mode: DISABLE}}"),
            "remove `spec.trafficPolicy.tls` from DestinationRule shop/db",
        ),
        (
            "a rule's TLS (S67)",
            db.clone() + &service("") + &strict() + &rule("trafficPolicy: {tls: {mode: SIMPLE}}"),
            "remove `spec.trafficPolicy.tls` from DestinationRule shop/db",
        ),
        (
            "a port's mTLS to a bare server (S66)",
            bare.clone() + &service("") + &rule("trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: ISTIO_MUTUAL}}]}"),
            "remove `spec.trafficPolicy.portLevelSettings.0.tls` from DestinationRule shop/db",
        ),
        ("a server without proxy", bare.clone() + &service(""), "add Pod shop/db to the mesh, so that it can accept mTLS"),
        ("automatic mTLS off (S71)", db.clone() + &service("") + &strict() + config, "set `enableAutoMtls: true`"),
        (
            "namespace DISABLE over STRICT (S70)",
            db.clone()
                + &service("")
                + &policy("shop", "default", "", "mtls: {mode: DISABLE}")
                + &policy("shop", "db", "app=db", "mtls: {mode: STRICT}"),
            "set PERMISSIVE instead of DISABLE in the policy that applies to namespace shop",
        ),
        (
            "a label that says no (S74)",
            pod("shop", "db", "app: db, security.istio.io/tlsMode: disabled", "", &[80], disabled) + &service("") + &strict(),
            "set the label security.istio.io/tlsMode=istio on Pod shop/db",
        ),
        (
            "headless with a bare endpoint (S75)",
            db.clone() + &pod("shop", "db-2", "app: db", "", &[80], "") + &service(", clusterIP: None") + &strict(),
            "add every pod behind db.shop.svc.cluster.local to the mesh",
        ),
        (
            "hidden by a Sidecar (S49)",
            db.clone() + &service("") + &strict() + &sidecar("'other/*'", ""),
            "make db.shop.svc.cluster.local:80 visible to the client",
        ),
        (
            "refused by REGISTRY_ONLY (S49)",
            db.clone() + &service("") + &sidecar("'other/*'", ", outboundTrafficPolicy: {mode: REGISTRY_ONLY}"),
            "add it to `egress.hosts` in its Sidecar resource",
        ),
        (
            "a port that bypasses the sidecar (S80)",
            meshed_pod("shop", "db", "app: db", "traffic.sidecar.istio.io/excludeInboundPorts: \"80\"", &[80]) + &service("") + &strict(),
            "configure the sidecar of Pod shop/db to capture port 80",
        ),
        (
            "a stray label in ambient (S97)",
            ambient_pod("shop", "db", "app: db, security.istio.io/tlsMode: istio", &[80]) + &service("") + &strict(),
            "remove the label security.istio.io/tlsMode from Pod shop/db",
        ),
    ];
    for (what, text, call_fixes) in cases {
        let found = mend(&text, None, ClientKind::Sidecar, false);
        match call_fixes {
            "" => assert!(found.is_empty(), "{what}: {found:?}"),
            call_fixes => assert!(found.first().is_some_and(|first| first.contains(call_fixes)), "{what}: {found:?}"),
        }
    }
}

#[test]
fn the_remedy_for_a_missing_identity_is_where_istiod_looks_for_it() {
    let disabled = "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}";
    let db = |mode: &str| {
        let labels = format!("app: db, security.istio.io/tlsMode: {mode}");
        pod("shop", "db", &labels, "", &[80], disabled).replace("phase: Running", "phase: Running, podIP: 10.0.0.9")
    };
    let slice = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {ports: [{name: tcp, port: 80}]}\n\
                 ---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n\
                 metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}\n\
                 ports: [{name: tcp, port: 80}]\nendpoints: [{addresses: [10.0.0.9]}]\n";
    let entry = format!(
        "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e, namespace: shop}}\nspec: {{hosts: [{HOST}], \
         location: MESH_INTERNAL, resolution: STATIC, ports: [{{number: 80, name: tcp, protocol: TCP}}], endpoints: [{{address: 10.0.0.9}}]}}\n"
    );
    let table = [
        (
            "an address in a slice is joined with its pod (S211)",
            db("disabled") + slice,
            "the label security.istio.io/tlsMode=istio on Pod shop/db",
        ),
        ("an address in an entry is not (S228)", db("istio") + &entry, "to the endpoint of ServiceEntry shop/e"),
    ];
    for (what, text, expected) in table {
        let found = mend(&(text + &strict()), None, ClientKind::Sidecar, false);
        assert!(found.iter().any(|fix| fix.contains(expected)), "{what}: {found:?}");
    }
}

#[test]
fn each_kind_of_client_has_its_remedy() {
    let text = meshed_pod("shop", "db", "app: db", "", &[80]) + &pod("shop", "job", "app: job", "", &[], "") + &service("") + &strict();
    let first = |from, kind, by_ip| mend(&text, from, kind, by_ip).into_iter().next().unwrap_or_default();
    assert_eq!(first(Some("job"), ClientKind::None, false), "add Pod shop/job to the mesh");
    assert!(first(None, ClientKind::Ambient, false).contains("enable HBONE in the sidecar of Pod shop/db"));
    assert!(first(None, ClientKind::Proxyless, false).contains("set ISTIO_MUTUAL in a DestinationRule"));
    assert!(first(None, ClientKind::Sidecar, true).contains("call its Service db.shop.svc.cluster.local"));
}
