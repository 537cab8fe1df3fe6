//! The documents against the schemas that are written down for others: our own, OASIS's, the working group's, and a reader of JUnit.

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use kubectl_mtls::{checks, report::schema::schemas};
use serde_json::{Value, json};
use snapbox::{
    Assert, Data,
    cmd::{Command, cargo_bin},
};

use crate::goldens::MESHES;

fn stdout(args: &[&str]) -> String {
    let output = Command::new(cargo_bin!("kubectl-mtls")).args(args).env_remove("KUBECONFIG").assert();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

fn document(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["-o", "json"]].concat())).unwrap_or_else(|error| panic!("{args:?}: {error}"))
}

/// The schema with every object closed, so that a field that it does not name is noticed.
fn closed(mut schema: Value) -> Validator {
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn close(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".into(), json!(false));
            }
        }
        Value::Array(all) => all.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check(validator: &Validator, document: &Value, what: &str) {
    let errors: Vec<String> = validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

#[test]
fn the_schemas_that_are_written_down_are_those_of_the_documents() {
    for (name, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let expected = Data::read_from(&Path::new("docs/schema").join(format!("{name}.schema.json")), None).raw();
        Assert::new().action_env("SNAPSHOTS").eq(text, expected);
    }
    let names: BTreeSet<String> = schemas().iter().map(|(name, _)| format!("{name}.schema.json")).collect();
    let files = fs::read_dir("docs/schema").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), names);
}

/// What each schema is of: arguments after which the mesh's folder follows.
const ASKED: [(&str, &[&str]); 11] = [
    ("analyze", &["analyze", "-R", "-f"]),
    ("analyze-fix-plan", &["analyze", "--fix-plan", "-R", "-f"]),
    ("audit", &["audit", "--by", "port", "-R", "-f"]),
    ("audit", &["audit", "--by", "client", "-R", "-f"]),
    ("diff", &["diff", "-R", "-f", "testdata/changes/bookinfo.yaml", "--before"]),
    ("explain-call", &["explain", "outside", "example.com:80", "-R", "-f"]),
    ("explain-call", &["explain", "ns/default", "example.com:80", "--symptom", "connection reset", "-R", "-f"]),
    ("migrate-check", &["migrate-check", "-R", "-f"]),
    ("policies", &["policies", "-R", "-f"]),
    ("sidecars", &["sidecars", "-R", "-f"]),
    ("sidecars", &["sidecars", "--services", "-R", "-f"]),
];

#[test]
fn every_document_of_every_mesh_has_just_the_fields_of_its_schema() {
    let schemas: Vec<(&str, Validator)> = schemas().into_iter().map(|(name, schema)| (name, closed(schema))).collect();
    let validator = |wanted: &str| &schemas.iter().find(|(name, _)| *name == wanted).unwrap().1;
    for mesh in MESHES {
        let folder = format!("testdata/meshes/{mesh}");
        for (name, args) in ASKED {
            let args = [args, &[folder.as_str()]].concat();
            check(validator(name), &document(&args), &format!("{args:?}"));
        }
        let sidecars = document(&["sidecars", "-R", "-f", &folder]);
        for workload in sidecars["workloads"].as_array().unwrap().iter().take(5) {
            let word = |key: &str| workload[key].as_str().unwrap();
            let name = format!("{}/{}/{}", word("namespace"), word("kind").to_lowercase(), word("name"));
            check(validator("explain-workload"), &document(&["explain", &name, "-R", "-f", &folder]), &name);
        }
    }
    check(validator("analyze-list-rules"), &document(&["analyze", "--list-rules"]), "the list of rules");
    check(validator("explain-rule"), &document(&["explain", "MTLS201"]), "explain MTLS201");
}

pub(crate) fn sarif_validator() -> Validator {
    // One pattern has a bracket too many, which ECMA's engines take for itself and others refuse.
    let text = fs::read_to_string("testdata/schema/sarif-schema-2.1.0.json").unwrap().replace("{2}]?$", "{2}\\\\]?$");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[test]
fn sarif_is_what_oasis_calls_it() {
    let validator = sarif_validator();
    for mesh in MESHES {
        for command in ["analyze", "audit", "migrate-check"] {
            let text = stdout(&[command, "-R", "-f", &format!("testdata/meshes/{mesh}"), "-o", "sarif"]);
            check(&validator, &serde_json::from_str(&text).unwrap(), &format!("{command} {mesh}"));
        }
    }
}

/// The statuses of all cases, and the counts that the file itself has.
fn junit(args: &[&str]) -> (junit_parser::TestSuites, Vec<junit_parser::TestStatus>) {
    let text = stdout(&[args, &["-o", "junit"]].concat());
    let read = junit_parser::from_reader(text.as_bytes()).unwrap_or_else(|error| panic!("{args:?}: {error}"));
    let cases: Vec<_> = read.suites.iter().flat_map(|suite| &suite.cases).map(|case| case.status.clone()).collect();
    (read, cases)
}

#[test]
fn junit_is_read_by_others_as_it_is_meant_and_fails_what_fails_the_status() {
    for mesh in MESHES {
        let folder = format!("testdata/meshes/{mesh}");
        let document = document(&["analyze", "-R", "-f", &folder]);
        let findings = document["findings"].as_array().unwrap();
        for (at, fail_on) in ["never", "error", "warning", "info"].into_iter().enumerate() {
            let args = ["analyze", "-R", "-f", &folder, "--fail-on", fail_on];
            let (read, cases) = junit(&args);
            let failing = ["error", "warning", "info"].into_iter().take(at).collect::<Vec<_>>();
            let expected = findings.iter().filter(|one| failing.contains(&one["severity"].as_str().unwrap())).count();
            let failures = cases.iter().filter(|status| status.is_failure()).count();
            assert_eq!(failures, expected, "{mesh} {fail_on}");
            assert_eq!(u64::try_from(failures).unwrap(), read.failures, "{mesh} {fail_on}");
            let errors = cases.iter().filter(|status| status.is_error()).count();
            assert_eq!(errors, document["gaps"].as_array().unwrap().len(), "{mesh} {fail_on}");
            assert_eq!(u64::try_from(cases.len()).unwrap(), read.tests, "{mesh} {fail_on}");
            let status = Command::new(cargo_bin!("kubectl-mtls")).args(args).env_remove("KUBECONFIG").assert().get_output().status.code();
            assert_eq!(
                status,
                Some(if failures > 0 {
                    1
                } else if errors > 0 {
                    3
                } else {
                    0
                }),
                "{mesh} {fail_on}"
            );
            // What fails no run is there with its text.
            let shown = read.suites.iter().flat_map(|suite| &suite.cases).filter(|case| case.system_out.is_some()).count();
            assert_eq!(shown, findings.len() - failures, "{mesh} {fail_on}");
        }
    }
}

#[test]
fn junit_skips_what_was_not_read_if_that_is_allowed() {
    let (read, cases) = junit(&["analyze", "-R", "-f", "testdata/meshes/broken", "--fail-on", "never", "--allow-gaps"]);
    let gaps = document(&["analyze", "-R", "-f", "testdata/meshes/broken"])["gaps"].as_array().unwrap().len();
    assert!(gaps > 0 && cases.iter().all(|status| !status.is_error() && !status.is_failure()));
    let suite = read.suites.iter().find(|suite| suite.name == "not read").unwrap();
    assert_eq!(suite.cases.iter().filter(|case| case.status.is_skipped()).count(), gaps);
}

#[test]
fn junit_fails_the_calls_that_break_if_they_fail_the_status() {
    let args = ["diff", "-f", "testdata/changes/bookinfo.yaml", "-R", "--before", "testdata/meshes/bookinfo", "--fail-on", "never"];
    let broken = document(&args)["calls"].as_array().unwrap().iter().filter(|call| call["effect"] == "breaks").count();
    assert!(broken > 0);
    for (flags, expected) in [(&[][..], 0), (&["--fail-on-break"], broken)] {
        let (read, cases) = junit(&[&args, flags].concat());
        assert_eq!(cases.iter().filter(|status| status.is_failure()).count(), expected);
        assert_eq!(read.failures, u64::try_from(expected).unwrap());
        assert_eq!(read.suites.iter().find(|suite| suite.name == "effects of the change").unwrap().cases.len(), broken);
    }
}

#[test]
fn junit_fails_what_is_weakened_if_that_fails_the_status() {
    let args = ["diff", "-f", "testdata/changes/bookinfo.yaml", "-R", "--before", "testdata/meshes/bookinfo", "--fail-on", "never"];
    let document = document(&args);
    let weakened = |list: &str| document[list].as_array().unwrap().iter().filter(|one| one["effect"] == "weakens").count();
    let expected = weakened("calls") + weakened("modes");
    assert!(expected > 0);
    let (read, cases) = junit(&[&args[..], &["--fail-on-weaken"]].concat());
    assert_eq!(cases.iter().filter(|status| status.is_failure()).count(), expected);
    assert_eq!(read.failures, u64::try_from(expected).unwrap());
}

/// The properties that code scanning of GitHub requires or uses, and its limits.
#[test]
fn sarif_has_what_code_scanning_shows() {
    for mesh in MESHES {
        let text = stdout(&["analyze", "-R", "-f", &format!("testdata/meshes/{mesh}"), "-o", "sarif"]);
        let log: Value = serde_json::from_str(&text).unwrap();
        let run = &log["runs"][0];
        let driver = &run["tool"]["driver"];
        assert!(driver["informationUri"].as_str().unwrap().starts_with("https://"));
        assert_eq!(driver["semanticVersion"], env!("CARGO_PKG_VERSION"));
        let results = run["results"].as_array().unwrap();
        for rule in driver["rules"].as_array().unwrap() {
            let id = rule["id"].as_str().unwrap();
            let length = |pointer: &str| rule.pointer(pointer).and_then(Value::as_str).map_or(0, |text| text.chars().count());
            assert!((1..=255).contains(&length("/name")), "{id}");
            assert!(
                (1..=1024).contains(&length("/shortDescription/text")) && (1..=1024).contains(&length("/fullDescription/text")),
                "{id}"
            );
            assert!(length("/help/text") > 0 && length("/help/markdown") > 0, "{id}");
            let page = rule["helpUri"].as_str().unwrap().split_once("/blob/main/").unwrap().1;
            assert!(Path::new(page).is_file(), "{page}");
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.contains(&json!("security")) && tags.len() <= 10, "{id}: {tags:?}");
            // The worst of its findings, because code scanning shows the severity of the rule instead of theirs.
            let levels: Vec<&str> = results.iter().filter(|one| one["ruleId"] == id).map(|one| one["level"].as_str().unwrap()).collect();
            let level = ["error", "warning", "note"].into_iter().find(|level| levels.contains(level));
            let level = level.unwrap_or(rule["defaultConfiguration"]["level"].as_str().unwrap());
            let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
            let shown = if score >= 7.0 {
                "error"
            } else if score >= 4.0 {
                "warning"
            } else {
                "note"
            };
            assert_eq!(shown, level, "{id}");
        }
        for result in results {
            let [location] = &result["locations"].as_array().unwrap()[..] else { panic!("{result}") };
            let region = &location["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region[key].as_u64().is_some_and(|number| number > 0), "{key}: {result}");
            }
            let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(Path::new(uri).is_file(), "{uri}");
        }
    }
}

#[test]
fn policy_reports_are_what_the_working_group_defines() {
    let schema: Value = serde_json::from_str(&fs::read_to_string("testdata/schema/policyreport-v1alpha2.json").unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for mesh in MESHES {
        let folder = format!("testdata/meshes/{mesh}");
        let text = stdout(&["analyze", "-R", "-f", &folder, "-o", "policyreport"]);
        let document = document(&["analyze", "-R", "-f", &folder]);
        let mut told = 0;
        for one in text.split("---\n") {
            let report: Value = serde_saphyr::from_str(one).unwrap_or_else(|error| panic!("{mesh}: {error}: {one}"));
            check(&validator, &report, mesh);
            let results = report["results"].as_array().unwrap();
            for word in ["fail", "warn", "error", "skip"] {
                let count = results.iter().filter(|result| result["result"] == word).count();
                assert_eq!(report["summary"][word], count, "{mesh} {word}");
            }
            assert!(
                results
                    .iter()
                    .filter(|result| result["resources"].is_array())
                    .all(|result| { result["resources"][0].get("namespace") == report["metadata"].get("namespace") })
            );
            told += results.len();
        }
        let of = |key: &str| document[key].as_array().unwrap().len();
        assert_eq!(told, of("findings") + of("gaps") + of("notRun"), "{mesh}");
    }
}

/// Two groups have a kind `Gateway`.
#[test]
fn policy_reports_name_the_group_that_an_object_is_of() {
    let other = r#"---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front, namespace: edge}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: edge, labels: {gateway.networking.k8s.io/gateway-name: front}}
spec: {containers: [{name: istio-proxy, image: "proxyv2:1.29.1", args: [proxy, router]}]}
status: {phase: Running}
"#;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateways.yaml");
    fs::write(&path, checks::find("MTLS118").unwrap().bad.to_owned() + other).unwrap();
    let text = stdout(&["analyze", "-f", path.to_str().unwrap(), "-o", "policyreport"]);
    let mut named = Vec::new();
    for one in text.split("---\n") {
        let report: Value = serde_saphyr::from_str(one).unwrap();
        let results = report["results"].as_array().unwrap().iter().filter(|result| result["policy"] == "MTLS118");
        named.extend(results.map(|result| format!("{} {}", result["resources"][0]["name"], result["resources"][0]["apiVersion"])));
    }
    named.sort();
    assert_eq!(named, [r#""front" "gateway.networking.k8s.io/v1""#, r#""public" "networking.istio.io/v1""#]);
}
