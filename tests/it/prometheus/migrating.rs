//! `migrate-check` in the light of traffic.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert, cargo_bin};

use super::{END, Reply, Stub, mesh_of_the_history, recorded, replay, replayed};
use crate::support::{namespace, pod};

/// The mesh of the history, with a Service of one port before a workload and a client that can call everybody.
/// It is written once, because a test must not read what another one is writing.
fn mesh() -> &'static Path {
    static PATH: LazyLock<PathBuf> = LazyLock::new(written);
    &PATH
}

fn written() -> PathBuf {
    let service = |namespace: &str, name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80, name: http}}]}}\n"
        )
    };
    let services = [("quay", "crane"), ("quay", "ferry"), ("depot", "lamp")].map(|(namespace, name)| service(namespace, name)).concat();
    let misdeclared = namespace("attic", "") + &pod("attic", "cron", "app: cron", "", &[], "");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("history.yaml");
    std::fs::write(&path, mesh_of_the_history() + &services + &misdeclared).unwrap();
    path
}

/// `migrate-check` of that mesh with these flags, asking this server about the last day of the history.
fn migrate(stub: &Stub, flags: &[&str]) -> OutputAssert {
    let (path, end) = (mesh(), END.to_string());
    let command = Command::new(cargo_bin!("kubectl-mtls")).env_remove("KUBECONFIG").args(["migrate-check", "-f"]).arg(path);
    command.args(["--prometheus", &stub.url, "--window", "24h", "--at", &end]).args(flags).assert()
}

fn document(stub: &Stub, flags: &[&str]) -> Value {
    serde_json::from_slice(&migrate(stub, &[&["-o", "json"], flags].concat()).get_output().stdout).unwrap()
}

/// The rules and confidences of what is in the way of a workload.
fn in_the_way(document: &Value, workload: &str) -> Vec<String> {
    let all = document["namespaces"].as_array().unwrap().iter().flat_map(|namespace| namespace["blockers"].as_array().unwrap());
    let own = all.filter(|blocker| blocker["servers"].as_array().unwrap().iter().any(|server| server["name"] == workload));
    own.map(|blocker| format!("{} {}", blocker["rule"].as_str().unwrap(), blocker["confidence"].as_str().unwrap())).collect()
}

fn evidence<'d>(document: &'d Value, workload: &str) -> &'d Value {
    let all = document["namespaces"].as_array().unwrap().iter().flat_map(|namespace| namespace["evidence"].as_array().unwrap());
    all.into_iter().find(|one| one["name"] == workload).unwrap()
}

#[test]
fn what_nobody_met_is_dismissed_and_what_was_seen_is_in_the_way() {
    let document = document(&replay(), &[]);
    let rows: &[(&str, &str, &[&str])] = &[
        ("crane", "no-plaintext", &[]),
        ("ferry", "plaintext-seen", &["MTLS401 possible", "MTLS412 possible", "MTLS420 seen"]),
        ("lamp", "no-traffic", &["MTLS401 possible", "MTLS412 possible"]),
        ("late", "not-covered", &["MTLS407 possible", "MTLS421 possible"]),
        ("kelp", "refused", &[]),
    ];
    for (workload, verdict, expected) in rows {
        assert_eq!(evidence(&document, workload)["verdict"], *verdict, "{workload}");
        assert_eq!(in_the_way(&document, workload), *expected, "{workload}");
    }
    assert_eq!(document["complete"], true);
    assert_eq!(document["traffic"]["window"], "1d");
    assert_eq!(document["traffic"]["end"], "2026-10-01T12:00:00Z");
    let ferry = evidence(&document, "ferry");
    assert_eq!(ferry["plaintext"][0]["client"], "depot/winch");
    assert_eq!(ferry["plaintext"][0]["namedBy"], "headers");
    assert_eq!(ferry["plaintext"][0]["requests"], 3_600);
}

#[test]
fn without_traffic_what_can_call_stays_possible() {
    let output = Command::new(cargo_bin!("kubectl-mtls")).env_remove("KUBECONFIG").args(["migrate-check", "-o", "json", "-f"]).arg(mesh());
    let document: Value = serde_json::from_slice(&output.assert().get_output().stdout).unwrap();
    assert_eq!(in_the_way(&document, "crane"), ["MTLS401 possible", "MTLS412 possible"]);
    assert_eq!(document["traffic"], Value::Null);
}

#[test]
fn a_port_that_plaintext_came_to_stays_open_and_where_nobody_knows_the_port_nothing_goes() {
    let document = document(&replay(), &[]);
    let manifests = |step: &str| -> String {
        let waves = document["waves"].as_array().unwrap().iter().filter(|wave| wave["step"] == step);
        waves.map(|wave| wave["manifests"].as_str().unwrap()).collect::<Vec<_>>().join("---\n")
    };
    // The plaintext of buoy and anchor-db, of the same namespace, came by Services that were not read.
    let quay = document["namespaces"].as_array().unwrap().iter().find(|namespace| namespace["name"] == "quay").unwrap();
    assert_eq!((&quay["ready"], &quay["wave"]), (&Value::from("blocked"), &Value::Null));
    assert!(!manifests("strict-with-exceptions").contains("namespace: quay"));
    assert!(quay["patch"].as_str().unwrap().contains("\"80\":\n      mode: PERMISSIVE"), "{}", quay["patch"]);
}

#[test]
fn what_was_not_answered_makes_the_answer_incomplete_and_nobody_safe() {
    let answers = recorded();
    let stub = Stub::new(move |asked| {
        if asked.parameter("query").contains("[10m] offset") {
            return Reply::Answer(422, "application/json", r#"{"status":"error","errorType":"execution","error":"too much"}"#.into());
        }
        replayed(&answers, asked)
    });
    let document = document(&stub, &["--fail-on", "never"]);
    assert_eq!(document["complete"], false);
    assert!(in_the_way(&document, "crane").contains(&"MTLS421 possible".to_owned()));
    migrate(&stub, &["--fail-on", "never"]).code(3);
    migrate(&stub, &["--fail-on", "never", "--allow-gaps"]).code(0);
}

#[test]
fn a_prometheus_that_cannot_be_reached_leaves_an_answer_by_configuration_and_a_gap() {
    let stub = Stub::new(|_| Reply::Answer(401, "text/plain", "Unauthorized".into()));
    let output = migrate(&stub, &["--fail-on", "never"]).code(3);
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(stderr.contains("not read: traffic evidence from http://") && stderr.contains("hint: "), "{stderr}");
    assert!(String::from_utf8_lossy(&output.get_output().stdout).contains("client-without-proxy"));
}

#[test]
fn the_words_for_people_tell_what_was_seen_from_where_and_what_it_cannot_show() {
    let redacted = |flags: &[&str]| {
        let stub = replay();
        let output = migrate(&stub, flags);
        String::from_utf8_lossy(&output.get_output().stdout).replace(&stub.url, "http://prometheus.example")
    };
    let path = mesh();
    let redact = |text: String| text.replace(&path.display().to_string(), "history.yaml");
    snapbox::assert_data_eq!(redact(redacted(&[])), snapbox::file!["../../../testdata/prometheus/expected/migrate-check.txt"]);
    snapbox::assert_data_eq!(
        redact(redacted(&["-o", "markdown"])),
        snapbox::file!["../../../testdata/prometheus/expected/migrate-check.md"]
    );
}

#[test]
fn the_right_to_ask_by_way_of_the_api_server_is_printed_with_the_others() {
    let run = |place: &str| {
        let args = ["migrate-check", "--print-rbac", "--prometheus", place];
        let output = Command::new(cargo_bin!("kubectl-mtls")).env_remove("KUBECONFIG").args(args).assert().code(0);
        String::from_utf8_lossy(&output.get_output().stdout).into_owned()
    };
    let by_service = run("svc:watch/prometheus:9090");
    assert!(by_service.contains("kind: ClusterRole") && by_service.contains("resourceNames: [\"http:prometheus:9090\"]"), "{by_service}");
    assert!(by_service.contains("namespace: \"watch\"") && by_service.contains("resources: [services/proxy]"), "{by_service}");
    assert!(!run("http://prometheus.example").contains("services/proxy"));
}
