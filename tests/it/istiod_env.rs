//! The boolean variables of istiod, read as Go's `strconv.ParseBool` reads them (S31, S36, S75, S78, S109).

use kubectl_mtls::{istio::parse_bool, object::Snapshot};

use crate::{
    mesh_client::{Asked, outcome, service, service_with, wire},
    support::{ambient_pod, meshed_pod, policy, snapshot, with_env},
};

const DB: &str = "db.data.svc.cluster.local";
const PORT: &str = "{name: tcp, port: 80, targetPort: 8080}";

/// Every word that `strconv.ParseBool` takes, and some that it does not.
const WORDS: [(&str, Option<bool>); 17] = [
    ("1", Some(true)),
    ("t", Some(true)),
    ("T", Some(true)),
    ("true", Some(true)),
    ("TRUE", Some(true)),
    ("True", Some(true)),
    ("0", Some(false)),
    ("f", Some(false)),
    ("F", Some(false)),
    ("false", Some(false)),
    ("FALSE", Some(false)),
    ("False", Some(false)),
    ("", None),
    ("tRUE", None),
    ("yes", None),
    ("2", None),
    (" true", None),
];

#[test]
fn booleans_are_the_words_of_parse_bool() {
    for (word, expected) in WORDS {
        assert_eq!(parse_bool(word), expected, "`{word}`");
    }
}

/// What is asked with a variable: a mesh, the variable, others beside it, and what comes of the same call when it is on, off and absent.
struct Row {
    variable: &'static str,
    beside: Option<(&'static str, &'static str)>,
    mesh: String,
    on: &'static str,
    off: &'static str,
    absent: &'static str,
}

fn client() -> String {
    meshed_pod("web", "client", "app: client", "", &[])
}

fn rows() -> Vec<Row> {
    let by_service = service("data", "db", "app: db", PORT);
    let hbone_sidecar = meshed_pod("data", "db", "app: db, networking.istio.io/tunnel: http", "", &[8080]);
    let headless = service_with("data", "db", "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 80}]");
    let port_off =
        |port: u16| policy("data", "p", "app=db", &format!("mtls: {{mode: UNSET}}, portLevelMtls: {{{port}: {{mode: DISABLE}}}}"));
    let ingress = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: own, namespace: data}\n\
                   spec: {ingress: [{port: {number: 8080, protocol: TCP, name: tcp}, tls: {mode: SIMPLE}, defaultEndpoint: '127.0.0.1:8080'}]}\n";
    let sidecar = meshed_pod("data", "db", "app: db", "", &[8080]);
    vec![
        Row {
            variable: "PILOT_ENABLE_AMBIENT",
            beside: None,
            mesh: client() + &ambient_pod("data", "db", "app: db", &[8080]) + &by_service,
            on: "hbone",
            off: "plaintext",
            // Pods in ambient show that it is on.
            absent: "hbone",
        },
        Row {
            variable: "PILOT_PREFER_SENDING_HBONE",
            beside: Some(("PILOT_ENABLE_AMBIENT", "true")),
            mesh: client() + &hbone_sidecar + &by_service,
            on: "hbone",
            off: "mtls",
            absent: "mtls",
        },
        Row {
            variable: "PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES",
            beside: None,
            mesh: client() + &meshed_pod("data", "db", "app: db", "", &[80]) + &headless + &port_off(80),
            on: "plaintext",
            off: "mtls",
            absent: "mtls",
        },
        Row {
            variable: "ENABLE_TLS_ON_SIDECAR_INGRESS",
            beside: None,
            mesh: client() + &sidecar + &by_service + &port_off(8080) + ingress,
            on: "F13",
            off: "plain",
            absent: "plain",
        },
        Row { variable: "PILOT_SKIP_VALIDATE_TRUST_DOMAIN", beside: None, mesh: two_domains(), on: "mtls", off: "F5", absent: "F5" },
    ]
}

/// A client of a revision whose trust domain the server's istiod does not know, while the client knows the server's.
fn two_domains() -> String {
    let config = |name: &str, settings: &str| {
        format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: istio-system}}\ndata: {{mesh: '{settings}'}}\n")
    };
    meshed_pod("web", "client", "app: client", "istio.io/rev: canary", &[])
        + &meshed_pod("data", "db", "app: db", "", &[8080])
        + &service("data", "db", "app: db", PORT)
        + &policy("data", "p", "", "mtls: {mode: STRICT}")
        + &config("istio", "trustDomain: old.example")
        + &config("istio-canary", "{trustDomain: new.example, trustDomainAliases: [old.example]}")
}

/// What is sent, where that is what the variable decides, else what comes of it.
fn answer(row: &Row, value: Option<&str>) -> String {
    let env: Vec<(&str, &str)> = row.beside.into_iter().chain(value.map(|value| (row.variable, value))).collect();
    with_env(&row.mesh, &env, |mesh| {
        let found = Asked::new("client", DB).ask(mesh);
        let sent = wire(&found);
        if row.variable.contains("INGRESS") || row.variable.contains("SKIP") { outcome(&found) } else { sent }
    })
}

#[test]
fn s109_the_variables_of_istiod_are_booleans_of_go() {
    for row in rows() {
        for (word, meaning) in WORDS {
            // What ParseBool refuses counts as the default, and all of them are off by default.
            let expected = if meaning == Some(true) { row.on } else { row.off };
            assert_eq!(answer(&row, Some(word)), expected, "{}=`{word}`", row.variable);
        }
        assert_eq!(answer(&row, None), row.absent, "{} is absent", row.variable);
    }
}

#[test]
fn s109_variables_of_the_deployment_are_read_the_same_way() {
    let istiod = |value: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: istiod, namespace: istio-system}}\nspec: {{template: {{metadata: \
             {{labels: {{app: istiod}}}}, spec: {{containers: [{{name: discovery, image: pilot, env: [{{name: PILOT_ENABLE_AMBIENT, value: \
             '{value}'}}]}}]}}}}}}\n"
        )
    };
    let base = client() + &ambient_pod("data", "db", "app: db", &[8080]) + &service("data", "db", "app: db", PORT);
    for (value, expected) in [("1", "hbone"), ("t", "hbone"), ("0", "plaintext"), ("on", "plaintext")] {
        with_env(&(base.clone() + &istiod(value)), &[], |mesh| {
            assert_eq!(wire(&Asked::new("client", DB).ask(mesh)), expected, "{value}");
        });
    }
}

#[test]
fn s78_a_proxy_refuses_hbone_by_a_boolean_of_go() {
    for (value, expected) in [("1", "plaintext"), ("True", "plaintext"), ("t", "plaintext"), ("0", "hbone"), ("yes", "hbone")] {
        let annotation = format!("proxy.istio.io/config: '{{proxyMetadata: {{DISABLE_HBONE_SEND: \"{value}\"}}}}'");
        let mesh = meshed_pod("web", "client", "app: client", &annotation, &[])
            + &ambient_pod("data", "db", "app: db", &[8080])
            + &service("data", "db", "app: db", PORT);
        with_env(&mesh, &[], |mesh| assert_eq!(wire(&Asked::new("client", DB).ask(mesh)), expected, "{value}"));
    }
}

/// The template of injection compares with the very word.
#[test]
fn s150_only_the_word_true_labels_a_pod_for_hbone() {
    for (value, expected) in [("true", Some("http")), ("1", None), ("True", None)] {
        let deployment = format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: data, labels: {{istio-injection: enabled}}}}\n---\napiVersion: \
             apps/v1\nkind: Deployment\nmetadata: {{name: db, namespace: data}}\nspec: {{template: {{metadata: {{labels: {{app: db}}, \
             annotations: {{proxy.istio.io/config: '{{proxyMetadata: {{ISTIO_META_ENABLE_HBONE: \"{value}\"}}}}'}}}}, spec: {{containers: \
             [{{name: app}}]}}}}}}\n"
        );
        with_env(&deployment, &[], |mesh| {
            assert_eq!(crate::support::instance(mesh, "db").labels.get("networking.istio.io/tunnel"), expected, "{value}");
        });
    }
}

#[test]
fn s19_a_manifest_without_istiod_has_no_variables() {
    let snapshot: Snapshot = snapshot(&client());
    assert!(snapshot.controllers.is_empty());
    with_env(&client(), &[], |mesh| assert_eq!(*mesh.control_planes().istiod_env(), kubectl_mtls::istio::IstiodEnv::default()));
}
