//! What is shipped beside the program: the action, the hook, the nightly job, and the recipes, run as they are written.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

fn yaml(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.split("\n---\n").map(|one| serde_saphyr::from_str(one).unwrap_or_else(|error| panic!("{path}: {error}"))).collect()
}

/// A folder with `kubectl-mtls`, `kubectl`, `helm` and `kustomize` on its path, and manifests beside.
fn workplace(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploy").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("bin")).unwrap();
    // Nothing above it is the project's configuration.
    fs::create_dir_all(folder.join(".git")).unwrap();
    symlink(snapbox::cmd::cargo_bin!("kubectl-mtls"), folder.join("bin/kubectl-mtls")).unwrap();
    let scripts = [
        ("kubectl", "#!/bin/sh\nif [ \"$1\" = mtls ]; then shift; exec kubectl-mtls \"$@\"; fi\ncat > applied.yaml\n"),
        ("helm", "#!/bin/sh\ncat manifests/*.yaml\n"),
        ("kustomize", "#!/bin/sh\ncat manifests/*.yaml\n"),
    ];
    for (name, text) in scripts {
        let path = folder.join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    for (from, to) in [("testdata/meshes/bookinfo", "manifests"), ("testdata/meshes/bookinfo", "deployed")] {
        fs::create_dir_all(folder.join(to)).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            // Each file ends its last document, so that they can be put one after the other.
            let text = fs::read_to_string(entry.path()).unwrap() + "\n---\n";
            fs::write(folder.join(to).join(entry.file_name()), text).unwrap();
        }
    }
    folder
}

fn bash(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(arguments).current_dir(folder).env_remove("KUBECONFIG").env("PATH", path);
    command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md")).env("GITHUB_OUTPUT", folder.join("output"));
    command.envs(variables.iter().copied()).output().unwrap()
}

fn run(folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let script = fs::canonicalize("deploy/action/run.sh").unwrap();
    let output = bash(folder, &[script.to_str().unwrap()], variables);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_input_of_the_action_reaches_the_script_as_a_variable_and_no_other_way() {
    let [action] = &yaml("deploy/action/action.yml")[..] else { panic!() };
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| !step["run"].as_str().unwrap().contains("${{")), "an input in a script is a script");
    let script = fs::read_to_string("deploy/action/run.sh").unwrap();
    let environment = steps.iter().find_map(|step| step["env"].as_object()).unwrap();
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
        let variable = format!("MTLS_{}", name.to_uppercase().replace('-', "_"));
        assert_eq!(environment[&variable], format!("${{{{ inputs.{name} }}}}"), "{name}");
        assert!(script.contains(&variable), "{variable}");
    }
    assert_eq!(environment.len(), action["inputs"].as_object().unwrap().len());
}

#[test]
fn the_action_annotates_summarises_and_ends_as_the_program_does() {
    let folder = workplace("action");
    let (status, text) = run(&folder, &[("MTLS_PATH", "manifests"), ("MTLS_SARIF", "out.sarif")]);
    assert_eq!(status, Some(1));
    assert!(text.contains("::error file=manifests/"), "{text}");
    let sarif: Value = serde_json::from_str(&fs::read_to_string(folder.join("out.sarif")).unwrap()).unwrap();
    assert!(!sarif["runs"][0]["results"].as_array().unwrap().is_empty());
    assert!(fs::read_to_string(folder.join("summary.md")).unwrap().starts_with("## mTLS analyze"));
    assert_eq!(fs::read_to_string(folder.join("output")).unwrap(), "status=1\n");
    assert_eq!(run(&folder, &[("MTLS_PATH", "manifests"), ("MTLS_FAIL_ON", "never")]).0, Some(0));
    assert_eq!(run(&folder, &[("MTLS_PATH", "manifests"), ("MTLS_FAIL_ON", "sometimes")]).0, Some(2));
    assert_eq!(run(&folder, &[("MTLS_PATH", "manifests\n\ndeployed"), ("MTLS_SELECT", "MTLS4")]).0, Some(0));
    assert_eq!(run(&folder, &[("MTLS_PATH", "absent")]).0, Some(2));
}

#[test]
fn no_input_of_the_action_is_ever_run() {
    let folder = workplace("hostile");
    for evil in ["$(touch owned)", "`touch owned`", "; touch owned", "a b --allow-gaps", "--help", "-o json", "\"; touch owned; \""] {
        for variable in ["MTLS_PATH", "MTLS_SELECT", "MTLS_BASELINE", "MTLS_CONFIG", "MTLS_FAIL_ON", "MTLS_IGNORE"] {
            let (status, text) = run(&folder, &[("MTLS_PATH", "manifests"), (variable, evil)]);
            assert!(matches!(status, Some(2 | 3)), "{variable}={evil}: {status:?} {text}");
        }
    }
    assert!(!folder.join("owned").exists());
}

/// The lines of shell blocks.
fn commands(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn every_recipe_runs_as_it_is_written() {
    let folder = workplace("recipes");
    let commands = commands(&fs::read_to_string("docs/ci.md").unwrap());
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let output = bash(&folder, &["-o", "pipefail", "-c", &command], &[]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {:?} {stderr}", output.status.code());
    }
    for written in ["summary.md", "mtls.sarif", "mtls.xml", "mtls-baseline.json", "applied.yaml", "migration.md"] {
        assert!(!fs::read_to_string(folder.join(written)).unwrap().is_empty(), "{written}");
    }
    assert!(fs::read_dir(folder.join("waves")).unwrap().count() > 0);
}

#[test]
fn the_hook_judges_everything_together() {
    let [hooks] = &yaml(".pre-commit-hooks.yaml")[..] else { panic!() };
    let hook = &hooks[0];
    assert_eq!((&hook["pass_filenames"], &hook["id"]), (&Value::Bool(false), &Value::from("kubectl-mtls")));
    let folder = workplace("hook");
    let arguments: Vec<&str> = hook["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let line = format!("{} {}", hook["entry"].as_str().unwrap(), arguments.join(" "));
    assert_eq!(bash(&folder, &["-c", &line], &[]).status.code(), Some(1));
}

#[test]
fn the_cron_job_may_read_what_the_role_lets_it_and_write_reports_alone() {
    let objects = yaml("deploy/cronjob.yaml");
    let of = |kind: &'static str| objects.iter().filter(move |object| object["kind"] == kind);
    let roles: Vec<&str> = of("ClusterRoleBinding").map(|binding| binding["roleRef"]["name"].as_str().unwrap()).collect();
    assert_eq!(roles, ["kubectl-mtls", "kubectl-mtls-reports"]);
    assert_eq!(yaml("deploy/clusterrole.yaml")[0]["metadata"]["name"], "kubectl-mtls");
    let writes = of("ClusterRole").next().unwrap()["rules"].as_array().unwrap();
    assert!(writes.len() == 1 && writes[0]["apiGroups"] == serde_json::json!(["wgpolicyk8s.io"]));
    let job = &of("CronJob").next().unwrap()["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let account = of("ServiceAccount").next().unwrap();
    assert_eq!(job["serviceAccountName"], account["metadata"]["name"]);
    for binding in of("ClusterRoleBinding") {
        assert_eq!(binding["subjects"][0]["namespace"], account["metadata"]["namespace"]);
    }
    let container = &job["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    // The command is one that the program takes, on whatever mesh.
    let folder = workplace("cron");
    let line = container["args"][0]
        .as_str()
        .unwrap()
        .replace("kubectl-mtls analyze", "kubectl-mtls analyze -R -f manifests")
        .replace("/tmp/", "./");
    let output = bash(&folder, &["-c", &line], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.join("applied.yaml").exists());
}

#[test]
fn the_scripts_are_clean_to_shellcheck() {
    let scripts = ["deploy/action/run.sh", "deploy/krew/check.sh", "deploy/krew/pack.sh", "deploy/krew/fill.sh", ".ci/run"];
    let Ok(output) = Command::new("shellcheck").args(scripts).output() else {
        assert!(std::env::var_os("REQUIRE_SHELLCHECK").is_none(), "REQUIRE_SHELLCHECK is set, and there is no shellcheck");
        writeln!(std::io::stderr().lock(), "shellcheck is not there: the scripts were not tried").unwrap();
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
