//! The program as people and scripts meet it: output, messages, exit status.

use std::{collections::BTreeSet, path::Path};

use kubectl_mtls::{
    report::Format,
    source::cluster::{Kinds, cluster_role},
};
use snapbox::{
    Data,
    assert::Assert,
    cmd::{Command, OutputAssert, cargo_bin},
};

use crate::{
    api::{Api, Fault, What},
    goldens::MESHES,
};

/// The program with these arguments, in an environment that says nothing about the terminal.
fn mtls(args: &[&str]) -> Command {
    let command = Command::new(cargo_bin!("kubectl-mtls")).args(args);
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "KUBECONFIG"].into_iter().fold(command, Command::env_remove)
}

fn run(args: &[&str]) -> OutputAssert {
    mtls(args).assert()
}

/// The program on a manifest's text.
fn on(text: &str, args: &[&str]) -> OutputAssert {
    mtls(args).stdin(text).assert()
}

fn stdout(assert: &OutputAssert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &OutputAssert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(output: &OutputAssert) -> serde_json::Value {
    serde_json::from_str(&stdout(output)).unwrap()
}

#[test]
fn the_table_of_sidecars_fits_80_columns() {
    for mesh in MESHES {
        let said = stdout(&mtls(&["sidecars", "-R", "-f", &format!("testdata/meshes/{mesh}")]).env("COLUMNS", "80").assert());
        let longest = said.lines().max_by_key(|line| line.chars().count());
        assert!(longest.is_some_and(|line| line.chars().count() <= 80), "{mesh}: {longest:?}");
    }
}

#[test]
fn colours_follow_the_flag() {
    let audit = ["audit", "-R", "-f", "testdata/meshes/bookinfo", "-q"];
    let coloured = mtls(&[&audit[..], &["--color", "always"]].concat()).assert();
    assert!(stdout(&coloured).contains("\u{1b}["));
    let plain = mtls(&[&audit[..], &["--color", "never"]].concat()).env("CLICOLOR_FORCE", "1").assert();
    assert!(!stdout(&plain).contains('\u{1b}'));
    let forced = mtls(&audit).env("CLICOLOR_FORCE", "1").assert();
    assert!(stdout(&forced).contains('\u{1b}'));
}

#[test]
fn yaml_says_the_same_as_json() {
    for mesh in MESHES {
        for command in ["audit", "analyze", "migrate-check", "policies", "sidecars"] {
            let args = [command, "-R", "-f", &format!("testdata/meshes/{mesh}"), "-o"];
            let yaml = run(&[&args[..], &["yaml"]].concat());
            let read = std::thread::Builder::new()
                .stack_size(kubectl_mtls::source::manifest::yaml::STACK_SIZE)
                .spawn(move || kubectl_mtls::source::manifest::yaml::document(&stdout(&yaml)).unwrap().root.json())
                .unwrap()
                .join()
                .unwrap();
            assert_eq!(read, json(&run(&[&args[..], &["json"]].concat())), "{args:?}");
        }
    }
}

#[test]
fn the_exit_status_is_the_same_in_every_format_and_follows_the_gate() {
    let bookinfo = ["audit", "-R", "-f", "testdata/meshes/bookinfo"];
    for (extra, status) in [
        (&[][..], 1),
        (&["--fail-on", "never"], 0),
        (&["--ignore", "MTLS105,MTLS109"], 0),
        (&["--ignore", "MTLS105,MTLS109", "--fail-on", "warning"], 1),
        (&["--select", "MTLS107"], 0),
        (&["--select", "MTLS107", "--fail-on", "info"], 1),
        (&["--select", "permissive-workload", "--fail-on", "warning"], 0),
        (&["--exclude-namespace", "data", "--ignore", "MTLS105"], 0),
    ] {
        for format in Format::ALL.map(Format::name) {
            let args = [&bookinfo[..], extra, &["-o", format]].concat();
            run(&args).code(status);
        }
    }
}

#[test]
fn sarif_has_every_rule_of_the_run_and_a_place_and_a_fingerprint_for_every_finding() {
    let document = json(&run(&["analyze", "-R", "-f", "testdata/meshes/bookinfo", "-o", "sarif", "--ignore", "MTLS3"]));
    let driver = &document["runs"][0]["tool"]["driver"];
    let rules: Vec<&str> = driver["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let wanted = kubectl_mtls::checks::mesh_rules().map(|rule| rule.id).filter(|id| !id.starts_with("MTLS3"));
    assert_eq!(rules, wanted.collect::<Vec<_>>());
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[at], result["ruleId"]);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
        assert!(result["partialFingerprints"]["kubectlMtls/v1"].is_string());
    }
}

#[test]
fn github_gets_ten_annotations_of_a_kind_and_plain_lines_for_the_rest() {
    let policy = |n: usize| {
        format!(
            "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: p{n}, namespace: istio-system}}\nspec: {{selector: {{matchLabels: {{app: a}}}}}}\n"
        )
    };
    let text: String = (0..12).map(policy).collect();
    let said = stdout(&on(&text, &["analyze", "-f", "-", "-o", "github", "--include-system"]).code(1));
    assert_eq!(said.lines().filter(|line| line.starts_with("::error ")).count(), 10, "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("error MTLS105 ")).count(), 2, "{said}");
    assert!(said.lines().last().unwrap().starts_with("12 errors"), "{said}");
}

#[test]
fn a_baseline_lets_what_is_known_pass_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("kubectl-mtls-baseline-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("baseline.json").display().to_string();
    let policy = |name: &str| {
        format!(
            "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: istio-system}}\nspec: {{selector: {{matchLabels: {{app: a}}}}}}\n"
        )
    };
    let ask = |text: &str, extra: &[&str]| on(text, &[&["analyze", "-f", "-", "--include-system", "-o", "json"][..], extra].concat());
    assert_eq!(json(&ask(&policy("one"), &["--write-baseline", &file]).code(0))["findings"].as_array().unwrap().len(), 1);
    let same = json(&ask(&policy("one"), &["--baseline", &file]).code(0));
    assert_eq!((same["known"].as_u64(), same["findings"].as_array().unwrap().len()), (Some(1), 0));
    let more = json(&ask(&(policy("one") + &policy("two")), &["--baseline", &file]).code(1));
    assert_eq!((more["known"].as_u64(), more["findings"].as_array().unwrap().len()), (Some(1), 1));
    for format in ["table", "markdown", "github", "sarif", "junit"] {
        let said = on(&policy("one"), &["analyze", "-f", "-", "--include-system", "-o", format, "--baseline", &file]).code(0);
        assert!(stdout(&said).contains("known"), "{format}");
    }
    std::fs::write(&file, "{}").unwrap();
    assert!(stderr(&ask("", &["--baseline", &file]).code(2)).contains("hint"));
    let broken = ask(&policy("one"), &["--baseline", &file]).code(2);
    assert!(stderr(&broken).contains("cannot read the baseline") && stderr(&broken).contains("--write-baseline"), "{}", stderr(&broken));
    assert!(stderr(&ask(&policy("one"), &["--baseline", "absent.json"]).code(2)).contains("cannot read the baseline absent.json"));
    ask(&policy("one"), &["--baseline", &file, "--write-baseline", &file]).code(2);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_rules_are_listed_without_reading_anything() {
    let listed = run(&["analyze", "--list-rules"]).code(0);
    for rule in kubectl_mtls::checks::all_rules() {
        assert!(stdout(&listed).contains(rule.id), "{}", rule.id);
    }
    let some = json(&run(&["analyze", "--list-rules", "--select", "MTLS4,missing-sidecar", "--ignore", "MTLS42", "-o", "json"]).code(0));
    let ids: Vec<&str> = some["catalogue"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!((ids.first(), ids.last(), ids.len()), (Some(&"MTLS301"), Some(&"MTLS415"), 16));
}

#[test]
fn a_gap_is_never_a_clean_0() {
    let folder = ["audit", "-R", "-f", "testdata/meshes/broken", "--fail-on", "never"];
    let output = run(&folder).code(3);
    assert!(stdout(&output).contains("INCOMPLETE: 11 resources not read"));
    assert!(stderr(&output).contains("unterminated-quote.yaml: line 22, column 12: unclosed quote"));
    run(&[&folder[..], &["--allow-gaps"]].concat()).code(0);
    run(&["audit", "-R", "-f", "testdata/meshes/broken"]).code(1);
    for command in [&["policies"][..], &["sidecars"], &["explain", "nobody"]] {
        run(&[command, &["-R", "-f", "testdata/meshes/broken"]].concat()).code(3);
    }
}

#[test]
fn a_wrong_command_line_is_2_and_says_what_is_right() {
    for (args, said) in [
        (&["audit", "-f", "x", "--select", "MTLS999"][..], "unknown rule `MTLS999`"),
        (&["audit", "--request-timeout", "soon"], "invalid duration `soon`: expected 30s, 2m or 1h30m"),
        (&["audit", "--as-group", "g"], "--as"),
        (&["audit", "-f", "x", "-l", "a in b"], "invalid requirement `a in b`"),
        (&["audit", "-f", "x", "-o", "xml"], "[possible values: table, wide, json, yaml, markdown, sarif, junit,"),
        (&["audit", "-f", "x", "--istiod-env", "A"], "expected NAME=VALUE"),
        (&["explain", "MTLS999"], "unknown rule `MTLS999`"),
        (&["explain", "deploy/web:http", "-f", "x"], "invalid port `http`"),
        (&["explain", "a/b/c/d", "-f", "x"], "expected NAMESPACE/KIND/NAME"),
        (&["nonsense"], "unrecognized subcommand"),
    ] {
        let output = run(args).code(2);
        assert!(stderr(&output).contains(said), "{args:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty(), "{args:?}");
    }
}

#[test]
fn a_cluster_is_read_where_no_files_are_named() {
    let api = Api::new("testdata/meshes/bookinfo", &[]);
    let config = api.kubeconfig("cli");
    let config = config.to_str().unwrap();
    let audit = |extra: &[&str]| run(&[&["audit", "--kubeconfig", config][..], extra].concat());
    let cluster = json(&audit(&["-o", "json"]).code(1));
    let files = json(&run(&["audit", "-R", "-f", "testdata/meshes/bookinfo", "-o", "json"]).code(1));
    assert_eq!((&cluster["namespaces"], &cluster["workloads"]), (&files["namespaces"], &files["workloads"]));
    assert_eq!(cluster["source"]["context"], "test");
    assert_eq!(cluster["findings"][0]["location"], serde_json::Value::Null);
    let table = stdout(&audit(&["--color", "never"]));
    assert!(table.contains("--> PeerAuthentication istio-system/databases-strict, spec.selector"), "{table}");
    run(&["explain", "data/sts/mongodb", "--kubeconfig", config]).success();
    run(&["policies", "--kubeconfig", config]).success();
}

#[test]
fn one_long_name_leaves_the_reasons_their_room() {
    let name = "a-name-that-helm-made-of-the-release-and-the-chart-and-the-part";
    let pod = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{containers: [{{name: app}}]}}\nstatus: {{phase: Running}}\n"
        )
    };
    let text = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{istio-injection: enabled}}}}\n{}{}",
        pod(name),
        pod("web-0")
    );
    let output = mtls(&["sidecars", "-f", "-"]).env("COLUMNS", "80").stdin(text).assert().success();
    let said = stdout(&output);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    assert!(said.contains("  pod/web-0 ") && said.contains("created before"), "{said}");
    assert!(said.ends_with("2 of 2 workloads need attention: 2 missing\n"), "{said}");
}

/// The keystone, from outside: one mesh, two sources, one answer.
#[test]
fn sidecars_says_the_same_of_files_and_cluster() {
    for mesh in MESHES.into_iter().filter(|mesh| *mesh != "broken") {
        let folder = format!("testdata/meshes/{mesh}");
        let api = Api::new(&folder, &[]);
        let config = api.kubeconfig(&format!("cli-sidecars-{mesh}"));
        let ask = |source: &[&str]| json(&run(&[&["sidecars", "--services", "--include-system", "-o", "json"], source].concat()).success());
        let (cluster, mut files) = (ask(&["--kubeconfig", config.to_str().unwrap()]), ask(&["-R", "-f", &folder]));
        // Only a file has lines.
        files["findings"].as_array_mut().unwrap().iter_mut().for_each(|finding| finding["location"] = serde_json::Value::Null);
        for key in ["mesh", "namespaces", "workloads", "services", "findings"] {
            assert_eq!(cluster[key], files[key], "{mesh} {key}");
        }
        assert!(!api.requests().iter().any(|request| request.contains("destinationrules")), "{mesh}: nobody needs these here");
    }
}

#[test]
fn policies_lists_what_its_columns_need_and_no_more() {
    let api = Api::new("testdata/meshes/bookinfo", &[]);
    let answer = json(&run(&["policies", "--kubeconfig", api.kubeconfig("cli-policies").to_str().unwrap(), "-o", "json"]).success());
    let asked = api.requests();
    assert!(!asked.iter().any(|request| request.contains("/endpointslices") || request.contains("/virtualservices")), "{asked:?}");
    assert_eq!(answer["complete"], true);
    for policy in answer["policies"].as_array().unwrap() {
        assert!(policy["inForce"].is_boolean(), "{policy}");
        assert!(policy["workloads"].is_u64() || policy["kind"] == "DestinationRule", "{policy}");
    }
}

/// A user with rights in one namespace, who may not look at the root namespace.
#[test]
fn what_the_root_namespace_would_have_said_is_unknown() {
    let denied = |at| Fault { at, what: What::Status(403, "not yours"), times: 1000 };
    let api = Api::new("testdata/meshes/bookinfo", &[denied("/v1/peerauthentications"), denied("/istio-system/peerauthentications")]);
    let config = api.kubeconfig("cli-narrow");
    let audit = |namespace: &str| {
        let output = run(&["audit", "-n", namespace, "--kubeconfig", config.to_str().unwrap(), "-o", "json", "--fail-on", "never"]).code(3);
        json(&output)
    };
    let open = audit("batch");
    assert_eq!((&open["mesh"]["mode"], &open["namespaces"][0]["mode"]), (&"UNKNOWN".into(), &"UNKNOWN".into()));
    let workloads = |answer: &serde_json::Value| answer["workloads"].as_array().unwrap().clone();
    assert!(workloads(&open).iter().all(|workload| workload["policyMode"] == "UNKNOWN" && workload["mode"] == "NONE"), "{open}");
    assert!(open["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "MTLS107"), "nobody knows what is permissive");
    let closed = audit("data");
    assert!(workloads(&closed).iter().any(|workload| workload["mode"] == "STRICT"), "{closed}");
}

#[test]
fn what_rests_on_a_list_that_was_refused_is_unknown() {
    let table = [
        ("/destinationrules", vec!["explain", "Deployment/productpage-v1", "reviews:80", "-n", "bookinfo"], "/result", "unknown"),
        ("/services", vec!["explain", "Deployment/productpage-v1", "reviews:80", "-n", "bookinfo"], "/result", "unknown"),
        ("/pods", vec!["audit", "-n", "bookinfo", "--fail-on", "never"], "/workloads/0/mode", "UNKNOWN"),
        ("/pods", vec!["sidecars", "-n", "bookinfo"], "/workloads/0/state", "unknown"),
    ];
    for (at, arguments, pointer, expected) in table {
        let api = Api::new("testdata/meshes/bookinfo", &[Fault { at, what: What::Status(403, "not yours"), times: 1000 }]);
        let config = api.kubeconfig("cli-refused");
        let flags = ["--kubeconfig", config.to_str().unwrap(), "-o", "json"];
        let answer = json(&run(&[arguments.as_slice(), &flags].concat()).code(3));
        assert_eq!(answer.pointer(pointer), Some(&expected.into()), "{at} {arguments:?}: {answer}");
    }
}

/// The rights of a role: verb, group and plural each.
fn rights(role: &str) -> BTreeSet<(String, String, String)> {
    let (mut group, mut plurals, mut all) = ("", "", BTreeSet::new());
    for line in role.lines() {
        if let Some(value) = line.strip_prefix("- apiGroups: ") {
            group = value;
        } else if let Some(value) = line.strip_prefix("  resources: ") {
            plurals = value;
        } else if let Some(verb) = line.strip_prefix("  verbs: ") {
            all.extend(plurals.trim_matches(['[', ']']).split(", ").map(|plural| (verb.to_owned(), group.to_owned(), plural.to_owned())));
        }
    }
    all
}

#[test]
fn the_cluster_role_of_deploy_has_the_rights_of_every_command() {
    let all = cluster_role(Kinds::Comparison);
    Assert::new().action_env("SNAPSHOTS").eq(all.clone(), Data::read_from(Path::new("deploy/clusterrole.yaml"), None).raw());
    let granted = rights(&all);
    for (command, is_narrower) in [("audit", false), ("explain", false), ("policies", true), ("sidecars", true)] {
        let printed = rights(&stdout(&run(&[command, "--print-rbac"]).success()));
        assert!(
            printed.len() > 5 && (printed.len() < granted.len()) == is_narrower && printed.is_subset(&granted),
            "{command}: {printed:?}"
        );
    }
    assert_eq!(stdout(&run(&["audit", "--print-rbac"])), stdout(&run(&["explain", "--print-rbac"])));
    let narrow = stdout(&run(&["policies", "--print-rbac"]).success());
    assert!(narrow.contains("services") && !narrow.contains("endpointslices") && !narrow.contains("virtualservices"), "{narrow}");
    let narrow = stdout(&run(&["sidecars", "--print-rbac"]).success());
    assert!(narrow.contains("pods") && !narrow.contains("destinationrules") && !narrow.contains("envoyfilters"), "{narrow}");
    let role = std::fs::read_to_string("deploy/clusterrole.yaml").unwrap();
    for wrong in ["secrets", "watch", "create", "update", "patch", "delete", "*"] {
        assert!(!role.contains(wrong), "{wrong}");
    }
}

#[test]
fn what_a_cluster_refuses_is_3_unless_it_is_allowed() {
    let api = Api::new("testdata/meshes/clean", &[Fault { at: "/pods", what: What::Status(403, "no pods for you"), times: 1000 }]);
    let config = api.kubeconfig("cli-403");
    let audit = ["audit", "--kubeconfig", config.to_str().unwrap(), "--fail-on", "never"];
    let output = run(&audit).code(3);
    assert!(stderr(&output).contains("not read: pods in all namespaces: forbidden: no pods for you"), "{}", stderr(&output));
    assert!(stderr(&output).contains("hint: grant `list` on pods"));
    run(&[&audit[..], &["--allow-gaps"]].concat()).code(0);
}

#[test]
fn no_way_to_a_cluster_is_3_with_cause_and_hint() {
    let output = run(&["audit", "--kubeconfig", "no/such/config"]).code(3);
    let said = stderr(&output);
    for part in ["error: cannot read the cluster", "caused by: cannot connect to a cluster", "hint: set --kubeconfig"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn no_answer_has_a_cause_and_a_hint() {
    let output = run(&["audit", "-f", "no/such/file.yaml"]).code(2);
    let said = stderr(&output);
    for part in ["error: cannot read the manifests", "caused by: cannot read no/such/file.yaml", "hint: check the path"] {
        assert!(said.contains(part), "{said}");
    }
    let output = on("", &["audit", "-f", "-"]).code(3);
    assert!(stderr(&output).contains("no document in <stdin>"), "{}", stderr(&output));
}

#[test]
fn what_came_from_outside_cannot_move_the_cursor() {
    let text = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: \"a\\x1b[31mb\\a\"\n  namespace: shop\nspec:\n  selector:\n    matchLabels:\n      app: \"x\\u202ey\"\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nstatus: {phase: Running}\n";
    for format in ["table", "wide", "json", "yaml", "markdown"] {
        let output = on(text, &["audit", "-f", "-", "-o", format, "--color", "never", "--by", "workload"]);
        for stream in [stdout(&output), stderr(&output)] {
            assert!(!stream.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{format}: {stream:?}");
        }
        assert!(stdout(&output).contains("MTLS001"), "{format}");
    }
}

#[test]
fn scope_flags_narrow_what_is_shown_and_not_what_governs() {
    let names = |extra: &[&str]| -> Vec<String> {
        let all = [&["audit", "-R", "-f", "testdata/meshes/bookinfo", "-o", "json"], extra].concat();
        let document = json(&run(&all));
        let workloads = document["workloads"].as_array().unwrap().iter();
        workloads
            .map(|w| format!("{}/{} {}", w["namespace"].as_str().unwrap(), w["name"].as_str().unwrap(), w["policyMode"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(names(&["-n", "monitoring"]), ["monitoring/prometheus PERMISSIVE"]);
    assert_eq!(names(&["-n", "bookinfo", "-l", "app=reviews,version!=v2"]), ["bookinfo/reviews-v1 STRICT", "bookinfo/reviews-v3 STRICT"]);
    assert!(names(&["--exclude-namespace", "bookinfo"]).iter().all(|name| !name.starts_with("bookinfo/")));
    assert!(names(&["--include-system"]).iter().any(|name| name.starts_with("istio-system/istiod")));
    assert!(names(&[]).iter().all(|name| !name.starts_with("istio-system/")));
}

#[test]
fn every_document_starts_as_the_contract_says() {
    for command in [&["audit"][..], &["policies"], &["sidecars"], &["explain", "data/sts/mongodb"]] {
        let document = json(&run(&[command, &["-R", "-f", "testdata/meshes/bookinfo", "-o", "json"]].concat()));
        for key in ["schema", "command", "version", "source", "mesh", "complete", "gaps", "findings", "suppressed", "notRun"] {
            assert!(document.get(key).is_some(), "{command:?} {key}");
        }
        assert_eq!(document["schema"], 1);
        assert_eq!(document["command"], command[0]);
    }
}

#[test]
fn explain_tells_whether_a_call_goes_through() {
    let ask = |question: &[&str]| run(&[&["explain"], question, &["-R", "-f", "testdata/meshes/bookinfo", "-q"]].concat());
    ask(&["bookinfo/deploy/productpage-v1", "reviews:80"]).success();
    let answer = json(&ask(&["batch/cj/nightly-report", "data/sts/mongodb:27017", "--by-ip", "-o", "json"]).success());
    assert_eq!((&answer["result"], &answer["code"]), (&"fail".into(), &"F1".into()));
    assert_eq!(answer["endpoints"][0]["workload"], "data/StatefulSet/mongodb");
    let output = ask(&["batch/cj/nightly-report", "mongodb.data"]).code(2);
    assert!(stderr(&output).contains("mongodb.data:27017, mongodb.data:9216"), "{}", stderr(&output));
    for wrong in [vec!["ns/", "reviews:80"], vec!["ns/shop", "reviews:0"], vec!["batch/cj/nightly-report:80", "reviews:80"]] {
        assert!(stderr(&ask(&wrong).code(2)).contains("expected"), "{wrong:?}");
    }
    let output = ask(&["ns/bookinfo", "svc/nobody:80"]).code(2);
    assert!(stderr(&output).contains("unknown Service `bookinfo/nobody`"), "{}", stderr(&output));
}

#[test]
fn explain_names_the_policies_that_are_overridden() {
    let answer = json(&run(&["explain", "bookinfo/deploy/reviews-v2", "-R", "-f", "testdata/meshes/bookinfo", "-o", "json"]).success());
    let trail = answer["parts"][0]["ports"][0]["trail"].as_array().unwrap();
    let policies: Vec<&str> = trail.iter().map(|step| step["object"].as_str().unwrap()).collect();
    assert_eq!(
        policies,
        ["istio-system/default", "bookinfo/default", "bookinfo/bookinfo-strict", "bookinfo/reviews"]
            .map(|name| format!("PeerAuthentication {name}"))
    );
    let output = run(&["explain", "reviews-v9", "-R", "-f", "testdata/meshes/bookinfo"]).code(3);
    assert!(stderr(&output).contains("unknown workload `reviews-v9`"));
    let output = run(&["explain", "default", "-R", "-f", "testdata/meshes/bookinfo"]).code(3);
    assert!(stderr(&output).contains("unknown workload `default`"));
}

#[test]
fn a_host_may_be_outside_the_mesh_and_a_port_may_have_a_name() {
    let ask = |to: &str| run(&["explain", "ns/bookinfo", to, "-R", "-f", "testdata/meshes/bookinfo", "-o", "json"]);
    // A dot at the end makes it a host outside the cluster, whatever it resembles.
    let outside = json(&ask("reviews.bokinfo.:80").success());
    assert_eq!((&outside["to"]["host"], &outside["result"]), (&"reviews.bokinfo.".into(), &"plaintext".into()));
    assert_eq!(json(&ask("reviews.bookinfo:http").success())["to"]["port"], 80);
}

#[test]
fn what_may_exist_is_unknown_and_a_gap() {
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n";
    let folder = std::env::temp_dir().join(format!("kubectl-mtls-may-exist-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("web.yaml"), manifest).unwrap();
    // Neither a Service of `data` nor a Namespace was read; of `shop` a Service was.
    for (question, status) in [(["ns/shop", "db.data.svc:80"], 3), (["ns/data", "web.shop:80"], 3), (["ns/shop", "db.shop:80"], 2)] {
        let output = run(&[&["explain"], &question[..], &["-f", folder.to_str().unwrap(), "-o", "json"]].concat()).code(status);
        if status == 3 {
            let answer = json(&output);
            assert_eq!((&answer["result"], answer["gaps"].as_array().map(Vec::len)), (&"unknown".into(), Some(1)), "{answer}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_port_of_a_service_is_distinguished_from_that_of_a_workload() {
    let ask = |port: u16| run(&["explain", &format!("bookinfo/deploy/reviews-v2:{port}"), "-R", "-f", "testdata/meshes/bookinfo"]);
    let hint = "this is a port of Service bookinfo/reviews, which forwards it to port 9080 of the workload";
    assert!(String::from_utf8_lossy(&ask(80).success().get_output().stdout).starts_with(hint));
    for other in [9080, 4000] {
        assert!(!String::from_utf8_lossy(&ask(other).success().get_output().stdout).contains("this is a port of"), "{other}");
    }
}

#[test]
fn kinds_are_named_as_kubectl_names_them() {
    for kind in ["pa", "PA", "peerauthentication", "PeerAuthentication", "peerauthentications", "peerauthentications.security.istio.io"] {
        let object = format!("{kind}/bookinfo/default");
        run(&["diff", "--before", "testdata/meshes/bookinfo", "-R", "--delete", &object, "--fail-on", "never"]).success();
    }
    for kind in ["nope", "pa.apps"] {
        run(&["diff", "--before", "testdata/meshes/bookinfo", "-R", "--delete", &format!("{kind}/bookinfo/default")]).code(2);
    }
}

#[test]
fn a_name_that_does_not_exist_has_a_suggestion() {
    for (args, status, suggestion) in [
        (&["explain", "bookinfo/deploy/reveiws-v2"][..], 3, "did you mean bookinfo/Deployment/reviews-v2, "),
        (&["explain", "reviews", "-n", "bookinf"], 3, "did you mean bookinfo/Deployment/reviews-v1, "),
        (&["explain", "data/deploy/mongodb"], 3, "did you mean data/StatefulSet/mongodb?"),
        (&["explain", "permisive-workload"], 3, "did you mean permissive-workload?"),
        (&["explain", "outside", "svc/mongo:27017", "-n", "data"], 2, "did you mean data/mongodb?"),
        (&["explain", "outside", "mongdb.data"], 2, "did you mean mongodb.data?"),
        (&["explain", "outside", "reviws"], 2, "did you mean reviews.bookinfo?"),
        (&["explain", "outside", "reviews.bookinfo:9080"], 2, "has 80 (http, target port 9080); did you mean reviews.bookinfo:80?"),
        (&["explain", "outside", "reviews.bookinfo:htp"], 2, "did you mean reviews.bookinfo:80?"),
        (&["explain", "outside", "reviews.bokinfo:80"], 2, "did you mean reviews.bookinfo?"),
        (&["explain", "outside", "reviews.nowhere.svc:80"], 2, "unknown namespace `nowhere`"),
        (&["explain", "ns/bookinf", "reviews.bookinfo:80"], 2, "did you mean bookinfo?"),
        (&["explain", "outside", "db-0.mongodb.data:27017"], 2, "is not headless, so its pods have no names; did you mean mongodb.data?"),
        (&["explain", "outside", "mongodb-0.mongodb:27017", "-n", "data"], 2, "is not headless"),
        (&["explain", "outside", "details:65536"], 2, "expected a number from 1 to 65535"),
        (&["explain", "outside", "256.1.1.1:80"], 2, "expected four numbers from 0 to 255"),
        (&["explain", "outside", "fd00::5:80"], 2, "as in [fd00::5:80]:8080"),
        (&["explain", "outside", "bookinfo/deploy/reviews-v1:9080"], 2, "did you mean reviews.bookinfo:80?"),
        (&["audit", "--revision", "stabel"], 2, "unknown revision `stabel`"),
        (&["migrate-check", "data/sts/mongo"], 3, "did you mean data/StatefulSet/mongodb?"),
        (&["sidecars", "-n", "bokinfo"], 3, "did you mean bookinfo?"),
        (&["audit", "--select", "MTLS1107"], 2, "did you mean MTLS107, MTLS110 or MTLS117?"),
        (&["audit", "--ignore", "permissive-worklaod"], 2, "did you mean permissive-workload?"),
    ] {
        let output = run(&[args, &["-R", "-f", "testdata/meshes/bookinfo"]].concat()).code(status);
        assert!(stderr(&output).contains(suggestion), "{args:?}: {}", stderr(&output));
    }
    let output = run(&["explain", "MTLS1017"]).code(2);
    assert!(stderr(&output).contains("did you mean MTLS101, MTLS107 or MTLS117?"), "{}", stderr(&output));
}

#[test]
fn asking_about_what_is_not_there_is_no_all_clear() {
    for (args, said) in [
        (&["-n", "nope"][..], "namespace nope: no object in it was read"),
        (&["-n", "shop,payments"], "namespace shop,payments"),
        (&["-l", "app=nope"], "no workload in scope has them"),
    ] {
        let output = run(&[&["audit", "-R", "-f", "testdata/meshes/clean"], args].concat()).code(3);
        assert!(stderr(&output).contains(said), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn findings_about_others_do_not_fail_a_namespace() {
    let output = run(&["audit", "-R", "-f", "testdata/meshes/ambient", "-n", "lab"]).code(0);
    assert!(!stdout(&output).contains("MTLS109"), "{}", stdout(&output));
    run(&["audit", "-R", "-f", "testdata/meshes/ambient", "-n", "edge"]).code(1);
}

#[test]
fn rules_that_lacked_something_are_said() {
    let document = json(&run(&["audit", "-R", "-f", "testdata/meshes/broken", "-o", "json"]));
    let not_run: Vec<&str> = document["notRun"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    assert!(not_run.contains(&"MTLS101") && !not_run.contains(&"MTLS116"), "{not_run:?}");
    assert_eq!(json(&run(&["audit", "-R", "-f", "testdata/meshes/clean", "-o", "json"]))["notRun"], serde_json::json!([]));
}

#[test]
fn explain_gives_each_port_its_trail_and_a_rule_its_page_in_json() {
    let document = json(&run(&["explain", "data/sts/mongodb", "-R", "-f", "testdata/meshes/bookinfo", "-o", "json"]));
    let ports = document["workload"]["ports"].as_array().unwrap();
    assert!(!ports.is_empty() && ports.iter().all(|port| !port["trail"].as_array().unwrap().is_empty()));
    let document = json(&run(&["explain", "MTLS105", "-o", "json"]).success());
    assert_eq!((&document["rule"]["id"], &document["schema"]), (&"MTLS105".into(), &1.into()));
}

#[test]
fn explain_prints_the_page_of_a_rule() {
    for name in ["MTLS105", "mtls105", "root-selector-policy"] {
        let output = run(&["explain", name]).success();
        assert!(stdout(&output).starts_with("# MTLS105: root-selector-policy\n"), "{name}");
    }
}

#[test]
fn standard_input_and_several_paths_are_one_mesh() {
    let policy =
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x, namespace: data}\nspec: {mtls: {mode: DISABLE}}\n";
    let output = on(policy, &["audit", "-f", "-", "-f", "testdata/meshes/clean/control-plane.yaml", "-o", "json"]).success();
    let document = json(&output);
    assert_eq!(document["namespaces"][0]["name"], "data");
    assert_eq!(document["mesh"]["controlPlanes"][0]["version"], "1.29.1");
}

#[test]
fn migrate_check_fails_in_every_format_on_what_is_sure_to_break() {
    let with = |extra: &[&str]| run(&[&["migrate-check", "-R", "-f", "testdata/meshes/migration"][..], extra].concat());
    for format in Format::ALL {
        with(&["-o", format.name()]).code(1);
    }
    with(&["-n", "quiet"]).code(0);
    with(&["-n", "quiet", "--fail-on", "warning"]).code(1);
    with(&["--ignore", "MTLS4"]).code(0);
    with(&["shop/pod/web-7c9d-x1"]).code(0);
    assert_eq!(stdout(&with(&["-o", "wide"])), stdout(&with(&[])), "its tables have no further columns");
}

#[test]
fn a_step_rests_on_what_could_not_be_read() {
    let folder = ["migrate-check", "-R", "-f", "testdata/meshes/bookinfo", "-f", "testdata/meshes/broken", "-o", "json"];
    let document = json(&run(&folder));
    let namespaces = document["namespaces"].as_array().unwrap();
    assert!(namespaces.iter().all(|namespace| namespace["ready"] != "ready"), "{namespaces:#?}");
    for wave in document["waves"].as_array().unwrap().iter().filter(|wave| wave["step"] != "permissive") {
        assert!(wave["conditions"].as_array().unwrap().contains(&"what could not be read does not change the result".into()), "{wave:#}");
    }
}

#[test]
fn without_a_workload_there_is_no_step_to_strict() {
    let policy = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: shop}\nspec: {mtls: {mode: DISABLE}}\n";
    let output = on(policy, &["migrate-check", "-f", "-", "-o", "json"]).code(0);
    assert_eq!(json(&output)["waves"], serde_json::json!([]));
    assert!(stdout(&on(policy, &["migrate-check", "-f", "-"])).contains("No namespace in scope has a workload of the mesh"));
}

#[test]
fn migrate_check_writes_a_file_for_each_wave_in_order() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("waves");
    let _ = std::fs::remove_dir_all(&folder);
    run(&["migrate-check", "-R", "-f", "testdata/meshes/migration", "-q", "--write", folder.to_str().unwrap()]).code(1);
    let mut names: Vec<String> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["01-permissive.yaml", "02-strict-with-exceptions.yaml", "03-strict-if-not-called.yaml", "04-mesh.yaml"]);
    let third = std::fs::read_to_string(folder.join(&names[2])).unwrap();
    assert!(third.starts_with("# Only if no call from "), "{third}");
}

/// A pod and a policy exist, but their names are templates.
#[test]
fn what_rests_on_an_object_that_was_not_read_is_unknown_in_every_column() {
    let template = |head: &str, spec: &str| {
        format!("---\n{head}\nmetadata: {{name: '${{NAME}}', namespace: shop, labels: {{app: web}}}}\nspec: {spec}\n")
    };
    let mesh = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\napiVersion: apps/v1\nkind: Deployment\n\
                metadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app}]}}}\n---\n\
                apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
        .to_owned()
        + &template("apiVersion: v1\nkind: Pod", "{containers: [{name: app}]}")
        + &template("apiVersion: security.istio.io/v1\nkind: PeerAuthentication", "{}");
    let line = |args: &[&str], start: &str| {
        let text = stdout(&on(&mesh, &[args, &["-f", "-", "--no-config"]].concat()));
        let found = text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{args:?}: {text}"));
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (args, start, expected) in [
        (&["audit", "-o", "wide"][..], "shop ", "shop sidecar? UNKNOWN - 0/1? 0? 0? 0? 0? -"),
        (&["audit", "--by", "workload", "-o", "wide"], "shop ", "shop deploy/web ? sidecar? UNKNOWN UNKNOWN - -"),
        (&["audit", "--by", "port", "-o", "wide"], "shop ", "shop deploy/web 80 sidecar? UNKNOWN UNKNOWN -"),
        (&["audit", "--by", "client"], "shop ", "shop sidecar 1?"),
        (&["sidecars"], "shop ", "shop - sidecar ? istio-injection=enabled: 1 unknown, maybe more"),
        (
            &["sidecars", "-o", "wide"],
            "  deploy/web",
            "deploy/web sidecar? ? ? - - not all of its pods, or of what decides about their proxies, was read",
        ),
        (&["sidecars", "--services"], "shop ", "shop web ? ? -"),
        (&["explain", "shop/deploy/web"], "Deployment", "Deployment shop/web: sidecar?, revision default?, not all pods were read"),
        (&["explain", "shop/deploy/web"], "port", "port 80 and every other: UNKNOWN"),
    ] {
        assert_eq!(line(args, start), expected, "{args:?}");
    }
    let document = json(&on(&mesh, &["sidecars", "--services", "-f", "-", "--no-config", "-o", "json"]));
    let (workload, service) = (&document["workloads"][0], &document["services"][0]);
    for key in ["pods", "wouldInject", "wouldCapture", "injected", "missing"] {
        assert_eq!(workload[key], serde_json::Value::Null, "{key}");
    }
    assert_eq!((&workload["expected"], &workload["state"]), (&"unknown".into(), &"unknown".into()));
    assert_eq!((&service["endpoints"], &service["withoutProxy"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(document["namespaces"][0]["workloads"]["partial"], true);
}

#[cfg(unix)]
#[test]
fn migrate_check_writes_through_no_link_that_a_repository_could_contain() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written-links");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("repository/plain")).unwrap();
    std::fs::create_dir_all(folder.join("elsewhere/plan")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.join("repository/link")).unwrap();
    std::os::unix::fs::symlink("repository", folder.join("outer")).unwrap();
    let mesh = Path::new("testdata/meshes/migration").canonicalize().unwrap();
    let write = |from: &str, to: &str| {
        let args = ["migrate-check", "-q", "-R", "--no-config", "--replace", "--write", to, "-f"];
        let command = Command::new(cargo_bin!("kubectl-mtls")).current_dir(folder.join(from)).env_remove("KUBECONFIG").args(args);
        command.arg(&mesh).assert().get_output().status.code()
    };
    let absolute = folder.join("repository/link/plan").to_string_lossy().into_owned();
    for (from, to, expected) in [
        ("repository", "link", 2),
        ("repository", "link/", 2),
        ("repository", "link/.", 2),
        ("repository", "link/plan", 2),
        ("repository", "link/plan/new/deeper", 2),
        ("repository", "plain/../link/plan", 2),
        ("repository", &absolute, 2),
        ("repository", "plain", 1),
        ("repository", "plain/new", 1),
        // The current folder is chosen by the user, whatever leads to it.
        ("outer", "plain", 1),
        ("repository", "../elsewhere/plan", 1),
    ] {
        assert_eq!(write(from, to), Some(expected), "{from}: {to}");
    }
    assert_eq!(std::fs::read_dir(folder.join("elsewhere")).unwrap().count(), 1);
}

const CHANGE: [&str; 6] = ["diff", "-R", "--before", "testdata/meshes/bookinfo", "-f", "testdata/changes/bookinfo.yaml"];

#[test]
fn diff_fails_on_what_it_brings_and_on_calls_that_break_if_it_is_asked_to() {
    let with = |extra: &[&str]| run(&[&CHANGE[..], extra].concat());
    for format in ["table", "markdown", "json"] {
        with(&["-o", format]).code(1);
    }
    with(&["--fail-on", "never"]).code(0);
    with(&["--fail-on", "never", "--fail-on-break"]).code(1);
    let same =
        ["diff", "-R", "--before", "testdata/meshes/bookinfo", "-f", "testdata/meshes/bookinfo", "--fail-on", "info", "--fail-on-break"];
    assert_eq!(
        stdout(&run(&same).code(0)).trim(),
        "Nothing changes: no mode, no call, no finding",
        "what was wrong before is not the change's"
    );
    let deleted = ["diff", "-R", "--before", "testdata/meshes/bookinfo", "--delete", "PeerAuthentication/data/default"];
    assert!(stdout(&run(&deleted).code(0)).contains("deleted"));
}

#[test]
fn diff_says_which_change_it_cannot_make() {
    let before = ["diff", "-R", "--before", "testdata/meshes/bookinfo"];
    for (extra, message) in [
        (&[][..], "no changes to compare"),
        (&["--delete", "PeerAuthentication/data/absent"][..], "cannot delete PeerAuthentication data/absent"),
        (&["--delete", "Peer/data/default"][..], "unknown kind `Peer`"),
        (&["--delete", "PeerAuthentication/default"][..], "expected PeerAuthentication/NAMESPACE/NAME"),
        (&["--delete", "Namespace/a/b"][..], "expected Namespace/NAME"),
    ] {
        let output = run(&[&before[..], extra].concat()).code(2);
        assert!(stderr(&output).contains(message), "{extra:?}: {}", stderr(&output));
    }
}

#[test]
fn what_concerns_a_namespace_is_what_lies_in_it_serves_in_it_or_calls_from_it() {
    let mesh = crate::support::meshed_pod("data", "db", "app: db", "", &[80])
        + &crate::support::meshed_pod("shop", "web", "app: web", "", &[])
        + &crate::support::meshed_pod("other", "idle", "app: idle", "", &[])
        + &crate::support::policy("data", "default", "", "mtls: {mode: STRICT}")
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: data}\nspec: {selector: {app: db}, ports: [{name: tcp, port: 80}]}\n"
        + "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: shop}\nspec: {host: db.data.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    let fails = |scope: &[&str]| {
        on(&mesh, &[&["analyze", "-f", "-", "--no-config", "--select", "MTLS201"], scope].concat()).get_output().status.code()
    };
    let table: [(&[&str], i32); 7] = [
        (&[], 1),
        (&["-n", "shop"], 1),
        (&["-n", "data"], 1),
        (&["-n", "other"], 0),
        (&["--exclude-namespace", "data"], 1),
        (&["--exclude-namespace", "shop"], 1),
        (&["-l", "app=idle"], 0),
    ];
    for (scope, expected) in table {
        assert_eq!(fails(scope), Some(expected), "{scope:?}");
    }
}

#[test]
fn usage_and_configuration_errors_are_escaped() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("escaped");
    std::fs::create_dir_all(&folder).unwrap();
    let config = folder.join("config.yaml");
    std::fs::write(&config, "severity: {\"\\e[31mx\": error}\nignore: [{rule: MTLS104, reason: x, object: \"\\e]0;t\\a\"}]\n").unwrap();
    for args in [
        &["audit", "--select", "\u{1b}[31mx\u{202e}"][..],
        &["audit", "-o", "\u{1b}[31m"],
        &["explain", "\u{1b}[31m", "-R", "-f", "testdata/meshes/bookinfo"],
        &["explain", "outside", "\u{1b}[31m:80", "-R", "-f", "testdata/meshes/bookinfo"],
        &["audit", "-n", "\u{1b}[31m", "-R", "-f", "testdata/meshes/bookinfo"],
        &["audit", "-f", "no/such\u{1b}[31m/file"],
        &["\u{1b}[31mnonsense"],
        &["audit", "--\u{1b}[31mnonsense"],
        &["audit", "-R", "-f", "testdata/meshes/bookinfo", "--config", config.to_str().unwrap()],
    ] {
        let output = run(args);
        for stream in [stdout(&output), stderr(&output)] {
            assert!(!stream.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{args:?}: {stream:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_closed_standard_error_changes_nothing() {
    use std::process::{Command as Process, Stdio};
    let program = snapbox::cmd::cargo_bin!("kubectl-mtls");
    for mesh in ["broken", "bookinfo"] {
        let folder = format!("testdata/meshes/{mesh}");
        let run = |stderr: Stdio| {
            let args = ["analyze", "-v", "-R", "-f", &folder, "-o", "json"];
            let output = Process::new(program).args(args).env_remove("KUBECONFIG").stderr(stderr).output().unwrap();
            (output.status.code(), output.stdout)
        };
        let expected = run(Stdio::null());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(run(writer.into()), expected, "{mesh}: closed pipe");
        if let Ok(full) = std::fs::File::create("/dev/full") {
            assert_eq!(run(full.into()), expected, "{mesh}: full device");
        }
    }
}
