//! One cause is one finding, a rule that lacks something does not guess, and a baseline covers no more than it knew.

use std::{collections::BTreeSet, fs, path::PathBuf};

use kubectl_mtls::{
    checks::{self, Finding, Severity},
    mesh::Mesh,
    queries::Scope,
};
use serde_json::Value;
use snapbox::cmd::{Command, cargo_bin};

use crate::{
    mesh_injection::deployment,
    support::{namespace, pod, policy, with},
};

const ENABLED: &str = "istio-injection: enabled";
const STRICT: &str = "mtls: {mode: STRICT}";

fn found(yaml: &str, rule: &str) -> Vec<Finding> {
    with(yaml, |mesh| checks::run(mesh, |one| one.id == rule))
}

/// A Deployment of the namespace `of` with that name, and its pods' labels besides `app`.
fn named(of: &str, name: &str, labels: &str) -> String {
    let labels = if labels.is_empty() { format!("app: {name}") } else { format!("app: {name}, {labels}") };
    deployment(of, &labels, "", "").replace("name: web", &format!("name: {name}"))
}

fn affected(finding: &Finding) -> Vec<String> {
    finding.extent().affected.into_iter().collect()
}

#[test]
fn a_policy_and_a_reason_are_one_finding_and_an_opt_out_is_a_decision() {
    let out = "sidecar.istio.io/inject: 'false'";
    let opted_out: String = ["a", "b", "c", "d"].map(|name| named("shop", name, out)).concat();
    let yaml = namespace("shop", ENABLED) + &policy("shop", "default", "", STRICT) + &opted_out + &named("shop", "meshed", "");
    let [one] = &found(&yaml, "MTLS109")[..] else { panic!("{:?}", found(&yaml, "MTLS109")) };
    assert_eq!((one.severity, one.subject.name.as_str(), affected(one).len()), (Severity::Info, "default", 4));
    assert!(
        one.message.contains("4 workloads") && one.message.contains("and 1 more") && one.message.contains(out.split(':').next().unwrap())
    );

    let host = named("shop", "node", "").replace("containers:", "hostNetwork: true, containers:");
    let both = found(&(yaml + &host), "MTLS109");
    let severities: Vec<Severity> = both.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Info]);
    assert_ne!(both[0].fingerprint(), both[1].fingerprint(), "two reasons are two findings");
}

#[test]
fn every_way_to_opt_out_by_label_is_info_and_no_other_reason_is() {
    for (of_namespace, labels, expected) in [
        ("istio-injection: disabled", "", Severity::Info),
        ("istio.io/dataplane-mode: none", "", Severity::Info),
        ("istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", Severity::Info),
        (ENABLED, "sidecar.istio.io/inject: 'false'", Severity::Info),
        ("team: a", "", Severity::Error),
        ("team: a", "sidecar.istio.io/inject: 'yes'", Severity::Error),
    ] {
        let yaml = namespace("shop", of_namespace) + &policy("shop", "default", "", STRICT) + &named("shop", "web", labels);
        let severities: Vec<Severity> = found(&yaml, "MTLS109").iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, [expected], "{{{of_namespace}}} {{{labels}}}");
    }
}

#[test]
fn plaintext_is_one_finding_for_each_policy_or_for_the_absence_of_all() {
    let two = namespace("a", ENABLED) + &namespace("b", ENABLED) + &named("a", "x", "") + &named("b", "w", "");
    let [absence] = &found(&two, "MTLS107")[..] else { panic!("{:?}", found(&two, "MTLS107")) };
    assert_eq!(affected(absence).len(), 2);
    assert!(absence.message.contains("2 workloads accept plaintext") && absence.message.contains("namespaces a, b"), "{}", absence.message);

    let ports = "mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}, 9090: {mode: PERMISSIVE}}";
    let containers = "containers: [{name: app, image: app, ports: [{containerPort: 8080}, {containerPort: 9090}]}]";
    let yaml = namespace("a", ENABLED) + &deployment("a", "app: x", "", containers) + &policy("a", "x", "app=x", ports);
    let [one] = &found(&yaml, "MTLS107")[..] else { panic!("not one finding") };
    assert!(one.message.contains("on ports 8080, 9090"), "{}", one.message);
}

#[test]
fn a_late_label_is_one_finding_of_its_namespace() {
    let pods: String = ["a", "b", "c"].map(|name| pod("shop", name, &format!("app: {name}"), "", &[], "")).concat();
    let [one] = &found(&(namespace("shop", ENABLED) + &pods), "MTLS301")[..] else { panic!("not one finding") };
    assert_eq!((one.subject.to_string().as_str(), affected(one).len()), ("Namespace shop", 3));
}

/// A `DestinationRule` in a namespace for a host.
fn rule(of: &str, host: &str) -> String {
    let namespace = if of.is_empty() { String::new() } else { format!(", namespace: {of}") };
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: rule{namespace}}}\nspec: {{host: {host}, trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL}}}}}}\n"
    )
}

fn service(of: &str, name: &str) -> String {
    let namespace = if of.is_empty() { String::new() } else { format!(", namespace: {of}") };
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}{namespace}}}\nspec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80}}]}}\n"
    )
}

/// The namespaces in which a rule was not applied, and whether it fired.
fn applied(yaml: &str, id: &str) -> (Vec<String>, bool) {
    with(yaml, |mesh: &Mesh<'_>| {
        let everything = Scope { include_system: true, ..Scope::default() };
        let not_applied = checks::not_applied(mesh, &mesh.gaps(), &everything, checks::mesh_rules());
        let of_rule = not_applied.iter().filter(|one| one.rule.id == id).flat_map(|one| &one.namespaces);
        let namespaces = of_rule.map(ToString::to_string).collect();
        (namespaces, checks::run(mesh, |rule| rule.id == id).into_iter().any(|finding| finding.rule.id == id))
    })
}

#[test]
fn a_rule_needs_something_of_the_namespace_that_it_is_about() {
    let shop = namespace("shop", ENABLED) + &named("shop", "web", "") + &service("shop", "web");
    let hub = policy("hub", "hook", "app=hook", STRICT);
    let unread = |namespace: &str| (vec![namespace.to_owned()], false);
    let fires = || (Vec::new(), true);
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: shop}\nspec: {hosts: [other.example], ports: [{number: 443, name: tls, protocol: TLS}]}\n";
    for (yaml, id, expected) in [
        (shop.clone() + &hub, "MTLS104", unread("hub")),
        (shop.clone() + &hub + &named("hub", "other", ""), "MTLS104", fires()),
        (shop.clone() + &policy("shop", "p", "app=wbe", STRICT), "MTLS104", fires()),
        (shop.clone() + &rule("shop", "gate.istio-system.svc.cluster.local"), "MTLS208", unread("istio-system")),
        (shop.clone() + &rule("shop", "gate.istio-system.svc.cluster.local") + &service("istio-system", "istiod"), "MTLS208", fires()),
        (shop.clone() + &rule("shop", "wbe"), "MTLS208", fires()),
        (shop.clone() + &rule("shop", "web.shop"), "MTLS208", fires()),
        (shop.clone() + &rule("shop", "web.nowhere.svc.cluster.local"), "MTLS208", fires()),
        (shop.clone() + &rule("shop", "api.example"), "MTLS208", unread("shop")),
        (shop.clone() + &rule("shop", "api.example") + entry, "MTLS208", fires()),
        (rule("shop", "web"), "MTLS208", unread("shop")),
        // The Service may be one of this namespace: its manifest does not say.
        (shop.clone() + &rule("shop", "api.shop.svc.cluster.local") + &service("", "api"), "MTLS208", unread("shop")),
    ] {
        assert_eq!(applied(&yaml, id), expected, "{id}\n{yaml}");
    }
}

#[test]
fn s44_a_sidecar_of_the_mesh_hides_nothing_where_those_of_the_namespace_were_not_read() {
    let egress = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: OF}\nspec: {egress: [{hosts: ['./*']}]}\n";
    let shop = namespace("shop", ENABLED) + &namespace("data", ENABLED) + &named("shop", "web", "") + &service("data", "db");
    let call = rule("shop", "db.data.svc.cluster.local");
    let of = |namespace: &str| shop.clone() + &call + &egress.replace("OF", namespace);
    assert_eq!(applied(&of("istio-system"), "MTLS218"), (vec!["shop".to_owned()], false));
    assert_eq!(applied(&of("shop"), "MTLS218"), (Vec::new(), true));
}

#[test]
fn no_change_rests_on_a_namespace_that_no_manifest_sets() {
    let balanced = |of: &str| rule(of, "db.default").replace("tls: {mode: ISTIO_MUTUAL}", "loadBalancer: {simple: RANDOM}");
    let in_namespace = namespace("default", ENABLED) + &service("default", "db") + &balanced("default");
    let guessed = namespace("default", ENABLED) + &service("", "db") + &balanced("");
    assert!(found(&in_namespace, "MTLS208")[0].patch.is_some());
    let [one] = &found(&guessed, "MTLS208")[..] else { panic!("not one finding") };
    assert!(one.patch.is_none(), "{one:?}");
    let empty = |of: &str| rule(of, "db").replace("{tls: {mode: ISTIO_MUTUAL}}", "{tls: {}}");
    assert!(found(&empty("shop"), "MTLS206")[0].patch.is_some());
    assert!(found(&empty(""), "MTLS206")[0].patch.is_none());
}

#[test]
fn a_policy_of_istiods_namespace_is_one_of_the_mesh_only_in_the_root() {
    let root = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata: {{mesh: 'rootNamespace: {name}'}}\n"
        )
    };
    let beside = policy("istio-system", "default", "", STRICT);
    for (yaml, fires) in [
        (root("mesh-root") + &beside, true),
        (root("istio-system") + &beside, false),
        (root("mesh-root") + &beside + &policy("mesh-root", "default", "", STRICT), false),
        (root("mesh-root") + &policy("istio-system", "x", "app=x", STRICT), false),
        (root("mesh-root") + &policy("shop", "default", "", STRICT), false),
    ] {
        assert_eq!(!found(&yaml, "MTLS119").is_empty(), fires, "{yaml}");
    }
}

#[test]
fn a_finding_of_istiods_namespace_is_in_the_default_scope() {
    let example = fs::read_to_string("src/checks/rules/policy_beside_the_root.bad.yaml").unwrap();
    let (_, answer) = document(&["analyze", "-f", "-", "-o", "json"], &example);
    assert_eq!(answer["findings"][0]["rule"], "MTLS119", "{answer}");
}

#[test]
fn a_selection_without_a_rule_of_the_command_is_an_error() {
    let refused = mtls(&["analyze", "-f", "testdata/meshes/clean", "--select", "MTLS420"]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(error.contains("leave no rule to apply") && error.contains("migrate-check"), "{error}");
}

/// The program with these arguments, in an environment without settings of its own.
fn mtls(args: &[&str]) -> Command {
    let command = Command::new(cargo_bin!("kubectl-mtls")).args(args);
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "KUBECONFIG"].into_iter().fold(command, Command::env_remove)
}

fn stdout(command: Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

fn document(args: &[&str], text: &str) -> (i32, Value) {
    let output = mtls(args).stdin(text).output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_known_finding_that_affects_more_is_new() {
    let file = std::env::temp_dir().join(format!("kubectl-mtls-growth-{}.json", std::process::id()));
    let path = file.display().to_string();
    let open = |names: &[&str]| {
        let all: String = names.iter().map(|name| named("shop", name, "")).collect();
        namespace("shop", ENABLED) + &policy("shop", "default", "", "mtls: {mode: PERMISSIVE}") + &all
    };
    let ask = |names: &[&str], extra: &[&str]| {
        document(&[&["analyze", "-f", "-", "-o", "json", "--select", "MTLS107", "--fail-on", "info"][..], extra].concat(), &open(names))
    };
    ask(&["a", "b"], &["--write-baseline", &path]);
    for (names, status) in [(&["a", "b"][..], 0), (&["a"], 0), (&["a", "b", "c"], 1), (&["c"], 1)] {
        let (code, answer) = ask(names, &["--baseline", &path]);
        assert_eq!(code, status, "{names:?}: {answer}");
        assert_eq!(
            status == 1,
            answer["findings"][0]["message"].as_str().is_some_and(|text| text.contains("not in the baseline: Deployment shop/c"))
        );
    }
    // Files of earlier versions do not contain what a finding affected.
    let mut old: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for entry in old["findings"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().retain(|key, _| key != "affected" && key != "severity");
    }
    fs::write(&file, old.to_string()).unwrap();
    assert_eq!(ask(&["a", "b", "c"], &["--baseline", &path]).0, 0);
    fs::remove_file(&file).unwrap();
}

#[test]
fn a_finding_is_compared_with_all_that_it_affects() {
    let before = found(&(namespace("shop", ENABLED) + &named("shop", "a", "")), "MTLS107");
    let after = found(&(namespace("shop", ENABLED) + &named("shop", "a", "") + &named("shop", "b", "")), "MTLS107");
    let grown = checks::compare(before.clone(), after.clone());
    assert_eq!((grown.new.len(), grown.resolved.len()), (1, 0));
    let shrunk = checks::compare(after.clone(), before.clone());
    assert_eq!((shrunk.new.len(), shrunk.resolved.len()), (0, 0));
    let worse: Vec<Finding> = before.iter().map(|finding| finding.clone().with_severity(Severity::Error)).collect();
    assert_eq!(checks::compare(before, worse).new.len(), 1);
}

#[test]
fn a_rule_has_run_or_not_and_the_summary_counts_both() {
    let meshes = fs::read_dir("testdata/meshes").unwrap().map(|entry| entry.unwrap().path());
    for folder in meshes.chain([PathBuf::from("src/checks/rules")]) {
        let path = folder.display().to_string();
        let (_, answer) = document(&["analyze", "-R", "-f", &path, "-o", "json", "--include-system"], "");
        let ids = |list: &str, key: &str| -> BTreeSet<String> {
            let all = answer[list].as_array().unwrap().iter();
            all.map(|one| one.get(key).unwrap_or(one).as_str().unwrap().to_owned()).collect()
        };
        let (fired, not_run, not_applied) = (ids("findings", "rule"), ids("notRun", "-"), ids("notApplied", "rule"));
        assert!(fired.is_disjoint(&not_run), "{path}");
        assert!(not_run.is_subset(&not_applied), "{path}");
        let ran = answer["rules"].as_u64().unwrap();
        assert_eq!(usize::try_from(ran).unwrap() + not_run.len(), checks::mesh_rules().count(), "{path}");
        let table = stdout(mtls(&["analyze", "-R", "-f", &path, "--include-system", "-q"]));
        let counted = if not_run.is_empty() { format!("{ran} rules ran") } else { format!(", {} not run: MTLS", not_run.len()) };
        assert!(table.contains(&counted), "{path}: {counted}");
    }
}

#[test]
fn programs_get_rows_alone_and_the_colours_that_they_ask_for() {
    let mesh = ["-R", "-f", "testdata/meshes/bookinfo"];
    for command in ["audit", "policies", "sidecars", "migrate-check"] {
        let text = stdout(mtls(&[&[command][..], &mesh, &["--no-headers", "--color", "never"]].concat()));
        assert!(!text.is_empty() && text.lines().all(|line| line.contains("  ")), "{command}: {text}");
        assert!(!text.contains("NAMESPACE") && !text.contains("MTLS10"), "{command}: {text}");
    }
    let coloured = || mtls(&[&["audit"][..], &mesh, &["--color", "always"]].concat());
    let text = stdout(coloured());
    assert!(text.contains("\u{1b}[33mPERMISSIVE") && !text.contains("\u{1b}[m"), "{text}");
    assert_eq!(text, stdout(coloured().env("NO_COLOR", "1")));
}
