//! Callers that a STRICT in force cuts off (S191–S204), in every command that reports them.

use std::{collections::BTreeSet, fs, time::Duration};

use kubectl_mtls::{
    checks,
    mesh::{ControlPlaneOptions, Mesh},
    object::Snapshot,
    queries::{
        Scope,
        migrate::{self, Confidence, Target, Today},
    },
    source::{
        Connection,
        cluster::{self, Kinds},
    },
};
use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert, cargo_bin};

use crate::{
    api::Api,
    source_cluster::request,
    support::{folder, snapshot},
};

const MESH: &str = "testdata/meshes/strict-in-force";
/// The workloads of each of the two namespaces that a caller is certainly cut off from, with the rule.
const CUT_OFF: [(&str, &str); 12] = [
    ("annotated", "MTLS404"),
    ("balanced", "MTLS406"),
    ("hook", "MTLS405"),
    ("late-1", "MTLS403"),
    ("monitored", "MTLS404"),
    ("old-1", "MTLS412"),
    ("podded", "MTLS404"),
    ("probed", "MTLS403"),
    ("routed", "MTLS406"),
    ("routed-inside", "MTLS407"),
    ("victoria", "MTLS404"),
    ("victoria-pods", "MTLS404"),
];
/// What the finding about callers that may call names.
const POSSIBLE: [&str; 8] = [
    "DaemonSet callers/node-agent (on the host network)",
    "Deployment callers/bare",
    "(without a proxy)",
    "Deployment callers/bypassing (excluded from the proxy by annotation)",
    "Deployment callers/grpc (proxyless gRPC)",
    "Deployment callers/seeding (in init containers that run before the proxy)",
    "host port 18080",
    "Service shut/noded, a NodePort",
];

fn expected() -> BTreeSet<(String, String)> {
    CUT_OFF.iter().map(|(name, rule)| (format!("shut/{name}"), (*rule).to_owned())).collect()
}

fn run(args: &[&str]) -> OutputAssert {
    Command::new(cargo_bin!("kubectl-mtls")).args(args).env_remove("KUBECONFIG").assert()
}

fn json(output: &OutputAssert) -> Value {
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// The servers and rules of the findings about callers that are certainly cut off.
fn cut_off(document: &Value) -> BTreeSet<(String, String)> {
    let findings = document["findings"].as_array().unwrap().iter();
    let strict = findings.filter(|one| one["rule"].as_str().unwrap().starts_with("MTLS4") && one["severity"] != "info");
    strict
        .flat_map(|one| {
            let rule = one["rule"].as_str().unwrap().to_owned();
            let servers = one["related"].as_array().unwrap().iter();
            servers.map(move |server| {
                (format!("{}/{}", server["namespace"].as_str().unwrap(), server["name"].as_str().unwrap()), rule.clone())
            })
        })
        .collect()
}

#[test]
fn analyze_and_audit_name_each_caller_that_is_cut_off_and_no_other() {
    for command in ["analyze", "audit"] {
        let document = json(&run(&[command, "-R", "-f", MESH, "-o", "json"]).code(1));
        assert_eq!(cut_off(&document), expected(), "{command}");
        let possible: Vec<&Value> = document["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "MTLS415").collect();
        let [one] = &possible[..] else { panic!("{command}: {possible:?}") };
        for name in POSSIBLE {
            assert!(one["message"].as_str().unwrap().contains(name), "{command}: {name}: {}", one["message"]);
        }
        assert_eq!(one["severity"], "info");
    }
}

#[test]
fn migrate_check_names_them_in_the_namespace_that_is_strict_already() {
    let document = json(&run(&["migrate-check", "-R", "-f", MESH, "-n", "shut", "-o", "json"]).code(1));
    assert_eq!(document["namespaces"][0]["ready"], "already");
    assert_eq!(document["namespaces"][0]["blockers"], serde_json::json!([]));
    let ingress_aside =
        |all: BTreeSet<(String, String)>| all.into_iter().filter(|(server, _)| server.starts_with("shut/")).collect::<BTreeSet<_>>();
    assert_eq!(ingress_aside(cut_off(&document)), expected());
}

#[test]
fn diff_counts_a_caller_that_a_change_cuts_off_as_a_call_that_breaks() {
    let text = fs::read_to_string(format!("{MESH}/mesh.yaml")).unwrap();
    let before = std::env::temp_dir().join(format!("kubectl-mtls-strict-before-{}.yaml", std::process::id()));
    fs::write(&before, text.replace("mode: STRICT", "mode: PERMISSIVE")).unwrap();
    let after = format!("{MESH}/mesh.yaml");
    let args = ["diff", "--before", before.to_str().unwrap(), "-f", &after, "--fail-on-break", "--fail-on", "never", "-o", "json"];
    let document = json(&run(&args).code(1));
    let back = ["diff", "--before", &after, "-f", before.to_str().unwrap(), "--fail-on-break", "--fail-on", "never", "-o", "json"];
    let fixed = json(&run(&back).code(0));
    fs::remove_file(&before).unwrap();
    let external = |document: &Value, effect: &str| -> BTreeSet<String> {
        let calls = document["calls"].as_array().unwrap().iter();
        let those = calls.filter(|call| call["effect"] == effect && !call["from"]["caller"].is_null());
        those.map(|call| call["to"]["host"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned()).collect()
    };
    let servers: BTreeSet<String> = expected().into_iter().filter(|(_, rule)| rule != "MTLS412").map(|(server, _)| server).collect();
    assert_eq!(external(&document, "breaks"), servers);
    // What accepts plaintext again is weaker; TLS that arrives again is not.
    assert_eq!(&external(&fixed, "fixes") | &external(&fixed, "weakens"), servers);
}

/// The findings about STRICT, as text.
fn findings(snapshot: &Snapshot) -> Vec<String> {
    let mesh = Mesh::new(snapshot, &ControlPlaneOptions::default());
    let all = checks::run(&mesh, |rule| rule.id.starts_with("MTLS4"));
    all.into_iter().map(|one| format!("{} {} {} {}", one.rule.id, one.severity, one.subject, one.message)).collect()
}

#[test]
fn a_cluster_and_its_files_have_the_same_findings() {
    let expected = findings(&folder(MESH));
    assert!(expected.len() > 10, "{expected:?}");
    for (name, api) in [("protobuf", Api::new(MESH, &[])), ("json", Api::new(MESH, &[]).json_only())] {
        let connection = Connection { kubeconfig: Some(api.kubeconfig(&format!("strict-{name}"))), ..Connection::default() };
        let asked = cluster::Request { kinds: Kinds::All, timeout: Duration::from_secs(30), ..request(connection) };
        let read = cluster::read(&asked).unwrap();
        assert_eq!(read.gaps, [], "{name}");
        assert_eq!(findings(&read), expected, "{name}");
    }
}

/// What STRICT certainly refuses of callers outside the mesh: the cause, the client and the servers.
fn sure(blockers: &[migrate::Blocker], today: Today) -> BTreeSet<String> {
    let sure = blockers.iter().filter(|one| one.confidence == Confidence::Certain && one.today == today);
    sure.flat_map(|one| one.servers.iter().map(move |(server, ports)| format!("{:?} {} {server} {ports:?}", one.cause, one.client)))
        .collect()
}

#[test]
fn what_a_strict_in_force_cuts_off_is_what_would_block_strict_if_it_were_permissive() {
    for (mesh, namespace) in [(MESH, "shut"), ("testdata/meshes/external-callers", "shop")] {
        let is_own = |call: &String| call.contains(&format!(" {namespace}/"));
        let strict = folder(mesh);
        let strict = Mesh::new(&strict, &ControlPlaneOptions::default());
        let in_force: BTreeSet<String> =
            sure(&migrate::refused_callers_by_client(&strict), Today::CutOff).into_iter().filter(is_own).collect();
        let mut text = String::new();
        let mut files: Vec<_> = fs::read_dir(mesh).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            text += "---\n";
            text += &fs::read_to_string(file).unwrap().replace("mode: STRICT", "mode: PERMISSIVE");
        }
        let permissive = snapshot(&text);
        let permissive = Mesh::new(&permissive, &ControlPlaneOptions::default());
        let scope = Scope::default();
        let plan = migrate::plan(&permissive, &ControlPlaneOptions::default(), &Target::namespaces(&permissive, &scope), &scope, None);
        let external = [
            migrate::MigrationCause::Probe,
            migrate::MigrationCause::LateProbe,
            migrate::MigrationCause::Scraper,
            migrate::MigrationCause::Webhook,
            migrate::MigrationCause::Exposed,
            migrate::MigrationCause::PodIp,
        ];
        let blocking: Vec<_> = plan.blockers.into_iter().filter(|one| external.contains(&one.cause)).collect();
        let blocking: BTreeSet<String> = sure(&blocking, Today::Works).into_iter().filter(is_own).collect();
        assert!(!in_force.is_empty(), "{mesh}");
        assert_eq!(in_force, blocking, "{mesh}");
    }
}

/// A pod that runs with a classic or a native sidecar, or would.
fn seeding(annotation: &str) -> String {
    let mut text = crate::support::namespace("flow", "istio-injection: enabled");
    text += "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: seed, namespace: flow}\n";
    text += "spec: {template: {metadata: {labels: {app: seed}, annotations: {";
    text += annotation;
    text += "}}, spec: {initContainers: [{name: create, image: a}], containers: [{name: seed, image: a}]}}}\n";
    text
}

#[test]
fn s151_the_annotation_then_istiod_decides_whether_init_containers_run_before_the_proxy() {
    for (annotation, variable, early) in [
        ("", None, 0),
        ("", Some("false"), 1),
        ("", Some("true"), 0),
        ("", Some("auto"), 0),
        ("sidecar.istio.io/nativeSidecar: 'false'", None, 1),
        ("sidecar.istio.io/nativeSidecar: 'false'", Some("true"), 1),
        ("sidecar.istio.io/nativeSidecar: 'true'", Some("false"), 0),
    ] {
        let read = snapshot(&seeding(annotation));
        let variables = variable.map(|value| ("ENABLE_NATIVE_SIDECARS".into(), value.into()));
        let options = ControlPlaneOptions { istiod_env: variables.into_iter().collect(), ..ControlPlaneOptions::default() };
        let mesh = Mesh::new(&read, &options);
        let instance = &mesh.workloads()[0].instances[0];
        assert_eq!(mesh.indices().containers_before_proxy(instance).len(), early, "{annotation} {variable:?}");
    }
}

#[test]
fn s252_the_exclusion_that_a_webhook_needs_is_no_finding() {
    let text = fs::read_to_string(format!("{MESH}/mesh.yaml")).unwrap();
    let about = |text: &str| {
        let read = snapshot(text);
        let mesh = Mesh::new(&read, &ControlPlaneOptions::default());
        let all = checks::run(&mesh, |rule| matches!(rule.id, "MTLS111" | "MTLS112"));
        all.into_iter().map(|one| one.subject.to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(about(&text), BTreeSet::new());
    let without = text.replace("service: {name: excluded,", "service: {name: absent,");
    assert!(about(&without).contains("Deployment shut/excluded"), "{:?}", about(&without));
}

#[test]
fn s253_an_ingress_controller_with_a_sidecar_reaches_a_service_by_its_own_name_over_mtls() {
    let text = fs::read_to_string(format!("{MESH}/mesh.yaml")).unwrap();
    let calls = |annotations: &str, protocol: &str| {
        let ingress = "metadata: {name: routed-inside, namespace: shut}";
        let annotated = format!("metadata: {{name: routed-inside, namespace: shut, annotations: {{{annotations}}}}}");
        let at = text.find(&format!("kind: Ingress\n{ingress}")).unwrap();
        let (head, tail) = text.split_at(at);
        let head = head.replace("{name: http, port: 80, targetPort: 8080}", &format!("{{name: {protocol}, port: 80, targetPort: 8080}}"));
        let read = snapshot(&(head + &tail.replacen(ingress, &annotated, 1)));
        findings(&read).iter().any(|one| one.starts_with("MTLS407") && one.contains("shut/routed-inside"))
    };
    let upstream = "nginx.ingress.kubernetes.io/service-upstream: 'true'";
    let host = "nginx.ingress.kubernetes.io/upstream-vhost: routed-inside.shut.svc.cluster.local";
    for (annotations, protocol, is_cut_off) in [
        (String::new(), "http", true),
        (upstream.to_owned(), "http", true),
        (upstream.to_owned(), "tcp", false),
        (host.to_owned(), "http", true),
        (format!("{upstream}, {host}"), "http", false),
        (format!("{upstream}, {}", host.replace("routed-inside.shut", "other.shut")), "http", true),
    ] {
        assert_eq!(calls(&annotations, protocol), is_cut_off, "{annotations} {protocol}");
    }
}
