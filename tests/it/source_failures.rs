//! Kubeconfigs that cannot be used and connections that fail: what is said, and what never is.

use std::path::{Path, PathBuf};

use kubectl_mtls::{
    object::Snapshot,
    source::{Connection, SourceError, cluster},
};
use snapbox::cmd::{Command, cargo_bin};

use crate::{
    api::Api,
    source_cluster::request,
    source_login::{Authority, Front, Holds},
};

const BOOKINFO: &str = "testdata/meshes/bookinfo";

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("failure-{name}"))
}

fn written(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = place(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A kubeconfig with these fields of its cluster and user, in YAML.
fn config(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: c\n  cluster: {{{cluster}}}\nusers:\n- name: u\n  user: {{{user}}}\n\
         contexts:\n- name: test\n  context: {{cluster: c, user: u}}\n"
    )
}

fn read(path: &Path) -> Result<Snapshot, SourceError> {
    cluster::read(&request(Connection { kubeconfig: Some(path.to_owned()), ..Connection::default() }))
}

#[test]
fn a_kubeconfig_that_cannot_be_used_is_named_and_its_lines_are_not_shown() {
    std::fs::create_dir_all(place("folder")).unwrap();
    let server = "server: \"http://127.0.0.1:1\"";
    let users = |users: &str| config(server, "token: s3cret").replace("users:\n- name: u\n  user: {token: s3cret}", users);
    let rows: Vec<(&str, PathBuf, &str)> = vec![
        ("folder", place("folder"), "failure-folder"),
        ("gone", place("gone"), "failure-gone"),
        ("not-yaml", written("not-yaml", "users: [{name: s3cret, user: {token: s3cret}\n  }: ]"), "as a kubeconfig, line"),
        ("tabs", written("tabs", "users:\n\t- token: s3cret\n"), "as a kubeconfig, line"),
        ("text", written("text", "s3cret"), "as a kubeconfig"),
        ("list", written("list", "- s3cret\n"), "as a kubeconfig"),
        ("number-as-token", written("number-as-token", users("users:\n- name: u\n  user: {token: [s3cret]}")), "as a kubeconfig, line"),
        ("users-as-text", written("users-as-text", users("users: s3cret")), "as a kubeconfig, line"),
        ("binary", written("binary", [0x7f, b'E', b'L', b'F', 0, 1, 2, 0xff, 0xfe]), "failure-binary"),
        ("not-utf-8", written("not-utf-8", b"users:\n- name: s3cret\xff\n"), "failure-not-utf-8"),
        ("empty", written("empty", ""), "no current context"),
        ("no-context", written("no-context", config(server, "token: s3cret").replace("current-context: test\n", "")), "no current context"),
        ("other-context", written("other-context", config(server, "").replace("context: test", "context: gone")), "has no context gone"),
        ("no-cluster", written("no-cluster", config(server, "").replace("{cluster: c, ", "{cluster: gone, ")), "has no cluster gone"),
        (
            "empty-cluster",
            written("empty-cluster", config(server, "").replace("{cluster: c, ", "{cluster: \"\", ")),
            "the context has no cluster",
        ),
        ("no-user", written("no-user", config(server, "").replace("user: u}", "user: gone}")), "has no user gone"),
        ("no-server", written("no-server", config("", "token: s3cret")), "has no server"),
        ("bad-server", written("bad-server", config("server: \"https://me:s3cret@h:99999\"", "")), "invalid server `https://…@h:99999`"),
        ("bad-proxy", written("bad-proxy", config(&format!("{server}, proxy-url: \"ftp://me:s3cret@p\""), "")), "invalid proxy `ftp://…@p"),
        ("no-base64", written("no-base64", config(&format!("{server}, certificate-authority-data: \"s3cret%\""), "")), "is not base64"),
        ("key-no-base64", written("key-no-base64", config(server, "client-certificate-data: s3cret%, client-key-data: s3cret%")), "base64"),
        ("no-pem", written("no-pem", config(&format!("{server}, certificate-authority-data: czNjcmV0"), "")), "contains no certificate"),
        (
            "token-lines",
            written("token-lines", config(server, "token: \"s3cret\\ns3cret\"")),
            "the token of the user in the kubeconfig contains a line break",
        ),
        ("token-letters", written("token-letters", config(server, "token: \"s3crét\"")), "invalid in a token"),
        ("impersonation", written("impersonation", config(server, "token: t, as: \"a\\nb\"")), "to impersonate contains a line break"),
        (
            "no-cluster-field",
            written("no-cluster-field", config(server, "token: s3cret").replace("{cluster: c, ", "{")),
            "the field `cluster` is missing",
        ),
        (
            "no-context-field",
            written("no-context-field", config(server, "").replace("  context: {cluster: c, user: u}\n", "")),
            "has no context test",
        ),
    ];
    for (name, path, because) in rows {
        let error = read(&path).expect_err(name);
        assert!(matches!(error, SourceError::NoKubeconfig { .. }), "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(because) && !text.contains("s3cret") && !text.contains("s3cr"), "{name}: {text}");
        assert!(!text.contains('\n'), "{name}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn what_an_exec_plugin_prints_is_a_login_or_an_error_and_is_not_shown() {
    let user = |script: &str| {
        let exec = serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script], "interactiveMode": "Never"}});
        exec.to_string().trim_start_matches('{').strip_suffix('}').unwrap().to_owned()
    };
    let status = |status: &str| format!("echo '{{\"kind\": \"ExecCredential\", \"status\": {status}}}'");
    for (name, script, because) in [
        ("line-break", status("{\"token\": \"s3cret\\\\ns3cret\"}"), "printed contains a line break"),
        ("half", status("{\"clientCertificateData\": \"s3cret\"}"), "half a client certificate"),
        ("bytes", "printf '\\377s3cret'".to_owned(), "did not print an ExecCredential"),
        ("text", "echo s3cret".to_owned(), "did not print an ExecCredential"),
        ("list", "echo '[\"s3cret\"]'".to_owned(), "did not print an ExecCredential"),
        ("number", status("{\"token\": 5}"), "did not print an ExecCredential"),
        ("url", "echo cannot reach https://me:s3cret@login >&2; exit 1".to_owned(), "cannot reach https://…@login"),
    ] {
        let text =
            read(&written(&format!("exec-{name}"), config("server: \"http://127.0.0.1:1\"", &user(&script)))).expect_err(name).to_string();
        assert!(text.contains(because) && !text.contains("s3cret"), "{name}: {text}");
    }
    let api = Api::new(BOOKINFO, &[]);
    let trailing = status("{\"token\": \"t\\\\n\"}");
    assert_eq!(read(&written("exec-trailing", config(&format!("server: \"{}\"", api.url), &user(&trailing)))).unwrap().gaps, []);
}

#[test]
fn a_server_without_a_scheme_and_a_token_that_ends_its_line_are_read() {
    let api = Api::new(BOOKINFO, &[]);
    let host = api.url.trim_start_matches("http://");
    for (name, cluster, user) in [
        ("scheme", format!("server: \"{host}\""), "token: t"),
        ("line", format!("server: \"{}\"", api.url), "token: \"t\\n\""),
        ("login", format!("server: \"http://me:pw@{host}\""), ""),
        ("query", format!("server: \"http://{host}/?x=1#y\""), ""),
    ] {
        let snapshot = read(&written(&format!("read-{name}"), config(&cluster, user))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(snapshot.gaps, [], "{name}");
        assert_eq!(snapshot.cluster.unwrap().server, format!("http://{host}/"), "{name}");
    }
}

#[test]
fn why_a_connection_failed_is_told_in_the_words_of_those_who_run_clusters() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let tls = Front::tls(ours.sign("127.0.0.1", Holds::Now).serving(None));
    let expired = Front::tls(ours.sign("127.0.0.1", Holds::LongAgo).serving(None));
    let named = Front::tls(ours.sign("api.example", Holds::Now).serving(None));
    let plain = Api::new(BOOKINFO, &[]);
    let trust = |authority: &Authority, name: &str| format!(", certificate-authority: \"{}\"", written(name, authority.pem()).display());
    let (our_trust, their_trust) = (trust(&ours, "ours.pem"), trust(&theirs, "theirs.pem"));
    for (name, server, more, because) in [
        ("refused", "https://127.0.0.1:1".to_owned(), String::new(), "connection refused: no server listens"),
        ("no-host", "https://no-such-host.invalid".to_owned(), String::new(), "the host name was not found"),
        ("untrusted", tls.url(), their_trust, "is not trusted: none of the CA certificates in the kubeconfig issued it"),
        ("untrusted-by-system", tls.url(), String::new(), "is not trusted: none of the CA certificates of this system issued it"),
        ("expired", expired.url(), our_trust.clone(), "the server's certificate has expired"),
        ("other-name", named.url(), our_trust.clone(), "the server's certificate is for another name"),
        ("plain-port", plain.url.replace("http:", "https:"), our_trust, "the server closed the connection before TLS was set up"),
        ("tls-port", tls.url().replace("https:", "http:"), String::new(), "cannot read http://127.0.0.1"),
        (
            "proxy",
            "https://127.0.0.1:2".to_owned(),
            ", proxy-url: \"http://me:s3cret@127.0.0.1:1\"".to_owned(),
            "the proxy did not open a connection to the server",
        ),
        (
            "proxy-without-scheme",
            "https://127.0.0.1:2".to_owned(),
            ", proxy-url: \"me:s3cret@127.0.0.1:1\"".to_owned(),
            "through the proxy …@127.0.0.1:1",
        ),
    ] {
        let path = written(&format!("connection-{name}"), config(&format!("server: \"{server}\"{more}"), ""));
        let error = read(&path).expect_err(name);
        assert!(matches!(error, SourceError::Unreachable { .. }), "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(because) && text.contains(&server) && !text.contains("s3cret"), "{name}: {text}");
    }
}

/// Every output of a command, on both streams, with and without an answer.
#[test]
fn passwords_in_addresses_are_in_no_output() {
    let api = Api::new(BOOKINFO, &[]);
    let host = api.url.trim_start_matches("http://");
    let good = written("masked-good", config(&format!("server: \"http://me:s3cret@{host}/?token=s3cret\""), ""));
    let gone = written(
        "masked-gone",
        config("server: \"https://me:s3cret@127.0.0.1:1/?token=s3cret\", proxy-url: \"http://me:s3cret@127.0.0.1:1\"", ""),
    );
    let flag = "https://me:s3cret@h:x/?token=s3cret";
    for (name, path, flags) in [
        ("good", &good, &[][..]),
        ("gone", &gone, &[]),
        ("flag", &good, &["--server", flag]),
        ("flag-gone", &good, &["--server", "http://me:s3cret@127.0.0.1:1/?token=s3cret"]),
    ] {
        for format in ["table", "wide", "json", "yaml", "sarif", "junit", "markdown"] {
            let command =
                Command::new(cargo_bin!("kubectl-mtls")).args(["audit", "-v", "-o", format, "--kubeconfig"]).arg(path).args(flags);
            let output = command.env_remove("KUBECONFIG").output().unwrap();
            let all = [output.stdout, output.stderr].concat();
            let text = String::from_utf8(all).unwrap();
            assert!(!text.contains("s3cret"), "{name} {format}: {text}");
            assert!(!text.is_empty(), "{name} {format}");
        }
    }
}
