//! The project's configuration: where it is found, what it does in every format, and how its mistakes are told.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kubectl_mtls::report::Format;
use serde_json::{Value, json};
use snapbox::cmd::{Command, OutputAssert, cargo_bin};

use crate::schema::sarif_validator;

/// A folder of its own with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configuration").join(name);
    let _ = fs::remove_dir_all(&folder);
    // Nothing above the folder counts.
    fs::create_dir_all(folder.join(".git")).unwrap();
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, args: &[&str]) -> OutputAssert {
    Command::new(cargo_bin!("kubectl-mtls")).current_dir(folder).env_remove("KUBECONFIG").args(args).assert()
}

fn json(output: &OutputAssert) -> Value {
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stderr).into_owned()
}

/// What fires: `error MTLS106 one`.
fn fired(document: &Value) -> Vec<String> {
    let all = document["findings"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    all.map(|one| [word(&one["severity"]), word(&one["rule"]), word(&one["subject"]["name"])].join(" ")).collect()
}

/// Policies that select nobody, each a warning.
fn lost(name: &str) -> String {
    format!(
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{matchLabels: {{app: {name}}}}}, mtls: {{mode: STRICT}}}}\n---\n"
    )
}

/// A namespace with a workload.
const WEB: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: disabled}}\n---\n\
                   apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}}}\n---\n";

fn manifests() -> String {
    WEB.to_owned() + &lost("one") + &lost("two")
}

const ASK: [&str; 6] = ["analyze", "-R", "-f", ".", "--select", "MTLS104,MTLS003"];

fn asked(name: &str, configuration: &str) -> OutputAssert {
    let folder = folder(name, &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", configuration)]);
    run(&folder, &[&ASK[..], &["-o", "json"]].concat())
}

#[test]
fn findings_get_the_severity_that_the_configuration_names() {
    let rows: [(&str, &str, &[&str], u64, i32); 8] = [
        ("", "without", &["warning MTLS104 one", "warning MTLS104 two"], 0, 0),
        ("severity: {MTLS104: error}", "by id", &["error MTLS104 one", "error MTLS104 two"], 0, 1),
        ("severity: {policy-selects-nothing: info}", "by name", &["info MTLS104 one", "info MTLS104 two"], 0, 0),
        ("severity: {MTLS1: error, MTLS104: info}", "the closer one", &["info MTLS104 one", "info MTLS104 two"], 0, 0),
        ("severity: {MTLS104: off}", "off", &[], 2, 0),
        ("ignore: [{rule: MTLS104, object: PeerAuthentication shop/one, reason: soon}]", "one object", &["warning MTLS104 two"], 1, 0),
        ("ignore: [{rule: MTLS1, object: '* */t*', reason: soon, until: 2099-01-01}]", "a pattern", &["warning MTLS104 one"], 1, 0),
        ("fail-on: warning", "the gate", &["warning MTLS104 one", "warning MTLS104 two"], 0, 1),
    ];
    for (configuration, what, expected, suppressed, status) in rows {
        let output = asked("severity", configuration).code(status);
        let document = json(&output);
        assert_eq!(fired(&document), expected, "{what}");
        assert_eq!(document["suppressed"], suppressed, "{what}");
        assert_eq!(document["source"]["config"], ".kubectl-mtls.yaml", "{what}");
    }
}

#[test]
fn an_entry_that_has_run_out_lets_nothing_pass_and_is_told_at_its_line() {
    let output = asked("stale", "fail-on: never\nignore:\n- rule: MTLS104\n  reason: until then\n  until: 2020-01-31\n").code(0);
    let document = json(&output);
    assert_eq!(fired(&document), ["warning MTLS003 .kubectl-mtls.yaml", "warning MTLS104 one", "warning MTLS104 two"]);
    let stale = &document["findings"][0];
    assert_eq!((&stale["location"]["file"], &stale["location"]["line"]), (&Value::from(".kubectl-mtls.yaml"), &Value::from(5)));
    assert!(stale["message"].as_str().unwrap().contains("expired on 2020-01-31"));
}

#[test]
fn the_flag_goes_before_the_file_and_no_config_before_both() {
    let folder = folder(
        "flags",
        &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", "fail-on: warning"), ("other.conf", "severity: {MTLS104: error}")],
    );
    run(&folder, &ASK).code(1);
    run(&folder, &[&ASK[..], &["--fail-on", "error"]].concat()).code(0);
    let without = run(&folder, &[&ASK[..], &["--no-config", "-o", "json"]].concat()).code(0);
    assert_eq!(json(&without)["source"]["config"], Value::Null);
    run(&folder, &[&ASK[..], &["--config", "other.conf"]].concat()).code(1);
    run(&folder, &[&ASK[..], &["--config", "other.conf", "--no-config"]].concat()).code(2);
    let missing = run(&folder, &[&ASK[..], &["--config", "absent.yaml"]].concat()).code(2);
    assert!(stderr(&missing).contains("absent.yaml"), "{}", stderr(&missing));
}

#[test]
fn the_version_of_istio_is_that_of_the_flag_or_of_the_file() {
    let folder = folder("version", &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", "istio-version: '1.29'")]);
    let assumed = |args: &[&str]| {
        json(&run(&folder, &[&ASK[..], &["--fail-on", "never", "-o", "json"], args].concat()).code(0))["assumptions"][0].clone()
    };
    assert_eq!((&assumed(&[])["setting"], &assumed(&[])["value"]), (&json!("istioVersion"), &json!("1.29")));
    assert_eq!(assumed(&["--istio-version", "1.30.1"])["value"], json!("1.30.1"));
    assert_eq!(assumed(&["--no-config"])["value"], json!("1.32"));
    // It is printed with -v only.
    let printed = |args: &[&str]| stderr(&run(&folder, &[&ASK[..], &["--fail-on", "never"], args].concat())).contains("Istio 1.29");
    assert_eq!((printed(&[]), printed(&["-v"])), (false, true));
    run(&folder, &[&ASK[..], &["--istio-version", "2"]].concat()).code(2);
}

#[test]
fn it_is_found_above_the_first_file_up_to_the_repository() {
    let mesh = manifests();
    let folder = folder(
        "above",
        &[
            (".kubectl-mtls.yaml", "severity: {MTLS104: error}"),
            ("team/mesh/a.yaml", &mesh),
            ("own/.git/HEAD", ""),
            ("own/mesh/a.yaml", &mesh),
            ("near/.kubectl-mtls.yaml", "severity: {MTLS104: off}"),
            ("near/mesh/a.yaml", &mesh),
        ],
    );
    let config = |args: &[&str]| json(&run(&folder, &[args, &["-o", "json", "--select", "MTLS104"]].concat()))["source"]["config"].clone();
    assert_eq!(config(&["analyze", "-f", "team/mesh/a.yaml"]), ".kubectl-mtls.yaml");
    assert_eq!(config(&["analyze", "-f", "team/mesh"]), ".kubectl-mtls.yaml");
    assert_eq!(config(&["analyze", "-f", "near/mesh", "-f", "team/mesh"]), "near/.kubectl-mtls.yaml");
    assert_eq!(config(&["analyze", "-f", "own/mesh"]), Value::Null);
    let stdin =
        Command::new(cargo_bin!("kubectl-mtls")).current_dir(&folder).args(["analyze", "-f", "-", "-o", "json"]).stdin(mesh).assert();
    assert_eq!(json(&stdin)["source"]["config"], ".kubectl-mtls.yaml");
    assert_eq!(config(&["diff", "-f", "near/mesh", "--before", "team/mesh"]), "near/.kubectl-mtls.yaml");
}

#[test]
fn files_of_folders_can_be_left_out_and_are_counted() {
    let folder = folder(
        "exclude",
        &[
            (".kubectl-mtls.yaml", "exclude: ['theirs/**', '*.bak.yaml']"),
            ("mesh.yaml", WEB),
            ("old.bak.yaml", &lost("one")),
            ("theirs/chart/a.yaml", &lost("two")),
            ("mine/theirs/a.yaml", &lost("three")),
        ],
    );
    let output = run(&folder, &[&ASK[..], &["-o", "json"]].concat());
    assert_eq!(fired(&json(&output)), ["warning MTLS104 three"]);
    assert_eq!(json(&output)["source"]["read"]["excluded"], 2);
    assert!(stderr(&output).contains("excluded by the configuration: 2 files (theirs/**, *.bak.yaml)"), "{}", stderr(&output));
    // What is named itself is meant.
    let named = run(&folder, &["analyze", "-f", "mesh.yaml", "-f", "theirs/chart/a.yaml", "--select", "MTLS104", "-o", "json"]);
    assert_eq!(fired(&json(&named)), ["warning MTLS104 two"]);
}

#[test]
fn every_mistake_is_told_with_its_line_and_ends_with_2() {
    let rows = [
        ("severity:\n  MTLS999: error\n", ":2: severity.MTLS999: unknown rule `MTLS999`"),
        ("severity:\n  MTLS104: bad\n", ":2: severity.MTLS104: invalid severity `bad`"),
        ("# a comment\nignore:\n- rule: nonsense\n  reason: x\n", ":3: ignore.0.rule: unknown rule `nonsense`"),
        ("ignore:\n- rule: MTLS104\n", "reason"),
        ("ignore:\n- rule: MTLS104\n  reason: ' '\n", ":3: ignore.0.reason: missing reason"),
        ("ignore:\n- rule: MTLS104\n  reason: x\n  until: soon\n", ":4: ignore.0.until: invalid date `soon`"),
        ("ignore:\n- rule: MTLS104\n  reason: x\n  object: shop\n", ":4: ignore.0.object: invalid object `shop`"),
        ("exclude:\n- ok\n- '[a'\n", ":3: exclude.1: invalid pattern `[a`"),
        ("fail-on: sometimes\n", ":1: fail-on: invalid severity `sometimes`"),
        ("istio-version: 1.30\n", ":1: invalid type: floating point `1.3`, expected a version of Istio in quotes"),
        ("istio-version: '1.x'\n", ":1: istio-version: invalid version of Istio `1.x`"),
        ("\nunknown: 1\n", ":2: "),
        ("severity: [a]\n", ":1: "),
        ("severity: {MTLS104: error, MTLS104: info}\n", ":1: "),
        ("ignore: 'x\n", ".kubectl-mtls.yaml"),
        ("just words\n", ".kubectl-mtls.yaml"),
    ];
    for (configuration, said) in rows {
        let output = asked("mistakes", configuration).code(2);
        let stderr = stderr(&output);
        assert!(stderr.contains(said) && stderr.contains(".kubectl-mtls.yaml"), "{configuration}: {stderr}");
        assert!(output.get_output().stdout.is_empty());
    }
    let two = asked("mistakes", "severity: {MTLS104: bad}\nfail-on: maybe\n").code(2);
    assert!(stderr(&two).contains(":1: ") && stderr(&two).contains(":2: "), "{}", stderr(&two));
}

#[test]
fn a_hostile_file_ends_with_2_and_nothing_worse() {
    let deep = "severity: ".to_owned() + &"[".repeat(100_000);
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nseverity: *c\n".to_owned();
    let huge = "# ".to_owned() + &"x".repeat(2 << 20);
    for text in [deep, bomb, huge, "\u{0}".into(), "severity: {\"\\u001b[31m\": error}".into()] {
        let output = asked("hostile", &text).code(2);
        assert!(!stderr(&output).contains('\u{1b}'));
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_links_to_itself_is_passed_over_and_ends_with_2_where_it_is_named() {
    let folder = folder("loop", &[("mesh.yaml", &manifests())]);
    std::os::unix::fs::symlink(".kubectl-mtls.yaml", folder.join(".kubectl-mtls.yaml")).unwrap();
    run(&folder, &ASK).code(0);
    run(&folder, &[&ASK[..], &["--config", ".kubectl-mtls.yaml"]].concat()).code(2);
}

#[test]
fn what_is_let_pass_is_counted_alike_in_every_format() {
    let configuration = "severity: {MTLS104: error}\nignore: [{rule: MTLS104, object: '* */one', reason: soon}]\n";
    let folder = folder("formats", &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", configuration)]);
    for format in Format::ALL.map(Format::name) {
        let output = run(&folder, &[&ASK[..], &["-o", format]].concat()).code(1);
        let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let counts = ["1 suppressed", "1 finding suppressed", "\"suppressed\": 1", "suppressed: 1", "suppressed: \"1\""];
        assert!(counts.iter().any(|count| text.contains(count)), "{format}: {text}");
        assert!(text.contains("two") && !text.contains("shop/one"), "{format}: {text}");
    }
}

#[test]
fn what_is_let_pass_is_let_pass_by_commands_that_answer_as_well() {
    let folder = folder("answers", &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", "severity: {MTLS104: off}")]);
    let document = json(&run(&folder, &["policies", "-f", "mesh.yaml", "-o", "json"]).code(0));
    assert_eq!((fired(&document), &document["suppressed"]), (Vec::new(), &Value::from(2)));
    let without = json(&run(&folder, &["policies", "-f", "mesh.yaml", "-o", "json", "--no-config"]).code(0));
    assert_eq!(fired(&without).len(), 2);
}

#[test]
fn a_baseline_knows_findings_whatever_their_severity_is_now() {
    let folder = folder("baseline", &[("mesh.yaml", &manifests()), (".kubectl-mtls.yaml", "")]);
    run(&folder, &[&ASK[..], &["--write-baseline", "known.txt"]].concat()).code(0);
    fs::write(folder.join(".kubectl-mtls.yaml"), "severity: {MTLS104: error}\nignore: [{rule: MTLS104, object: '* */one', reason: x}]")
        .unwrap();
    let output = run(&folder, &[&ASK[..], &["--baseline", "known.txt", "-o", "json"]].concat()).code(0);
    assert_eq!((&json(&output)["known"], &json(&output)["suppressed"]), (&Value::from(1), &Value::from(1)));
}

#[test]
fn what_a_project_leaves_out_or_lowers_is_in_every_format_by_rule() {
    let annotated = lost("three").replace("namespace: shop}", "namespace: shop, annotations: {mtls.kubectl.dev/ignore: 'MTLS104: soon'}}");
    let configuration = "severity: {MTLS104: info}\nignore: [{rule: MTLS104, object: '* */one', reason: soon}]\n\
                         exclude: [theirs/**]\nfail-on: never\n";
    let folder = folder("adjustments", &[("mesh.yaml", &(manifests() + &lost("four"))), ("theirs/a.yaml", WEB)]);
    run(&folder, &[&ASK[..], &["--write-baseline", "known.txt"]].concat()).code(0);
    let mesh = manifests() + &annotated + &lost("four");
    fs::write(folder.join("mesh.yaml"), mesh).unwrap();
    let known: Value = serde_json::from_str(&fs::read_to_string(folder.join("known.txt")).unwrap()).unwrap();
    let four: Vec<&Value> = known["findings"].as_array().unwrap().iter().filter(|one| one.to_string().contains("four")).collect();
    fs::write(folder.join("known.txt"), serde_json::json!({"schema": 1, "findings": four}).to_string()).unwrap();
    fs::write(folder.join(".kubectl-mtls.yaml"), configuration).unwrap();
    let expected = [
        "1 suppressed by annotations",
        "1 ignored by the configuration",
        "1 in the baseline",
        "2 lowered from warning to info",
        "1 file excluded by the configuration (theirs/**)",
        "the configuration sets fail-on: never",
        ".kubectl-mtls.yaml",
    ];
    for format in Format::ALL.map(Format::name) {
        let output = run(&folder, &[&ASK[..], &["--baseline", "known.txt", "-o", format]].concat()).code(0);
        let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let plain = text.replace('\\', "");
        // JSON and YAML have the same as keys and numbers, which is compared below.
        let expected = if ["json", "yaml"].contains(&format) { &expected[6..] } else { &expected[..] };
        for part in expected {
            assert!(plain.contains(part), "{format} lacks {part}: {text}");
        }
    }
    let sarif = json(&run(&folder, &[&ASK[..], &["--baseline", "known.txt", "-o", "sarif"]].concat()));
    assert!(sarif_validator().is_valid(&sarif), "{sarif}");
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["toolConfigurationNotifications"][0]["associatedRule"]["id"], "MTLS104");
    assert_eq!(invocation["ruleConfigurationOverrides"][0]["configuration"]["level"], "note");
    let junit = run(&folder, &[&ASK[..], &["--baseline", "known.txt", "-o", "junit"]].concat());
    let suites = junit_parser::from_reader(&*junit.get_output().stdout).unwrap().suites;
    let adjusted = suites.iter().find(|suite| suite.name == "suppressed or lowered").unwrap();
    assert!(adjusted.cases.len() == 6 && adjusted.cases.iter().all(|case| case.status.is_skipped()), "{adjusted:?}");
    let document = json(&run(&folder, &[&ASK[..], &["--baseline", "known.txt", "-o", "json"]].concat()));
    let by: Vec<[&Value; 2]> = document["adjustments"].as_array().unwrap().iter().map(|one| [&one["by"], &one["count"]]).collect();
    assert_eq!(serde_json::json!(by), serde_json::json!([["annotation", 1], ["ignore", 1], ["baseline", 1], ["severity", 2]]));
    assert_eq!((&document["source"]["failOn"], &document["adjustments"][3]["to"]), (&"never".into(), &"info".into()));
}

#[test]
fn a_configuration_that_hides_the_one_of_the_repository_is_reported() {
    let files = [(".kubectl-mtls.yaml", ""), ("team/.kubectl-mtls.yaml", "severity: {MTLS104: off}"), ("team/a.yaml", &manifests())];
    let folder = folder("hidden", &files);
    let output = run(&folder, &["analyze", "-q", "-f", "team/a.yaml", "-o", "json"]);
    assert!(
        stderr(&output).contains("configuration: team/.kubectl-mtls.yaml is used, and .kubectl-mtls.yaml is not"),
        "{}",
        stderr(&output)
    );
    assert_eq!(json(&output)["source"]["overriddenConfig"], ".kubectl-mtls.yaml");
    for format in Format::ALL.map(Format::name) {
        let output = run(&folder, &["analyze", "-q", "-f", "team/a.yaml", "-o", format]);
        let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let without_own = text.replace("team/.kubectl-mtls.yaml", "");
        assert!(without_own.len() < text.len() && without_own.contains(".kubectl-mtls.yaml"), "{format}: {text}");
    }
    let output = run(&folder, &["analyze", "-f", "team/a.yaml", "--config", ".kubectl-mtls.yaml", "-o", "json"]);
    assert_eq!(json(&output)["source"]["overriddenConfig"], Value::Null);
}
