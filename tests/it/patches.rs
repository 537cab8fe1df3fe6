//! The changes that findings carry: each mends what it is about, wherever it is applied.

use kubectl_mtls::{
    checks::{self, ALL, Finding, Harm, Weakening},
    mesh::{ControlPlaneOptions, Mesh},
    object::{Edit, FieldPath, Patch, Snapshot},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use snapbox::cmd::{Command, cargo_bin};

use crate::naive;
use crate::support::{meshed_pod, namespace, pod, policy, snapshot};

fn findings(snapshot: &Snapshot) -> Vec<Finding> {
    let mesh = Mesh::new(snapshot, &ControlPlaneOptions::default());
    checks::suppress(&mesh, checks::run(&mesh, |_| true)).0
}

fn analyze(text: &str, flags: &[&str]) -> String {
    let command = Command::new(cargo_bin!("kubectl-mtls")).env_remove("KUBECONFIG").args(["analyze", "-f", "-", "--include-system"]);
    String::from_utf8(command.args(flags).stdin(text).assert().get_output().stdout.clone()).unwrap()
}

fn documents(text: &str) -> Vec<Value> {
    text.split("\n---\n")
        .map(|one| serde_saphyr::from_str(one.trim_start_matches("---\n")).unwrap())
        .filter(|one: &Value| !one.is_null())
        .collect()
}

/// Applies a finding's JSON patch (RFC 6902), or its deletion, to the manifests.
fn applied(documents: &mut Vec<Value>, finding: &Value) {
    let subject = &finding["subject"];
    let place = documents.iter().position(|one| {
        one["kind"] == subject["kind"]
            && one["metadata"]["name"] == subject["name"]
            && one["metadata"].get("namespace") == subject.get("namespace")
    });
    let place = place.unwrap_or_else(|| panic!("{subject}"));
    let operations = finding["patch"]["operations"].as_array().unwrap();
    if operations.is_empty() {
        assert!(finding["patch"]["command"].as_str().unwrap().starts_with("kubectl delete "), "{finding}");
        documents.remove(place);
        return;
    }
    for moved in operations.iter().filter(|operation| operation["op"] == "move") {
        let to = documents[place].pointer(moved["path"].as_str().unwrap());
        assert_eq!(to, None, "{moved} overwrites");
    }
    let patch: json_patch::Patch = serde_json::from_value(finding["patch"]["operations"].clone()).unwrap();
    json_patch::patch(&mut documents[place], &patch).unwrap_or_else(|error| panic!("{error}: {patch}"));
}

/// Ids of the rules about which a change can be told, where their own bad example has it.
const PATCHED: [&str; 12] =
    ["MTLS101", "MTLS102", "MTLS106", "MTLS110", "MTLS201", "MTLS202", "MTLS203", "MTLS204", "MTLS205", "MTLS206", "MTLS208", "MTLS217"];

/// What was read after a change; `None` where the object or the field is not there.
fn after(before: &Snapshot, patch: &Patch) -> Option<Snapshot> {
    let mut snapshot = before.clone();
    snapshot.apply(patch).then_some(snapshot)
}

#[test]
fn the_change_of_each_bad_example_mends_it_in_manifests_and_in_a_reading_alike() {
    let mut patched = Vec::new();
    for check in ALL {
        let before = snapshot(check.rule.bad);
        let Some((finding, patch)) = findings(&before).into_iter().find_map(|finding| Some((finding.clone(), finding.patch?))) else {
            continue;
        };
        patched.push(finding.rule.id);
        let after = after(&before, &patch).unwrap_or_else(|| panic!("{}: {patch:?} changes nothing", check.rule.id));
        let left: Vec<&str> = findings(&after).iter().map(|finding| finding.rule.id).collect();
        assert!(!left.contains(&check.rule.id), "{}: {left:?}", check.rule.id);

        let answer: Value = serde_json::from_str(&analyze(check.rule.bad, &["-o", "json"])).unwrap();
        let with_patch = answer["findings"].as_array().unwrap().iter().find(|one| one["patch"].is_object()).unwrap();
        let mut manifests = documents(check.rule.bad);
        applied(&mut manifests, with_patch);
        let text = manifests.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n");
        let mended = snapshot(&text);
        let same: Vec<String> = findings(&mended).iter().map(|finding| finding.message.clone()).collect();
        let of_reading: Vec<String> = findings(&after).iter().map(|finding| finding.message.clone()).collect();
        assert_eq!(same, of_reading, "{}", check.rule.id);
    }
    assert_eq!(patched, PATCHED);
}

/// A server with a sidecar and one without behind a Service, and a rule that makes clients send plaintext to both.
fn half_meshed() -> String {
    namespace("shop", "istio-injection: enabled")
        + &meshed_pod("shop", "db-0", "app: db", "", &[80])
        + &pod("shop", "db-1", "app: db", "", &[80], "")
        + &meshed_pod("shop", "web", "app: web", "", &[81])
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, name: http}]}\n"
        + "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: shop}\nspec: {host: db, trafficPolicy: {tls: {mode: DISABLE}}}\n"
        + &policy("shop", "db", "app=db", "mtls: {mode: STRICT}")
}

#[test]
fn a_change_that_would_break_a_call_is_no_step() {
    let snapshot = snapshot(&half_meshed());
    let settings = ControlPlaneOptions::default();
    let mesh = Mesh::new(&snapshot, &settings);
    let found = findings(&snapshot).into_iter().find(|finding| finding.rule.id == "MTLS201").unwrap();
    let object = found.patch.clone().unwrap().object;
    // The server without a proxy accepts no mTLS.
    let harmful = found.with_patch(&object, Edit::SetIstioMutual { at: FieldPath::of("spec.trafficPolicy.tls") });
    let all = [harmful];
    let plan = checks::fix_plan(&mesh, &settings, &all, Weakening::Allowed);
    assert_eq!((plan.steps.len(), plan.rejected.len(), plan.manual), (0, 1, 0));
    assert!(matches!(&plan.rejected[0].reason, Harm::Breaks(call) if call.contains("would no longer reach Service shop/db")));
}

#[test]
fn a_rule_for_endpoints_with_and_without_proxy_is_removed_and_automatic_mtls_decides_for_each() {
    let plan: Value = serde_json::from_str(&analyze(&half_meshed(), &["--fix-plan", "--select", "MTLS201", "-o", "json"])).unwrap();
    assert!(plan["steps"][0]["command"].as_str().unwrap().contains(r#""op":"remove""#), "{plan:#}");
    assert_eq!((&plan["rejected"], &plan["manual"]), (&json!([]), &json!(0)));
}

/// A policy that opens the Service's number of a port of a STRICT namespace.
fn misses_its_port() -> String {
    namespace("shop", "istio-injection: enabled")
        + &meshed_pod("shop", "db", "app: db", "", &[8080])
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 8080, name: http}]}\n"
        + &policy("shop", "default", "", "mtls: {mode: STRICT}")
        + &policy("shop", "db", "app=db", "portLevelMtls: {80: {mode: PERMISSIVE}}")
}

#[test]
fn a_change_that_opens_a_port_says_so_first_and_is_a_step_only_if_it_is_allowed() {
    let found: Value = serde_json::from_str(&analyze(&misses_its_port(), &["--select", "MTLS106", "-o", "json"])).unwrap();
    let finding = &found["findings"][0];
    assert!(finding["fix"].as_str().unwrap().starts_with("Weakens protection"), "{finding:#}");
    assert_eq!(finding["patch"]["weakens"], true);
    let plan: Value = serde_json::from_str(&analyze(&misses_its_port(), &["--fix-plan", "-o", "json"])).unwrap();
    assert_eq!(plan["steps"], json!([]), "{plan:#}");
    assert!(plan["rejected"][0]["weakens"].as_str().unwrap().contains("port 8080 of Pod shop/db would accept plaintext"), "{plan:#}");
    assert_eq!(plan["rejected"][0]["breaks"], Value::Null);
    let text = analyze(&misses_its_port(), &["--fix-plan", "--allow-weakening"]);
    assert!(text.contains("# Weakens protection: port 8080 of Pod shop/db would accept plaintext\nkubectl patch"), "{text}");
}

#[test]
fn what_counts_for_nobody_goes_first_then_servers_then_pods_then_clients() {
    let yaml = namespace("shop", "istio-injection: enabled")
        + &meshed_pod("shop", "db", "app: db", "", &[80])
        + &meshed_pod("shop", "web", "app: web", "", &[81])
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, name: http}]}\n"
        + "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: shop}\nspec: {host: db, trafficPolicy: {tls: {mode: DISABLE}}}\n"
        + &policy("shop", "a", "", "mtls: {mode: STRICT}")
        + &policy("shop", "b", "", "mtls: {mode: PERMISSIVE}");
    let text = analyze(&yaml, &["--fix-plan"]);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("kubectl ")).collect();
    assert_eq!(
        commands,
        [
            "kubectl delete peerauthentication b -n shop",
            "kubectl patch destinationrule db -n shop --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/trafficPolicy/tls\"}]'",
        ]
    );
}

#[test]
fn a_name_of_a_manifest_is_never_a_command_of_the_plan() {
    let evil = "x; curl evil\n#";
    let yaml = policy("shop", "a", "", "mtls: {mode: STRICT}")
        + &policy("shop", &format!("{evil:?}"), "", "mtls: {mode: STRICT}")
        + &namespace("shop", "")
        + &meshed_pod("shop", "web", "app: web", "", &[81]);
    let text = analyze(&yaml, &["--fix-plan"]);
    assert!(text.lines().all(|line| !line.trim_start().starts_with("curl")), "{text}");
    for line in text.lines().filter(|line| line.starts_with("kubectl ")) {
        assert!(!line.contains("x;") || line.contains("'x;"), "{line}");
    }
}

proptest! {
    #![proptest_config(naive::at_least(256))]

    #[test]
    fn a_change_mends_its_finding_in_any_mesh(world in naive::world()) {
        let before = snapshot(&world.yaml());
        for finding in findings(&before) {
            let Some(patch) = &finding.patch else { continue };
            let after = after(&before, patch);
            prop_assert!(after.is_some(), "{}: {patch:?} changes nothing", finding.message);
            let left = findings(&after.unwrap());
            let same = left.iter().find(|other| (other.rule.id, &other.subject, &other.field_path) == (finding.rule.id, &finding.subject, &finding.field_path));
            prop_assert!(same.is_none(), "{} {}\n{patch:?}\nstill {}", finding.rule.id, finding.message, same.unwrap().message);
        }
    }
}
