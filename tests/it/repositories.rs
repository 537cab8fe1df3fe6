//! Repositories as they are: kustomizations, charts, other files beside manifests, and the meshes that they form.
//!
//! Builders are looked up on a `PATH` of the test's own, so that each can be real, a script, or missing.

use std::{
    env, fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use snapbox::cmd::cargo_bin;

const TREES: &str = "testdata/repositories";

/// A folder of the test's own, gone when it ends: `bin` is the `PATH`, `tree` a copy of a tree.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("repositories-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("bin")).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    /// A place with the tree of this name.
    fn with_tree(name: &str, tree: &str) -> Self {
        let place = Self::new(name);
        copy(&Path::new(TREES).join(tree), &place.tree());
        place
    }

    fn tree(&self) -> PathBuf {
        self.0.join("tree")
    }

    /// Makes a program of the machine available.
    fn link(&self, program: &Path) {
        symlink(program, self.0.join("bin").join(program.file_name().unwrap())).unwrap();
    }

    /// Makes a shell script available as a program.
    fn script(&self, name: &str, text: &str) {
        let file = self.0.join("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the program in a folder, with the programs of this place alone.
    fn mtls(&self, folder: &Path, args: &[&str]) -> Output {
        self.mtls_with_input(folder, args, "")
    }

    fn mtls_with_input(&self, folder: &Path, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(cargo_bin!("kubectl-mtls"));
        command.args(args).current_dir(folder).env("PATH", self.0.join("bin")).env("KUBECONFIG", "/dev/null").env("HOME", &self.0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// The document of `analyze` over the tree, and the status.
    fn analyze(&self, args: &[&str]) -> (Value, i32) {
        let output = self.mtls(&self.tree(), &[&["analyze", "-R", "-f", ".", "-o", "json"], args].concat());
        (json(&output), output.status.code().unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() { copy(&entry.path(), &to) } else { _ = fs::copy(entry.path(), to).unwrap() }
    }
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The values of a field of a list, in order.
fn all(document: &Value, list: &str, field: &str) -> Vec<String> {
    let text = |item: &Value| item[field].as_str().map_or_else(|| item[field].to_string(), ToOwned::to_owned);
    document[list].as_array().map(|items| items.iter().map(text).collect()).unwrap_or_default()
}

/// The file of a program on the machine's `PATH`.
fn program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A kubectl that adds the origins of objects. Where there is none, what is not tested is printed; with `REQUIRE_KUSTOMIZE` that is a failure.
fn kubectl(untested: &str) -> Option<PathBuf> {
    let all = env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("kubectl")).collect::<Vec<_>>();
    let is_current = |file: &PathBuf| {
        let output = Command::new(file).args(["version", "--client", "-o", "json"]).output();
        let version = output.ok().and_then(|output| serde_json::from_slice::<Value>(&output.stdout).ok());
        version.is_some_and(|version| version["kustomizeVersion"].as_str().is_some_and(|version| version.starts_with("v5.")))
    };
    let found = all.into_iter().find(is_current);
    assert!(
        found.is_some() || env::var_os("REQUIRE_KUSTOMIZE").is_none(),
        "REQUIRE_KUSTOMIZE is set, and there is no kubectl with kustomize 5"
    );
    if found.is_none() {
        // Past the harness, which keeps what a test that passes prints.
        writeln!(std::io::stderr().lock(), "no kubectl with kustomize 5: {untested} was not tested").unwrap();
    }
    found
}

/// A place with a tree and a real builder.
fn built(name: &str, tree: &str) -> Option<Place> {
    let kubectl = kubectl(&format!("the tree {tree}"))?;
    let place = Place::with_tree(name, tree);
    place.link(&kubectl);
    Some(place)
}

#[test]
fn overlays_of_one_base_are_alternatives() {
    let Some(place) = built("overlays", "overlays") else { return };
    let (document, status) = place.analyze(&[]);
    assert_eq!(status, 1, "{document}");
    assert_eq!(all(&document, "meshes", "name"), ["dev", "prod"]);
    assert_eq!(all(&document, "meshes", "path"), ["dev", "prod"]);
    assert_eq!((&document["mesh"], &document["complete"], &document["gaps"]), (&Value::Null, &Value::Bool(true), &serde_json::json!([])));
    let errors: Vec<&Value> = document["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").collect();
    assert!(!errors.is_empty());
    for error in errors {
        assert_eq!((&error["meshName"], &error["subject"]["name"]), (&"dev".into(), &"web".into()), "{error}");
        // The place that a person would edit.
        assert_eq!(
            (&error["location"]["file"], &error["location"]["line"]),
            (&"./components/plaintext/rule.yaml".into(), &7.into()),
            "{error}"
        );
    }
    assert!(!all(&document, "findings", "rule").contains(&"MTLS004".to_owned()), "{document}");
    assert_eq!(all(&document["source"]["read"], "built", "path"), ["./dev", "./prod"]);
    assert_eq!(place.analyze(&["--mesh", "prod"]).1, 0);
    assert_eq!(place.analyze(&["--fail-on", "never"]).1, 0);
}

#[test]
fn a_finding_of_a_patched_field_is_in_the_patch() {
    let Some(place) = built("patched", "overlays") else { return };
    fs::write(
        place.tree().join("prod/kustomization.yaml"),
        "namePrefix: x-\nresources: [../base, rule.yaml]\npatches:\n- path: patch.yaml\n",
    )
    .unwrap();
    let rule = |spec: &str| {
        format!("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: web, namespace: shop}}\nspec:\n{spec}")
    };
    fs::write(place.tree().join("prod/rule.yaml"), rule("  host: x-web.shop.svc.cluster.local\n")).unwrap();
    fs::write(place.tree().join("prod/patch.yaml"), rule("  trafficPolicy:\n    tls:\n      mode: DISABLE\n")).unwrap();
    let document = json(&place.mtls(&place.tree(), &["analyze", "-k", "prod", "-o", "json"]));
    let error = document["findings"].as_array().unwrap().iter().find(|one| one["severity"] == "error").cloned().unwrap();
    assert_eq!((&error["subject"]["name"], &error["location"]["line"]), (&"x-web".into(), &7.into()), "{error}");
    assert_eq!(error["location"]["file"], "prod/patch.yaml");
}

/// The document of a selected mesh is that of the mesh alone.
#[test]
fn a_selected_mesh_is_answered_as_if_it_were_alone() {
    let Some(place) = built("alone", "overlays") else { return };
    let tree = place.tree();
    for (name, command) in [
        ("dev", &["analyze"][..]),
        ("prod", &["analyze"]),
        ("dev", &["audit", "--by", "port"]),
        ("dev", &["sidecars", "--all"]),
        ("dev", &["policies"]),
        ("prod", &["migrate-check"]),
        ("dev", &["explain", "shop/deploy/web"]),
        ("dev", &["explain", "ns/shop", "web.shop:80"]),
    ] {
        let run = |source: &[&str]| {
            let output = place.mtls(&tree, &[command, source, &["-o", "json"]].concat());
            let mut document = json(&output);
            document["source"] = Value::Null;
            // Files are named as the folder was.
            (document.to_string().replace("\"./", "\""), output.status.code())
        };
        let (selected, alone) = (run(&["-R", "-f", ".", "--mesh", name]), run(&["-k", name]));
        assert_eq!(selected, alone, "{name} {command:?}");
    }
}

#[test]
fn a_question_about_one_mesh_needs_its_name() {
    let Some(place) = built("which", "overlays") else { return };
    let questions: [&[&str]; 4] =
        [&["explain", "shop/deploy/web"], &["explain", "outside", "web.shop:80"], &["migrate-check"], &["diff", "--before", "base"]];
    for question in questions {
        let output = place.mtls(&place.tree(), &[question, &["-R", "-f", "."]].concat());
        assert_eq!(output.status.code(), Some(2), "{question:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("--mesh, of dev, prod"), "{}", stderr(&output));
    }
    // The state before a change may be the mesh alone.
    let before = ["diff", "-R", "-f", ".", "--before", "base", "-o", "json"];
    let selected = place.mtls(&place.tree(), &[&before[..], &["--mesh", "dev"]].concat());
    assert_eq!(selected.status.code(), Some(1), "{}", stderr(&selected));
    assert_eq!(json(&selected)["findings"][0]["rule"], "MTLS201");
    let unknown = place.mtls(&place.tree(), &["audit", "-R", "-f", ".", "--mesh", "prd"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("unknown mesh `prd`"), "{}", stderr(&unknown));
}

#[test]
fn tables_have_a_block_for_each_mesh() {
    let Some(place) = built("tables", "overlays") else { return };
    for (command, format) in [
        ("audit", "table"),
        ("analyze", "table"),
        ("policies", "table"),
        ("sidecars", "wide"),
        ("analyze", "markdown"),
        ("audit", "markdown"),
    ] {
        let output = place.mtls(&place.tree(), &[command, "-R", "-f", ".", "-o", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let heading = if format == "markdown" { format!("## mTLS {command}: ") } else { "== ".to_owned() };
        let at = |name: &str| text.find(&format!("{heading}{name}\n")).unwrap_or_else(|| panic!("{command} -o {format}: {text}"));
        assert!(at("dev") < at("prod"), "{text}");
    }
}

#[test]
fn plain_files_and_roots_that_share_nothing_are_one_mesh() {
    let Some(place) = built("one", "one-mesh") else { return };
    let (document, status) = place.analyze(&[]);
    assert_eq!((status, document.get("meshes"), &document["mesh"]["rootNamespace"]), (0, None, &"istio-system".into()), "{document}");
    let call = place.mtls(&place.tree(), &["explain", "shop/deploy/web", "cart.shop:80", "-R", "-f", ".", "-o", "json"]);
    assert_eq!(json(&call)["result"], "mtls");
    // Each workload is in the mesh once.
    let audit = json(&place.mtls(&place.tree(), &["audit", "-R", "-f", ".", "-o", "json"]));
    assert_eq!(all(&audit, "workloads", "name"), ["cart", "web"]);
}

#[test]
fn groups_of_alternatives_are_paired_by_the_names_of_their_folders() {
    let Some(place) = built("pairs", "pairs") else { return };
    let (document, _) = place.analyze(&[]);
    assert_eq!(all(&document, "meshes", "name"), ["a/dev", "a/prod"]);
    assert_eq!(document["meshes"][1]["path"], serde_json::json!(["a/prod", "b/prod"]));
    let audit = json(&place.mtls(&place.tree(), &["audit", "-R", "-f", ".", "-o", "json"]));
    assert_eq!(all(&audit, "workloads", "meshName"), ["a/dev", "a/dev", "a/prod", "a/prod"]);
    // A mesh has the name of any of its roots.
    assert_eq!(place.analyze(&["--mesh", "b/prod"]).0, place.analyze(&["--mesh", "a/prod"]).0);
}

#[test]
fn without_a_builder_a_root_is_a_gap_and_nothing_is_said_of_its_parts() {
    let place = Place::with_tree("unbuilt", "overlays");
    let (document, status) = place.analyze(&[]);
    assert_eq!(status, 3, "{document}");
    assert_eq!(all(&document, "gaps", "resource"), ["kustomization ./dev", "kustomization ./prod"]);
    assert_eq!(all(&document, "gaps", "hint")[1], "build it: kubectl kustomize ./prod | kubectl mtls analyze -f -");
    assert_eq!((&document["findings"], &document["notRun"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(place.analyze(&["--allow-gaps"]).1, 0);
}

#[test]
fn a_builder_that_is_too_old_or_fails_is_a_gap_with_its_words() {
    let place = Place::with_tree("old", "overlays");
    place.script("kubectl", "echo 'Error: json: unknown field \"components\"' >&2\nexit 1\n");
    let (document, status) = place.analyze(&[]);
    assert_eq!(status, 3);
    assert_eq!(all(&document, "gaps", "reason")[0], "kubectl kustomize failed: Error: json: unknown field \"components\"");
    // Another builder is used where the first one fails.
    place.link(&program("cat").unwrap());
    place.script("kustomize", "cat <<EOF\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\nEOF\n");
    let (document, status) = place.analyze(&[]);
    assert_eq!(
        (status, all(&document["source"]["read"], "built", "builder")),
        (0, vec!["kustomize build".into(), "kustomize build".to_owned()]),
        "{document}"
    );
}

#[test]
fn a_builder_that_never_ends_is_a_gap() {
    let place = Place::with_tree("endless", "overlays");
    place.link(&program("tail").unwrap());
    place.script("kubectl", "exec tail -f /dev/null\n");
    let (document, status) = place.analyze(&["--build-timeout", "1s"]);
    assert_eq!(status, 3);
    assert_eq!(all(&document, "gaps", "reason")[0], "kubectl kustomize did not end within 1 s");
}

#[test]
fn what_needs_a_network_or_a_plugin_is_a_gap_before_a_builder_is_started() {
    for (text, reason) in [
        (
            "resources: [\"https://example.invalid/base?ref=v1\"]",
            "it includes https://example.invalid/base?ref=v1, which is remote, and nothing is downloaded",
        ),
        ("resources: [github.com/example/base]", "it includes github.com/example/base, which is remote, and nothing is downloaded"),
        ("resources: [missing.yaml]", "it includes missing.yaml, which does not exist"),
        ("helmCharts:\n- {name: x, repo: \"https://example.invalid\"}", "it renders Helm charts, which kustomize downloads"),
        ("transformers: [plugin.yaml]", "a generator or transformer of it is a plugin, and no plugin is run"),
        ("resources: [../tree]", "it includes itself"),
        ("resources: [part]", "its part part: it includes git@example.invalid:base, which is remote, and nothing is downloaded"),
        ("resources: [", "its kustomization.yaml is no YAML: "),
    ] {
        let place = Place::new("obstacles");
        let marker = place.0.join("started");
        place.script("kubectl", &format!("echo > '{}'\n", marker.display()));
        fs::create_dir_all(place.tree().join("part")).unwrap();
        fs::write(place.tree().join("kustomization.yaml"), text).unwrap();
        fs::write(place.tree().join("plugin.yaml"), "apiVersion: example.invalid/v1\nkind: Anything\nmetadata: {name: x}\n").unwrap();
        fs::write(place.tree().join("part/kustomization.yaml"), "resources: [git@example.invalid:base]").unwrap();
        let output = place.mtls(&place.tree(), &["analyze", "-k", ".", "-o", "json"]);
        let reasons = all(&json(&output), "gaps", "reason");
        assert!(reasons.len() == 1 && reasons[0].starts_with(reason), "{text}: {reasons:?}");
        assert_eq!((output.status.code(), marker.exists()), (Some(3), false), "{text}");
    }
}

/// Stands for Helm: records its arguments and prints the policy of the chart as Helm does.
const HELM: &str = r#"echo "$@" >> "$0.log"
cat <<EOF
---
# Source: ${PWD##*/}/templates/policy.yaml
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: DISABLED
EOF
"#;

#[test]
fn charts_for_one_object_are_alternatives_and_point_at_their_templates() {
    let place = Place::with_tree("charts", "charts");
    place.link(&program("cat").unwrap());
    place.script("helm", HELM);
    fs::write(place.tree().join("values.txt"), "mode: DISABLE\n").unwrap();
    let audit =
        place.mtls(&place.tree(), &["policies", "-R", "-f", ".", "-o", "json", "--helm-values", "values.txt", "--helm-namespace", "shop"]);
    let document = json(&audit);
    assert_eq!(all(&document, "meshes", "name"), ["blue", "green"], "{document}");
    assert_eq!(all(&document["source"]["read"], "built", "builder"), ["helm template", "helm template"]);
    let values = place.tree().join("values.txt");
    let log = fs::read_to_string(place.0.join("bin/helm.log")).unwrap();
    for chart in ["blue", "green"] {
        let line = format!("template {chart} . --namespace shop --include-crds --skip-tests --values {}", values.display());
        assert!(log.lines().any(|one| one == line), "{log}");
    }
    let (document, _) = place.analyze(&["--mesh", "blue"]);
    let of_template = document["findings"].as_array().unwrap().iter().find(|one| one["subject"]["namespace"] == "shop").unwrap();
    assert_eq!(of_template["location"]["file"], "./blue/templates/policy.yaml", "{document}");
}

/// Helm of this machine. Where there is none, what is not tested is printed; with `REQUIRE_HELM` that is a failure.
fn helm(untested: &str) -> Option<PathBuf> {
    let found = program("helm");
    assert!(found.is_some() || env::var_os("REQUIRE_HELM").is_none(), "REQUIRE_HELM is set, and there is no helm");
    if found.is_none() {
        writeln!(std::io::stderr().lock(), "no helm: {untested} was not tested").unwrap();
    }
    found
}

#[test]
fn real_helm_renders_charts_with_their_values() {
    let Some(helm) = helm("the tree charts") else { return };
    let place = Place::with_tree("real-helm", "charts");
    place.link(&helm);
    let modes = |args: &[&str]| {
        let document = json(&place.mtls(&place.tree(), &[&["policies", "-R", "-f", ".", "-o", "json"], args].concat()));
        assert_eq!(all(&document, "policies", "meshName"), ["blue", "blue", "green", "green"], "{document}");
        all(&document, "policies", "mode")
    };
    let without = modes(&[]);
    fs::write(place.tree().join("values.txt"), "mode: DISABLE\n").unwrap();
    let with = modes(&["--helm-values", "values.txt"]);
    assert!(without != with && with.contains(&"DISABLE".to_owned()), "{without:?} {with:?}");
    fs::write(place.tree().join("values.txt"), "mode: DISABLED\n").unwrap();
    let (document, status) = place.analyze(&["--mesh", "blue", "--helm-values", "values.txt"]);
    let found = document["findings"].as_array().unwrap().iter().find(|one| one["subject"]["namespace"] == "shop").unwrap();
    assert_eq!((&found["location"]["file"], status), (&"./blue/templates/policy.yaml".into(), 1), "{document}");
    // What Helm rejects is a gap with its words.
    fs::write(place.tree().join("blue/templates/broken.yaml"), "{{ required \"the port is missing\" .Values.port }}\n").unwrap();
    let (document, status) = place.analyze(&[]);
    let reasons = all(&document, "gaps", "reason");
    assert!(reasons.len() == 1 && reasons[0].starts_with("helm failed: ") && reasons[0].contains("the port is missing"), "{reasons:?}");
    assert_eq!(status, 3);
}

#[test]
fn without_helm_a_chart_is_a_gap_and_every_rule_runs_on_the_rest() {
    let place = Place::with_tree("no-helm", "charts");
    let (document, status) = place.analyze(&[]);
    assert_eq!(status, 3);
    assert_eq!(all(&document, "gaps", "resource"), ["chart ./blue", "chart ./green"]);
    assert_eq!(all(&document, "gaps", "hint")[0], "render it: helm template blue ./blue | kubectl mtls analyze -f -");
    assert_eq!(document["notRun"], serde_json::json!([]));
    let skipped = document["source"]["read"]["notEntered"].clone();
    assert_eq!(skipped, serde_json::json!([{"path": "./shared", "reason": "unreferenced"}]));
    fs::write(
        place.tree().join("blue/Chart.yaml"),
        "apiVersion: v2\nname: blue\ndependencies:\n- {name: redis, repository: \"https://example.invalid\"}\n",
    )
    .unwrap();
    let (document, _) = place.analyze(&[]);
    assert!(all(&document, "gaps", "reason")[0].starts_with("its dependency redis is not in its folder charts"), "{document}");
}

#[test]
fn the_configuration_names_meshes() {
    let place = Place::with_tree("configured", "configured");
    let (document, _) = place.analyze(&[]);
    assert_eq!(all(&document, "meshes", "name"), ["blue", "green"]);
    assert_eq!(
        document["meshes"][0]["path"],
        serde_json::json!(["./shared", "./blue"]).as_array().map(|_| serde_json::json!(["shared", "blue"])).unwrap()
    );
    assert!(!all(&document, "findings", "rule").contains(&"MTLS004".to_owned()), "{document}");
    assert_eq!(document["source"]["read"]["notEntered"], serde_json::json!([{"path": "./other/mesh.yaml", "reason": "outside-meshes"}]));
    fs::write(place.tree().join(".kubectl-mtls.yaml"), "meshes:\n  blue: [nowhere]\n").unwrap();
    let output = place.mtls(&place.tree(), &["analyze", "-R", "-f", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(".kubectl-mtls.yaml:2: meshes.blue.0: cannot read `nowhere`"), "{}", stderr(&output));
}

/// A JavaScript project with manifests, as a repository of git in which one ignored file is tracked.
fn mixed(name: &str, has_git: bool) -> Place {
    let place = Place::with_tree(name, "mixed");
    let git = program("git").unwrap();
    fs::write(place.tree().join(".gitignore"), "generated/\n").unwrap();
    for args in [&["init", "-q"][..], &["add", "."], &["add", "-f", "generated/tracked.yaml"]] {
        let done = Command::new(&git).args(args).current_dir(place.tree()).env("HOME", &place.0).status().unwrap();
        assert!(done.success());
    }
    if has_git {
        place.link(&git);
    }
    place
}

fn policies(place: &Place, args: &[&str]) -> Vec<String> {
    let output = place.mtls(&place.tree(), &[&["policies", "-R", "-f", ".", "-o", "json"], args].concat());
    all(&json(&output), "policies", "name")
}

#[test]
fn other_files_are_counted_and_ignored_ones_are_read_if_git_tracks_them() {
    let place = mixed("mixed", true);
    let output = place.mtls(&place.tree(), &["policies", "-R", "-f", ".", "-o", "json"]);
    let document = json(&output);
    assert_eq!((output.status.code(), &document["complete"]), (Some(0), &Value::Bool(true)), "{document}");
    assert_eq!(all(&document, "policies", "name"), ["default", "tracked"]);
    let read = &document["source"]["read"];
    assert_eq!(read["notObjects"], 4);
    let expected = serde_json::json!([
        {"path": "./.git", "reason": "hidden"},
        {"path": "./.github", "reason": "hidden"},
        {"path": "./generated/untracked.yaml", "reason": "ignored"},
        {"path": "./vendor", "reason": "dependencies"},
    ]);
    assert_eq!(read["notEntered"], expected);
    for words in ["not entered, because they are hidden", "./generated/untracked.yaml", "no Kubernetes objects: 4 documents"] {
        assert!(stderr(&output).contains(words), "{words}: {}", stderr(&output));
    }
    assert_eq!(policies(&place, &["--no-ignore"]), ["default", "tracked", "untracked", "vendored"]);
    // A folder that is named itself is meant.
    fs::create_dir(place.tree().join("out")).unwrap();
    fs::write(place.tree().join(".gitignore"), "generated/\nout/\n").unwrap();
    fs::copy(place.tree().join("generated/untracked.yaml"), place.tree().join("out/untracked.yaml")).unwrap();
    let named = place.mtls(&place.tree(), &["policies", "-R", "-f", "out", "-o", "json"]);
    assert_eq!(all(&json(&named), "policies", "name"), ["untracked"]);
    fs::remove_dir_all(place.tree().join("out")).unwrap();
    assert_eq!(policies(&place, &["--exclude", "generated"]), ["default"]);
}

#[test]
fn without_git_nothing_is_ignored() {
    assert_eq!(policies(&mixed("no-git", false), &[]), ["default", "tracked", "untracked"]);
}

#[test]
fn git_runs_nothing_that_the_repository_configures() {
    let place = mixed("hooks", true);
    let marker = place.0.join("started");
    place.script("hook", &format!("echo > '{}'\n", marker.display()));
    let hook = place.0.join("bin/hook");
    let mut config = fs::OpenOptions::new().append(true).open(place.tree().join(".git/config")).unwrap();
    writeln!(config, "[core]\n\tfsmonitor = {0}\n\thooksPath = {0}\n[alias]\n\tls-files = !{0}", hook.display()).unwrap();
    assert_eq!(policies(&place, &[]), ["default", "tracked"]);
    assert!(!marker.exists());
}

#[test]
fn what_lost_its_head_is_a_gap_and_so_is_a_file_that_is_named_itself() {
    let place = Place::new("heads");
    let tree = place.tree();
    fs::create_dir_all(&tree).unwrap();
    fs::write(tree.join("namespace.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n").unwrap();
    for (text, in_folder, named) in [
        ("a: 1\n", 0, 1),
        ("- a: 1\n", 0, 1),
        ("text\n", 0, 1),
        ("apiVersion: 1\nproviders: []\n", 0, 1),
        ("items: [{a: 1}]\n", 0, 1),
        ("apiVersion: v1\nmetadata: {name: a}\n", 1, 1),
        ("kind: Anything\nmetadata: {name: a}\n", 1, 1),
        ("metadata: {name: a}\nspec: {}\n", 1, 1),
        ("items: [{apiVersion: v1, kind: Service}]\n", 1, 1),
        ("- {apiVersion: v1, kind: Service, metadata: {name: a}}\n", 1, 1),
        ("a: [\n", 1, 1),
    ] {
        fs::write(tree.join("other.yaml"), text).unwrap();
        let count = |path: &str| {
            all(&json(&place.mtls(&tree, &["analyze", "-f", path, "-f", "namespace.yaml", "-o", "json"])), "gaps", "reason").len()
        };
        assert_eq!((count("."), count("other.yaml")), (in_folder, named), "{text}");
    }
}

#[test]
fn what_does_not_exist_is_invalid_usage() {
    let place = Place::with_tree("missing", "plain");
    let tree = place.tree();
    fs::write(tree.join("broken.txt"), "{").unwrap();
    fs::write(tree.join("broken-config.txt"), "unknown: 1\n").unwrap();
    for (args, words) in [
        (&["-f", "nowhere"][..], "cannot read nowhere"),
        (&["-k", "nowhere"], "cannot read nowhere"),
        (&["-k", "apps"], "apps contains no kustomization.yaml"),
        (&["-f", ".", "--baseline", "nowhere.json"], "cannot read the baseline nowhere.json"),
        (&["-f", ".", "--baseline", "broken.txt"], "cannot read the baseline broken.txt"),
        (&["-f", ".", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (&["-f", ".", "--config", "broken-config.txt"], "broken-config.txt"),
        (&["-f", ".", "--helm-values", "nowhere.yaml"], "cannot read the values nowhere.yaml"),
        (&["-f", ".", "--exclude", "a["], "invalid pattern `a[`"),
        (&["-f", ".", "--mesh", "prod"], "unknown mesh `prod`"),
    ] {
        let output = place.mtls(&tree, &[&["analyze"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn excluded_files_are_counted_with_the_patterns() {
    let place = Place::with_tree("exclude", "plain");
    for pattern in ["apps", "apps/**", "**/web.yaml", "apps/web.yaml"] {
        let output = place.mtls(&place.tree(), &["analyze", "-R", "-f", ".", "--exclude", pattern, "-o", "json"]);
        let read = json(&output)["source"]["read"].clone();
        assert_eq!((&read["excluded"], &read["exclude"]), (&1.into(), &serde_json::json!([pattern])), "{read}");
        assert!(stderr(&output).contains(&format!("excluded by --exclude: 1 file ({pattern})")), "{}", stderr(&output));
    }
}

#[test]
fn standard_input_can_have_a_name() {
    let place = Place::new("stdin");
    let rule = fs::read_to_string(Path::new(TREES).join("overlays/components/plaintext/rule.yaml")).unwrap();
    let all = rule
        + "---\n"
        + &fs::read_to_string(Path::new(TREES).join("plain/apps/web.yaml")).unwrap()
        + "---\n"
        + &fs::read_to_string(Path::new(TREES).join("plain/mesh.yaml")).unwrap();
    let output = place.mtls_with_input(&place.0, &["analyze", "-f", "-", "--stdin-name", "charts/shop", "-o", "json"], &all);
    assert_eq!(json(&output)["findings"][0]["location"]["file"], "charts/shop");
}

/// Trees with the programs that build them; those whose builder is missing are left out.
fn trees(name: &str) -> Vec<(&'static str, Place)> {
    let (kubectl, helm) = (kubectl("trees of kustomizations"), helm("trees of charts"));
    let trees = ["plain", "one-mesh", "overlays", "pairs", "charts", "configured", "mixed"];
    let all = trees.into_iter().map(|tree| (tree, Place::with_tree(&format!("{name}-{tree}"), tree)));
    let with_programs = |(tree, place): (&'static str, Place)| {
        let builder = match tree {
            "one-mesh" | "overlays" | "pairs" => Some(kubectl.as_deref()),
            "charts" => Some(helm.as_deref()),
            _ => None,
        };
        builder.into_iter().flatten().for_each(|program| place.link(program));
        (builder != Some(None)).then_some((tree, place))
    };
    all.filter_map(with_programs).collect()
}

/// A rule with the host of the workload of a tree, which every mesh of it then contains.
fn add_plaintext_rule(place: &Place, folder: &str) {
    let rule = Path::new(TREES).join("overlays/components/plaintext/rule.yaml");
    let _ = fs::copy(rule, place.tree().join(folder).join("plaintext.yaml")).unwrap();
}

/// A row without the name of its mesh.
fn without_name(mut row: Value) -> Value {
    if let Some(fields) = row.as_object_mut() {
        fields.remove("meshName");
    }
    row
}

#[test]
fn rows_and_findings_of_a_mesh_are_those_of_the_mesh_that_is_selected() {
    let lists: [(&[&str], &[&str]); 4] = [
        (&["analyze"], &["findings"]),
        (&["audit", "--by", "port"], &["findings", "namespaces", "workloads"]),
        (&["policies"], &["policies"]),
        (&["sidecars", "--all"], &["namespaces", "workloads"]),
    ];
    let mut compared = 0;
    for (tree, place) in trees("selected") {
        for (command, lists) in lists {
            let run = |args: &[&str]| json(&place.mtls(&place.tree(), &[command, &["-R", "-f", ".", "-o", "json"], args].concat()));
            let whole = run(&[]);
            for mesh in whole["meshes"].as_array().into_iter().flatten() {
                let name = mesh["name"].as_str().unwrap();
                let alone = run(&["--mesh", name]);
                assert_eq!((&alone["mesh"], alone.get("meshes")), (&mesh["mesh"], None), "{tree} {name} {command:?}");
                for list in lists {
                    let rows = whole[list].as_array().unwrap().iter().filter(|row| row["meshName"] == name).cloned();
                    let rows: Vec<Value> = rows.map(without_name).collect();
                    assert_eq!(&rows, alone[list].as_array().unwrap(), "{tree} {name} {command:?} {list}");
                    compared += rows.len();
                }
            }
        }
    }
    assert!(compared > 0);
}

#[test]
fn one_run_writes_every_format_of_every_tree_as_others_read_it() {
    let validator = crate::schema::sarif_validator();
    for (tree, place) in trees("formats") {
        // The root of a repository, to which locations are relative.
        fs::create_dir(place.tree().join(".git")).unwrap();
        if matches!(tree, "plain" | "one-mesh" | "configured") {
            add_plaintext_rule(&place, if tree == "configured" { "shared" } else { "." });
        }
        let outputs = ["json", "yaml", "sarif", "junit", "markdown", "github", "policyreport"];
        let outputs: Vec<String> = outputs.iter().map(|format| format!("{format}=../{format}.out")).collect();
        let args: Vec<&str> =
            ["analyze", "-R", "-f", ".", "-o", "table"].into_iter().chain(outputs.iter().flat_map(|output| ["-o", output])).collect();
        let output = place.mtls(&place.tree(), &args);
        let text = |format: &str| fs::read_to_string(place.0.join(format!("{format}.out"))).unwrap();
        let document: Value = serde_json::from_str(&text("json")).unwrap();
        let findings = document["findings"].as_array().unwrap();
        let errors = findings.iter().filter(|one| one["severity"] == "error").count();
        assert_eq!(output.status.code(), Some(i32::from(errors > 0)), "{tree}: {}", stderr(&output));
        let meshes = all(&document, "meshes", "name");

        let sarif: Value = serde_json::from_str(&text("sarif")).unwrap();
        assert!(validator.is_valid(&sarif), "{tree}: {sarif}");
        let key = |one: &Value| (one["rule"].to_string(), one["message"].to_string(), one["location"].to_string());
        let places: std::collections::BTreeSet<_> = findings.iter().map(key).collect();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), places.len(), "{tree}");
        for result in results {
            let file = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or_default();
            assert!(place.tree().join(file).is_file(), "{tree}: {file}");
        }
        let read = junit_parser::from_reader(text("junit").as_bytes()).unwrap();
        let cases = || read.suites.iter().flat_map(|suite| &suite.cases);
        assert_eq!(cases().filter(|case| case.status.is_failure()).count(), errors, "{tree}");
        let names: Vec<_> = cases().map(|case| (&case.classname, &case.name)).collect();
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len(), "{tree}: {names:?}");
        let commands = text("github").lines().filter(|line| line.starts_with("::error ") || line.starts_with("::warning ")).count();
        let shown = findings.iter().filter(|one| one["severity"] != "info").map(key).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(commands, shown.len(), "{tree}: {}", text("github"));
        let page = text("markdown");
        for mesh in &meshes {
            assert!(page.contains(&format!("## mTLS analyze: {}", mesh.replace('_', "\\_"))), "{tree} {mesh}: {page}");
        }
        assert!(page.len() <= 65_536 && page.matches("<details>").count() == page.matches("</details>").count());
        for finding in findings {
            assert!(page.contains(finding["rule"].as_str().unwrap()), "{tree}: {page}");
        }
    }
}

#[test]
fn a_finding_of_every_mesh_is_one_annotation() {
    let place = Place::with_tree("annotated", "configured");
    add_plaintext_rule(&place, "shared");
    let run = |format: &str| {
        let output = place.mtls(&place.tree(), &["analyze", "-R", "-f", ".", "-o", format]);
        String::from_utf8(output.stdout).unwrap()
    };
    let document: Value = serde_json::from_str(&run("json")).unwrap();
    let errors = document["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
    assert_eq!(errors.map(|one| one["meshName"].as_str().unwrap()).collect::<Vec<_>>(), ["blue", "green"], "{document}");
    let annotations = run("github");
    assert_eq!(annotations.matches("::error ").count(), 1, "{annotations}");
    assert!(annotations.contains("(in every mesh)"), "{annotations}");
}

/// Settings of a continuous integration system, whose file has a hidden name and no object.
#[test]
fn settings_in_a_hidden_file_are_no_gap() {
    let place = Place::with_tree("hidden", "plain");
    fs::write(place.tree().join(".drone.yml"), "kind: pipeline\nname: test\n").unwrap();
    assert_eq!(place.analyze(&[]).1, 0);
    fs::write(place.tree().join(".policy.yaml"), fs::read_to_string(place.tree().join("mesh.yaml")).unwrap().replace("STRICT", "DISABLE"))
        .unwrap();
    let (document, _) = place.analyze(&[]);
    assert!(all(&document, "findings", "rule").contains(&"MTLS004".to_owned()), "{document}");
}

/// A Service without a namespace may be the one that a route names: it is applied to whatever namespace `kubectl -n` has.
#[test]
fn a_service_without_a_namespace_may_be_the_one_that_is_called() {
    let place = Place::with_tree("unplaced", "plain");
    let route = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}\nspec:\n  \
                 hosts: [cart]\n  http:\n  - route:\n    - destination: {host: cart.shop.svc.cluster.local}\n";
    fs::write(place.tree().join("route.yaml"), route).unwrap();
    let rules = |place: &Place| all(&place.analyze(&[]).0, "findings", "rule");
    assert!(rules(&place).contains(&"MTLS222".to_owned()));
    fs::write(place.tree().join("cart.yaml"), "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: 80}]}\n")
        .unwrap();
    assert!(!rules(&place).contains(&"MTLS222".to_owned()));
}
