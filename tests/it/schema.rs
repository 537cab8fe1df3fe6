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

#[test]
fn junit_is_read_by_others_as_it_is_meant() {
    for mesh in MESHES {
        let folder = format!("testdata/meshes/{mesh}");
        let text = stdout(&["analyze", "-R", "-f", &folder, "-o", "junit"]);
        let read = junit_parser::from_reader(text.as_bytes()).unwrap_or_else(|error| panic!("{mesh}: {error}"));
        let document = document(&["analyze", "-R", "-f", &folder]);
        let of = |severity: &str| document["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == severity).count();
        let failures: usize = read.suites.iter().flat_map(|suite| &suite.cases).filter(|case| case.status.is_failure()).count();
        assert_eq!(failures, of("error") + of("warning"), "{mesh}");
        assert_eq!(u64::try_from(failures).unwrap(), read.failures, "{mesh}");
        let errors = read.suites.iter().flat_map(|suite| &suite.cases).filter(|case| case.status.is_error()).count();
        assert_eq!(errors, document["gaps"].as_array().unwrap().len(), "{mesh}");
        let cases: usize = read.suites.iter().map(|suite| suite.cases.len()).sum();
        assert_eq!(u64::try_from(cases).unwrap(), read.tests, "{mesh}");
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
