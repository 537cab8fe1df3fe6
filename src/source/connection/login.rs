//! The credentials of a user: tokens, token files and exec plugins.

use k8s_openapi::ByteString;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};

use super::masked::masked;
use crate::source::manifest::yaml;

/// Resolves tokens and plugins, so that nothing invalid reaches the HTTP client.
pub(super) fn resolve(auth: &mut AuthInfo) -> Result<(), String> {
    if auth.auth_provider.is_some() {
        return Ok(());
    }
    read_token_file(auth)?;
    let has_login = auth.token.is_some() || auth.username.is_some() && auth.password.is_some();
    if let Some(exec) = auth.exec.take().filter(|_| !has_login) {
        run(auth, &exec)?;
    }
    check_token(auth, "the token of the user in the kubeconfig")
}

/// Sets credentials that are known as text.
fn set(auth: &mut AuthInfo, credentials: Value) -> Result<(), String> {
    // The library has no constructor for its secrets, so they are decoded. Its error would contain the secret.
    let read: AuthInfo = serde_json::from_value(credentials).map_err(|_| "cannot use the credentials of the user".to_owned())?;
    auth.token = read.token.or_else(|| auth.token.take());
    auth.username = read.username.or_else(|| auth.username.take());
    auth.password = read.password.or_else(|| auth.password.take());
    auth.client_certificate_data = read.client_certificate_data.or_else(|| auth.client_certificate_data.take());
    auth.client_key_data = read.client_key_data.or_else(|| auth.client_key_data.take());
    Ok(())
}

/// Uses the user name and password of a URL, unless there are other credentials.
pub(super) fn use_url(auth: &mut AuthInfo, (user, password): (String, String)) -> Result<(), String> {
    if auth.token.is_some() || auth.username.is_some() {
        return Ok(());
    }
    set(auth, json!({"username": user, "password": password}))
}

fn read_token_file(auth: &mut AuthInfo) -> Result<(), String> {
    let Some(path) = auth.token_file.take().filter(|_| auth.token.is_none()) else { return Ok(()) };
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read the token file {path}: {error}"))?;
    set(auth, json!({"token": text}))?;
    check_token(auth, &format!("the token in {path}"))
}

/// Trims the token: many end in a line break, which is invalid in a header. Rejects one that is invalid even then.
fn check_token(auth: &mut AuthInfo, name: &str) -> Result<(), String> {
    let text = serde_json::to_value(&*auth).ok().and_then(|all| all.get("token")?.as_str().map(|token| token.trim().to_owned()));
    let Some(token) = text else { return Ok(()) };
    if token.bytes().any(|byte| byte.is_ascii_control() || byte.is_ascii_whitespace()) || !token.is_ascii() {
        return Err(format!("{name} contains a line break or another character that is invalid in a token"));
    }
    if token.is_empty() {
        auth.token = None;
        return Ok(());
    }
    set(auth, json!({"token": token}))
}

/// The part of an `ExecCredential` that is used.
#[derive(Deserialize)]
struct Credential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs an exec plugin, once. Its input and standard output are secret and in no message; its exit status and standard error are.
fn run(auth: &mut AuthInfo, exec: &ExecConfig) -> Result<(), String> {
    let Some(program) = &exec.command else { return Err("the exec plugin of the user has no command".into()) };
    let name = format!("the exec plugin `{program}`");
    let output = command(program, exec)?.output().map_err(|error| format!("cannot start {name}: {error}"))?;
    if !output.status.success() {
        return Err(failure(&name, &output));
    }
    let printed = String::from_utf8(output.stdout).ok();
    let json = |text: &str| serde_json::from_str(text).ok().or_else(|| yaml::document(text).ok().map(|document| document.root.json()));
    let read =
        printed.as_deref().and_then(json).filter(Value::is_object).and_then(|value| serde_json::from_value::<Credential>(value).ok());
    let credential = read.ok_or_else(|| format!("{name} did not print an ExecCredential"))?;
    let status = credential.status.ok_or_else(|| format!("{name} printed an ExecCredential without status"))?;
    let encoded = |pem: String| serde_json::to_value(ByteString(pem.into_bytes())).unwrap_or_default();
    match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => {
            set(auth, json!({"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}))?;
        }
        (None, None) => {}
        _ => return Err(format!("{name} printed half a client certificate: both clientCertificateData and clientKeyData are needed")),
    }
    if let Some(token) = status.token {
        set(auth, json!({"token": token}))?;
    }
    check_token(auth, &format!("the token that {name} printed"))
}

fn command(program: &str, exec: &ExecConfig) -> Result<Command, String> {
    let mut command = Command::new(program);
    command.args(exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                return Err(format!("the exec plugin `{program}` has an invalid environment variable"));
            }
            command.env(name, value);
        }
    }
    let is_interactive = exec.interactive_mode != Some(ExecInteractiveMode::Never);
    if is_interactive {
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
    } else {
        command.stdin(Stdio::null());
    }
    let mut spec = json!({"interactive": is_interactive});
    if exec.provide_cluster_info
        && let Some(cluster) = &exec.cluster
    {
        spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    let info = json!({"kind": "ExecCredential", "apiVersion": exec.api_version, "spec": spec});
    command.env("KUBERNETES_EXEC_INFO", info.to_string());
    Ok(command)
}

fn failure(name: &str, output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    masked(&format!("{name} failed with {}: {}", output.status, stderr.trim()))
}
