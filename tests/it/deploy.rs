//! What is shipped beside the program: the action, the hook, the nightly job, and the recipes, run as they are written.

use std::{
    collections::BTreeSet,
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
fn every_input_of_the_action_reaches_a_script_as_a_variable_and_no_other_way() {
    let [action] = &yaml("deploy/action/action.yml")[..] else { panic!() };
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| !step["run"].as_str().unwrap().contains("${{")), "an input in a script is a script");
    let mut inputs = BTreeSet::new();
    for step in steps {
        let name = step["run"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches('"');
        let script = fs::read_to_string(Path::new("deploy/action").join(name)).unwrap();
        for (variable, value) in step["env"].as_object().unwrap() {
            assert!(script.contains(variable), "{name} does not use {variable}");
            let Some(input) = value.as_str().unwrap().strip_prefix("${{ inputs.") else {
                assert_eq!((variable.as_str(), value.as_str()), ("MTLS_ACTION_REF", Some("${{ github.action_ref }}")));
                continue;
            };
            let input = input.strip_suffix(" }}").unwrap();
            assert_eq!(*variable, format!("MTLS_{}", input.to_uppercase().replace('-', "_")));
            assert!(inputs.insert(input), "{input} is used twice");
        }
    }
    let declared = action["inputs"].as_object().unwrap();
    assert_eq!(inputs, declared.keys().map(String::as_str).collect());
    for (name, input) in declared {
        assert!(input["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
    }
}

/// An executable script on the path of a workplace.
fn program(folder: &Path, name: &str, text: &str) {
    let path = folder.join("bin").join(name);
    let _ = fs::remove_file(&path);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// A workplace without `kubectl-mtls`, for which `curl` finds the files below `releases`, and `cargo` writes what it is asked.
fn bare_workplace(name: &str) -> PathBuf {
    let folder = workplace(name);
    fs::remove_file(folder.join("bin/kubectl-mtls")).unwrap();
    fs::create_dir_all(folder.join("releases")).unwrap();
    let here = folder.display();
    program(&folder, "cargo", &format!("echo \"$@\" > {here}/cargo.txt"));
    program(&folder, "uname", "case $1 in -s) echo Linux;; -m) echo x86_64;; esac");
    let curl = r"while [ $# -gt 0 ]; do case $1 in --output) to=$2; shift;; https://*) from=$1;; esac; shift; done
case $from in https://github.com/kubectl-mtls/kubectl-mtls/releases/download/*) ;; *) exit 9;; esac";
    program(
        &folder,
        "curl",
        &format!("{curl}\necho \"$from\" >> {here}/curl.txt\ncp \"{here}/releases/${{from##*/}}\" \"$to\" 2>/dev/null || exit 22"),
    );
    folder
}

/// Puts a release beside: an archive whose program prints its version, and the checksums; returns that of the archive.
fn release(folder: &Path, version: &str) -> String {
    let releases = folder.join("releases");
    program(folder, "packed", &format!("echo kubectl-mtls {version}"));
    fs::rename(folder.join("bin/packed"), releases.join("kubectl-mtls")).unwrap();
    let archive = format!("kubectl-mtls-{version}-linux-amd64.tar.gz");
    assert!(Command::new("tar").args(["-czf", &archive, "kubectl-mtls"]).current_dir(&releases).status().unwrap().success());
    let output = Command::new("sha256sum").arg(&archive).current_dir(&releases).output().unwrap();
    let sums = String::from_utf8(output.stdout).unwrap();
    fs::write(releases.join("SHA256SUMS"), &sums).unwrap();
    sums.split(' ').next().unwrap().to_owned()
}

fn install(folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let script = fs::canonicalize("deploy/action/install.sh").unwrap();
    let (path, here) = (folder.join("github-path"), folder.display().to_string());
    let files = [("GITHUB_PATH", path.to_str().unwrap()), ("RUNNER_TEMP", here.as_str())];
    let _ = [path.clone(), folder.join("cargo.txt"), folder.join("curl.txt")].map(fs::remove_file);
    let output = bash(folder, &[script.to_str().unwrap()], &[&files, variables].concat());
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

/// The folder that the following steps have on their path.
fn installed(folder: &Path) -> Option<PathBuf> {
    Some(PathBuf::from(fs::read_to_string(folder.join("github-path")).ok()?.trim_end()))
}

#[test]
fn the_action_installs_the_release_of_its_ref_and_compares_its_checksum() {
    let folder = bare_workplace("released");
    let checksum = release(&folder, "v0.1.0");
    for variables in
        [&[("MTLS_ACTION_REF", "v0.1.0")][..], &[("MTLS_VERSION", "v0.1.0")], &[("MTLS_VERSION", "v0.1.0"), ("MTLS_SHA256", &checksum)]]
    {
        let (status, text) = install(&folder, variables);
        assert_eq!(status, Some(0), "{variables:?}: {text}");
        let program = installed(&folder).unwrap().join("kubectl-mtls");
        assert_eq!(String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap(), "kubectl-mtls v0.1.0\n");
        assert!(!folder.join("cargo.txt").exists());
    }
}

#[test]
fn a_checksum_that_differs_or_is_missing_ends_the_action_and_nothing_is_built() {
    let folder = bare_workplace("checksum");
    release(&folder, "v0.1.0");
    let of_ref = ("MTLS_ACTION_REF", "v0.1.0");
    let zeros = "0".repeat(64);
    let assert_ended = |variables: &[(&str, &str)], expected: &str| {
        let (status, text) = install(&folder, variables);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains("::error title=kubectl-mtls::") && text.contains(expected), "{text}");
        assert_eq!((installed(&folder), folder.join("cargo.txt").exists()), (None, false));
    };
    assert_ended(&[of_ref, ("MTLS_SHA256", &zeros)], "and 000000");
    fs::write(folder.join("releases/SHA256SUMS"), format!("{zeros}  kubectl-mtls-v0.1.0-linux-amd64.tar.gz\n")).unwrap();
    assert_ended(&[of_ref], "the checksum of kubectl-mtls-v0.1.0-linux-amd64.tar.gz is");
    fs::write(folder.join("releases/SHA256SUMS"), format!("{zeros}  another.tar.gz\n")).unwrap();
    assert_ended(&[of_ref], "does not list it");
    fs::remove_file(folder.join("releases/SHA256SUMS")).unwrap();
    assert_ended(&[of_ref], "has no SHA256SUMS");
}

#[test]
fn the_action_builds_only_what_was_not_released() {
    let folder = bare_workplace("built");
    let root = fs::canonicalize(".").unwrap();
    for reference in ["main", "0a1b2c3d", "v0.1", "", "v0.2.0"] {
        let (status, text) = install(&folder, &[("MTLS_ACTION_REF", reference)]);
        assert_eq!(status, Some(0), "{reference}: {text}");
        let line = fs::read_to_string(folder.join("cargo.txt")).unwrap();
        let path = line.trim_end().strip_prefix("install --locked --path ").unwrap();
        assert_eq!(fs::canonicalize(path).unwrap(), root, "{line}");
        // What is no version is no address.
        assert_eq!(folder.join("curl.txt").exists(), reference == "v0.2.0", "{reference}");
    }
    for (version, expected) in
        [("v9.9.9", "there is no binary of v9.9.9"), ("latest", "invalid version"), ("v1.0.0/../../x", "invalid version")]
    {
        let (status, text) = install(&folder, &[("MTLS_VERSION", version)]);
        assert!(status == Some(1) && text.contains(expected) && !folder.join("cargo.txt").exists(), "{version}: {text}");
    }
    // A program that does not run, such as one for a newer libc, is not used.
    release(&folder, "v0.1.0");
    program(&folder, "tar", "for last; do :; done; printf '#!/bin/sh\\nexit 1\\n' > \"$4/$last\"; chmod +x \"$4/$last\"");
    let (status, text) = install(&folder, &[("MTLS_ACTION_REF", "v0.1.0")]);
    assert!(status == Some(0) && folder.join("cargo.txt").exists() && installed(&folder).is_none(), "{text}");
}

#[test]
fn each_runner_gets_the_archive_that_the_release_has_for_it() {
    let folder = bare_workplace("runners");
    let [manifest] = &yaml("deploy/krew/mtls.yaml")[..] else { panic!() };
    for platform in manifest["spec"]["platforms"].as_array().unwrap() {
        let labels = &platform["selector"]["matchLabels"];
        let system = match labels["os"].as_str().unwrap() {
            "linux" => "Linux",
            "darwin" => "Darwin",
            _ => "MINGW64_NT-10.0-26100",
        };
        let machines: &[&str] = if labels["arch"] == "amd64" { &["x86_64", "amd64"] } else { &["aarch64", "arm64"] };
        for machine in machines {
            program(&folder, "uname", &format!("case $1 in -s) echo {system};; -m) echo {machine};; esac"));
            assert_eq!(install(&folder, &[("MTLS_ACTION_REF", manifest["spec"]["version"].as_str().unwrap())]).0, Some(0));
            let asked = fs::read_to_string(folder.join("curl.txt")).unwrap();
            assert_eq!(asked.trim_end(), platform["uri"].as_str().unwrap());
        }
    }
    program(&folder, "uname", "echo Plan9");
    assert_eq!(install(&folder, &[("MTLS_ACTION_REF", "v0.1.0")]).0, Some(0));
    assert!(!folder.join("curl.txt").exists() && folder.join("cargo.txt").exists());
}

#[test]
fn what_is_on_the_path_is_used_unless_a_version_is_asked_for() {
    let folder = bare_workplace("present");
    program(&folder, "kubectl-mtls", "echo present");
    let (status, text) = install(&folder, &[("MTLS_ACTION_REF", "v0.1.0")]);
    assert!(status == Some(0) && !folder.join("curl.txt").exists() && !folder.join("cargo.txt").exists(), "{text}");
    release(&folder, "v0.1.0");
    assert_eq!(install(&folder, &[("MTLS_VERSION", "v0.1.0")]).0, Some(0));
    assert!(installed(&folder).is_some());
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
    // The summary is appended to what is there.
    assert_eq!(fs::read_to_string(folder.join("summary.md")).unwrap().matches("## mTLS analyze").count(), 3);
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
    for written in ["mtls.md", "mtls.sarif", "mtls.xml", "mtls-baseline.json", "applied.yaml", "migration.md"] {
        assert!(!fs::read_to_string(folder.join(written)).unwrap().is_empty(), "{written}");
    }
    assert!(fs::read_dir(folder.join("waves")).unwrap().count() > 0);
}

#[test]
fn the_hook_judges_everything_together() {
    let [hooks] = &yaml(".pre-commit-hooks.yaml")[..] else { panic!() };
    let kinds: Vec<_> =
        hooks.as_array().unwrap().iter().map(|hook| (hook["id"].as_str().unwrap(), hook["language"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("kubectl-mtls", "rust"), ("kubectl-mtls-system", "system")]);
    let folder = workplace("hook");
    for hook in hooks.as_array().unwrap() {
        assert_eq!(hook["pass_filenames"], false);
        let arguments: Vec<&str> = hook["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        let line = format!("{} {}", hook["entry"].as_str().unwrap(), arguments.join(" "));
        assert_eq!(bash(&folder, &["-c", &line], &[]).status.code(), Some(1));
    }
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
    let (analyze, apply) = (&job["initContainers"][0], &job["containers"][0]);
    for container in [analyze, apply] {
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
        assert_eq!(container["volumeMounts"][0]["mountPath"], "/reports");
    }
    // The image has no shell, and is the one of the recipe.
    assert!(analyze.get("command").is_none());
    let image = dockerfile();
    assert_eq!(image.user, format!("{0}:{0}", job["securityContext"]["runAsUser"]));
    assert!(image.text.contains(&format!("--tag {} .", analyze["image"].as_str().unwrap())));
    // The command is one that the program takes, on whatever mesh, and writes what kubectl reads.
    let folder = workplace("cron");
    fs::create_dir_all(folder.join("reports")).unwrap();
    let words = |list: &Value| list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let line = words(&analyze["args"]).join(" ").replace("/reports/", "./reports/");
    let output = bash(&folder, &["-c", &format!("kubectl-mtls {line} -R -f manifests")], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let command = words(&apply["command"]);
    assert!(command.contains(&"--filename=/reports/reports.yaml".to_owned()), "{command:?}");
    let written = fs::read_to_string(folder.join("reports/reports.yaml")).unwrap();
    assert!(written.contains("kind: PolicyReport\n") && written.contains("kind: ClusterPolicyReport\n"), "{written}");
}

/// The instructions of the image, which cannot be built here.
struct Dockerfile {
    text: String,
    user: String,
}

fn dockerfile() -> Dockerfile {
    let text = fs::read_to_string("deploy/Dockerfile").unwrap();
    let user = text.lines().find_map(|line| line.strip_prefix("USER ")).unwrap().to_owned();
    Dockerfile { text, user }
}

#[test]
fn the_image_has_one_static_program_and_no_shell() {
    let Dockerfile { text, user } = dockerfile();
    let instructions: Vec<(&str, &str)> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split_once(' ').unwrap()).collect();
    let bases: Vec<&str> = instructions.iter().filter(|(name, _)| *name == "FROM").map(|(_, rest)| *rest).collect();
    assert_eq!(bases, [&format!("docker.io/library/rust:{}-alpine AS build", env!("CARGO_PKG_RUST_VERSION")), "scratch"]);
    let last = instructions.iter().rposition(|(name, _)| *name == "FROM").unwrap();
    let in_image = &instructions[last..];
    assert!(in_image.iter().all(|(name, _)| ["FROM", "COPY", "USER", "ENTRYPOINT"].contains(name)), "{in_image:?}");
    let copied: Vec<&str> = in_image.iter().filter(|(name, _)| *name == "COPY").map(|(_, rest)| rest.rsplit(' ').next().unwrap()).collect();
    assert_eq!(copied, ["/etc/ssl/certs/ca-certificates.crt", "/kubectl-mtls"]);
    assert!(in_image.contains(&("ENTRYPOINT", "[\"/kubectl-mtls\"]")));
    assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id >= 1000)), "{user}: Kubernetes compares numbers");
    let build = instructions.iter().find(|(name, rest)| *name == "RUN" && rest.contains("cargo build")).unwrap().1;
    for word in ["--locked", "--release", "+crt-static"] {
        assert!(build.contains(word), "{build}");
    }
}

/// What is not sent to the builder: everything but what the build reads.
#[test]
fn the_build_of_the_image_gets_what_cargo_needs_and_no_more() {
    let text = fs::read_to_string("deploy/Dockerfile.dockerignore").unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let sent: BTreeSet<&str> = lines.iter().filter_map(|line| line.strip_prefix('!')).collect();
    assert_eq!((lines[0], lines.len()), ("*", sent.len() + 1));
    assert!(sent.iter().all(|path| Path::new(path).exists()));
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    assert_eq!(sent.contains("benches"), manifest.contains("[[bench]]"));
    for needed in ["Cargo.lock", "Cargo.toml", "src"] {
        assert!(sent.contains(needed), "{needed}");
    }
    // Files outside of `src` that are built in.
    let sources = Command::new("grep").args(["-rhoE", "include_(str|bytes)!\\(\"(\\.\\./)+[^\"]+\"", "src"]).output().unwrap();
    for line in String::from_utf8(sources.stdout).unwrap().lines() {
        let path = line.split('"').nth(1).unwrap().trim_start_matches("../");
        assert!(sent.contains(path.split('/').next().unwrap()) || Path::new("src").join(path).exists(), "{line}");
    }
}

#[test]
fn the_scripts_are_clean_to_shellcheck() {
    let scripts = [
        "deploy/action/run.sh",
        "deploy/action/install.sh",
        "deploy/krew/check.sh",
        "deploy/krew/pack.sh",
        "deploy/krew/fill.sh",
        ".ci/run",
    ];
    let Ok(output) = Command::new("shellcheck").args(scripts).output() else {
        assert!(std::env::var_os("REQUIRE_SHELLCHECK").is_none(), "REQUIRE_SHELLCHECK is set, and there is no shellcheck");
        writeln!(std::io::stderr().lock(), "shellcheck is not there: the scripts were not tried").unwrap();
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
