//! The program as a plugin: run and completed by kubectl itself, scripted for shells, described for krew.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsString,
    io::Write as _,
    path::Path,
    process::{Command, Output},
    thread,
};

use serde_json::Value;
use snapbox::{Data, assert::Assert, cmd::cargo_bin};

use crate::api::{Api, Fault, What};

const CLEAN: &str = "testdata/meshes/clean";
const BOOKINFO: &str = "testdata/meshes/bookinfo";

/// An environment that says nothing about the terminal or a cluster.
fn quiet(mut command: Command) -> Command {
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "KUBECONFIG"] {
        command.env_remove(name);
    }
    command
}

fn mtls(args: &[&str]) -> Output {
    quiet(Command::new(cargo_bin!("kubectl-mtls"))).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The real kubectl with these arguments, on a PATH where the plugin and its completer come first.
///
/// `None` where there is no kubectl, which is said; with `REQUIRE_KUBECTL` that is a failure.
fn kubectl(args: &[&str]) -> Option<Output> {
    let completer = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let plugin = cargo_bin!("kubectl-mtls").parent().unwrap().to_owned();
    let others: OsString = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([completer, plugin].into_iter().chain(env::split_paths(&others))).unwrap();
    kubectl_is_there("how it runs the plugin").then(|| quiet(Command::new("kubectl")).args(args).env("PATH", &path).output().unwrap())
}

/// Whether kubectl can be run. Where it cannot, what is not tested is printed; with `REQUIRE_KUBECTL` that is a failure.
pub(crate) fn kubectl_is_there(untested: &str) -> bool {
    if quiet(Command::new("kubectl")).args(["version", "--client"]).output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(env::var_os("REQUIRE_KUBECTL").is_none(), "REQUIRE_KUBECTL is set, and there is no kubectl that works");
    // Written past the harness, which would keep the words of a test that passes to itself.
    let mut sink = std::io::stderr().lock();
    writeln!(sink, "kubectl is not there: {untested} was not tested").unwrap();
    false
}

/// What may stand in place of the last word, without descriptions; and what the shell is to do.
fn candidates(words: &[&str]) -> (Vec<String>, String) {
    let output = mtls(&[&["__complete", "--"], words].concat());
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {output:?}");
    parsed(&stdout(&output))
}

fn parsed(text: &str) -> (Vec<String>, String) {
    let mut lines: Vec<String> = text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    let directive = lines.pop().unwrap();
    (lines, directive)
}

fn offered(words: &[&str]) -> Vec<String> {
    candidates(words).0
}

#[test]
fn kubectl_runs_the_plugin_with_its_flags_and_status() {
    for (args, status) in [
        (&["audit", "-R", "-f", CLEAN, "-o", "json"][..], 0),
        (&["audit", "-R", "-f", BOOKINFO, "-n", "data", "--by", "port"], 1),
        (&["audit", "-R", "-f", BOOKINFO, "--fail-on", "never", "-q"], 0),
        (&["explain", "MTLS107"], 0),
        (&["audit", "-f", CLEAN, "--no-such-flag"], 2),
        (&["audit", "-f", "no/such/file.yaml"], 2),
    ] {
        let own = mtls(args);
        assert_eq!(own.status.code(), Some(status), "{args:?}");
        let Some(through) = kubectl(&[&["mtls"], args].concat()) else { return };
        assert_eq!(through.status.code(), own.status.code(), "{args:?}");
        assert_eq!(stdout(&through), stdout(&own), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn kubectl_completes_the_plugin() {
    for (words, expected) in [
        (&[""][..], &["audit", "explain", "policies", "completion"][..]),
        (&["explain", "MTLS10"], &["MTLS101", "MTLS107"]),
        (&["audit", "-o", "j"], &["json"]),
        (&["audit", "--exclude"], &["--exclude-namespace"]),
        (&["explain", "-f", BOOKINFO, "-R", "data/"], &["data/sts/mongodb"]),
    ] {
        let Some(output) = kubectl(&[&["__complete", "mtls"], words].concat()) else { return };
        let (found, directive) = parsed(&stdout(&output));
        assert!(expected.iter().all(|name| found.iter().any(|one| one == name)), "{words:?}: {output:?}");
        assert_eq!(directive, ":4", "{words:?}");
    }
    let Some(output) = kubectl(&["__complete", "mtls", "audit", "-f", ""]) else { return };
    assert_eq!(parsed(&stdout(&output)), (vec![], ":0".to_owned()));
}

#[test]
fn commands_flags_and_fixed_values_are_offered() {
    assert!(offered(&[]).contains(&"audit".to_owned()));
    assert_eq!(offered(&["au"]), ["audit"]);
    assert_eq!(offered(&["audit", ""]), Vec::<String>::new());
    assert_eq!(offered(&["completion", ""]), ["bash", "zsh", "fish", "powershell"]);
    assert_eq!(offered(&["audit", "--color=a"]), ["--color=auto", "--color=always"]);
    let flags = offered(&["audit", "-"]);
    for flag in ["--filename", "--namespace", "--output"] {
        assert!(flags.contains(&flag.to_owned()), "{flag}: {flags:?}");
    }
    for words in [&[""][..], &["-"], &["no-such-command", ""]] {
        assert!(offered(words).iter().all(|name| !name.starts_with("__")), "{words:?}");
    }
}

#[test]
fn names_of_files_are_left_to_the_shell() {
    for words in [&["audit", "-f", ""][..], &["audit", "--filename", "x"], &["audit", "--filename=x"], &["audit", "--kubeconfig", ""]] {
        assert_eq!(candidates(words), (vec![], ":0".to_owned()), "{words:?}");
    }
    assert_eq!(candidates(&["audit", "-n", ""]).1, ":4");
}

#[test]
fn rules_are_offered_by_id_as_it_was_begun_and_by_name() {
    assert!(offered(&["explain", "MTLS10"]).contains(&"MTLS105".to_owned()));
    assert!(offered(&["explain", "mtls10"]).contains(&"mtls105".to_owned()));
    assert_eq!(offered(&["explain", "permissive-w"]), ["permissive-workload"]);
    for flag in ["--select", "--ignore"] {
        assert_eq!(offered(&["audit", flag, "MTLS105,permissive-w"]), ["MTLS105,permissive-workload"]);
    }
}

#[test]
fn names_come_from_the_manifests_that_are_named() {
    let with = |words: &[&str]| offered(&[&["explain", "-R", "-f", BOOKINFO], words].concat());
    assert_eq!(with(&["-n", "b"]), ["batch", "bookinfo"]);
    assert_eq!(with(&["--exclude-namespace=d"]), ["--exclude-namespace=data"]);
    assert_eq!(with(&["data/"]), ["data/deploy/db-console", "data/sts/mongodb", "data/sts/ratings-db"]);
    assert_eq!(with(&["data/statefulset/m"]), ["data/statefulset/mongodb"]);
    assert_eq!(with(&["-n", "data", ""]), ["deploy/db-console", "sts/mongodb", "sts/ratings-db"]);
    assert_eq!(with(&["mongo"]), ["mongodb"]);
}

#[test]
fn names_come_from_the_cluster_and_its_kubeconfig() {
    let api = Api::new(BOOKINFO, &[]);
    let config = api.kubeconfig("plugin");
    let with = |words: &[&str]| offered(&[&["explain", "--kubeconfig", config.to_str().unwrap()], words].concat());
    assert_eq!(with(&["--context", ""]), ["test"]);
    assert_eq!(with(&["-n", "b"]), ["batch", "bookinfo"]);
    assert_eq!(with(&["data/"]), ["data/deploy/db-console", "data/sts/mongodb", "data/sts/ratings-db"]);
    assert_eq!(with(&["-n", "data", "sts/"]), ["sts/mongodb", "sts/ratings-db"]);
    assert!(api.requests().iter().all(|request| request.starts_with("GET ")));
}

#[test]
fn what_cannot_be_had_in_time_is_silently_not_offered() {
    let fault = |at, what| Fault { at, what, times: 1000 };
    let stalled = Api::new(CLEAN, &[fault("/statefulsets", What::Stall)]);
    let refused = Api::new(CLEAN, &[fault("/namespaces", What::Status(403, "no namespaces for you"))]);
    let (stalled, refused) = (stalled.kubeconfig("plugin-stalled"), refused.kubeconfig("plugin-refused"));
    // What came before the deadline is offered all the same.
    assert!(!offered(&["explain", "--kubeconfig", stalled.to_str().unwrap(), "shop/"]).is_empty());
    for words in [
        &["audit", "--kubeconfig", refused.to_str().unwrap(), "-n", ""][..],
        &["audit", "--kubeconfig", "no/such/config", "-n", ""],
        &["audit", "--kubeconfig", "no/such/config", "--context", ""],
        &["audit", "-f", "no/such/file.yaml", "-n", ""],
        &["audit", "-f", "-", "-n", ""],
    ] {
        assert_eq!(candidates(words), (vec![], ":4".to_owned()), "{words:?}");
    }
}

#[test]
fn a_hostile_name_is_not_offered() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-hostile.yaml");
    let pod = |name: &str| format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: \"{name}\", namespace: shop}}\n");
    std::fs::write(&file, pod("a\\nb") + &pod("a\\e[31m") + &pod("ab")).unwrap();
    assert_eq!(offered(&["explain", "-f", file.to_str().unwrap(), "shop/pod/a"]), ["shop/pod/ab"]);
}

#[test]
fn the_scripts_are_current() {
    for (shell, file) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish"), ("powershell", "ps1")] {
        let output = mtls(&["completion", shell]);
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
        assert!(!stdout(&output).contains("__complete"), "{shell}");
        let expected = Data::read_from(&Path::new("completions").join(format!("kubectl-mtls.{file}")), None).raw();
        Assert::new().action_env("SNAPSHOTS").eq(stdout(&output), expected);
    }
    let wrong = mtls(&["completion", "tcsh"]);
    assert_eq!((wrong.status.code(), stdout(&wrong)), (Some(2), String::new()));
}

/// The manifest for krew.
fn manifest() -> Value {
    let text = std::fs::read_to_string("deploy/krew/mtls.yaml").unwrap();
    // Parsing recurses deeper than a test's thread allows.
    let read = move || kubectl_mtls::source::manifest::yaml::document(&text).unwrap().root.json();
    thread::Builder::new().stack_size(kubectl_mtls::source::manifest::yaml::STACK_SIZE).spawn(read).unwrap().join().unwrap()
}

#[test]
fn the_manifest_for_krew_describes_this_version() {
    let manifest = manifest();
    assert_eq!(manifest["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2");
    assert_eq!(manifest["kind"], "Plugin");
    let name = manifest["metadata"]["name"].as_str().unwrap();
    assert_eq!(name, "mtls");
    assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    let spec = &manifest["spec"];
    let version = spec["version"].as_str().unwrap();
    assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION")));
    let core = version.strip_prefix('v').unwrap().split(['-', '+']).next().unwrap();
    let numbers: Vec<&str> = core.split('.').collect();
    assert!(numbers.len() == 3 && numbers.iter().all(|n| n.parse::<u64>().is_ok_and(|value| value.to_string() == *n)), "{version}");
    assert!(spec["homepage"].as_str().unwrap().starts_with("https://"));
    let short = spec["shortDescription"].as_str().unwrap();
    assert!((1..=50).contains(&short.chars().count()) && !short.contains('\n') && !short.ends_with('.'), "{short}");
    assert!(!short.to_lowercase().starts_with("kubectl plugin"), "{short}");
    assert!(spec["description"].as_str().unwrap().lines().all(|line| line.len() <= 80));
    assert!(spec["caveats"].as_str().unwrap().contains(&format!("/{version}/")));
}

#[test]
fn every_platform_of_krew_has_an_archive_of_its_own() {
    let manifest = manifest();
    let (mut selected, mut archives) = (BTreeSet::new(), BTreeSet::new());
    for platform in manifest["spec"]["platforms"].as_array().unwrap() {
        let selector = platform["selector"].as_object().unwrap();
        assert_eq!(selector.keys().collect::<Vec<_>>(), ["matchLabels"]);
        let labels = platform["selector"]["matchLabels"].as_object().unwrap();
        assert!(labels.keys().all(|key| key == "os" || key == "arch"), "{labels:?}");
        let (os, arch) = (labels["os"].as_str().unwrap(), labels["arch"].as_str().unwrap());
        assert!(selected.insert((os, arch)), "{os} {arch} twice");
        let uri = platform["uri"].as_str().unwrap();
        let version = manifest["spec"]["version"].as_str().unwrap();
        assert!(uri.starts_with("https://") && uri.contains(&format!("/{version}/")), "{uri}");
        assert!([".tar.gz", ".zip"].iter().any(|end| uri.ends_with(&format!("{version}-{os}-{arch}{end}"))), "{uri}");
        assert!(archives.insert(uri), "{uri} twice");
        let sum = platform["sha256"].as_str().unwrap();
        assert!(sum.len() == 64 && sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{sum}");
        let bin = platform["bin"].as_str().unwrap();
        assert_eq!(bin, if os == "windows" { "kubectl-mtls.exe" } else { "kubectl-mtls" });
        let files = platform["files"].as_array().unwrap();
        for end in files.iter().flat_map(|file| [&file["from"], &file["to"]]) {
            let path = Path::new(end.as_str().unwrap());
            assert!(path.is_relative() && path.components().count() > 0, "{end}");
            assert!(!path.components().any(|part| part == std::path::Component::ParentDir), "{end}");
        }
        // krew needs `bin` where the files say, and its index wants the licence beside it.
        for name in [bin, "LICENSE"] {
            assert!(files.iter().any(|file| file["from"] == name && file["to"] == "."), "{os} {arch}: {name}");
        }
    }
    let wanted = ["darwin", "linux", "windows"].into_iter().flat_map(|os| [(os, "amd64"), (os, "arm64")]);
    assert_eq!(selected, wanted.collect());
}
