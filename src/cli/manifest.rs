//! Manifests to apply, written by the serialiser of documents and read back before they are used.

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value, json};

use crate::{
    istio::{Mode, Selector},
    object::Labels,
    queries::{evidence::timestamp, migrate::Policy},
    report,
    source::manifest::yaml,
};

/// The manifest of a policy.
///
/// # Errors
/// If it would not be read as the policy.
pub fn policy(policy: &Policy) -> anyhow::Result<String> {
    let value = value(policy);
    let text = report::yaml_text(&value)?;
    let read = yaml::document(&text).map_err(|error| anyhow::anyhow!("line {}: {}", error.line, error.reason));
    let read = read.with_context(|| format!("cannot write the manifest of {}", policy.id))?;
    ensure!(read.root.json() == value, "cannot write the manifest of {}: it would be read as another object", policy.id);
    Ok(text)
}

/// The manifests of policies as a YAML stream.
///
/// # Errors
/// If one of them would not be read as its policy.
pub fn policies<'p>(all: impl IntoIterator<Item = &'p Policy>) -> anyhow::Result<String> {
    Ok(all.into_iter().map(policy).collect::<anyhow::Result<Vec<_>>>()?.join("---\n"))
}

fn value(policy: &Policy) -> Value {
    let mut metadata = Map::from_iter([
        ("name".to_owned(), Value::from(policy.id.name.as_str())),
        ("namespace".to_owned(), Value::from(policy.id.namespace.as_str())),
    ]);
    for (key, labels) in [("labels", &policy.labels), ("annotations", &policy.annotations)] {
        if !labels.is_empty() {
            metadata.insert(key.to_owned(), map(labels));
        }
    }
    if let Some(created) = policy.created {
        metadata.insert("creationTimestamp".to_owned(), timestamp(created).into());
    }
    let mut spec = Map::new();
    match &policy.selector {
        Selector::Absent => None,
        Selector::Empty => spec.insert("selector".to_owned(), json!({})),
        Selector::Labels(labels) => spec.insert("selector".to_owned(), json!({ "matchLabels": map(labels) })),
    };
    let mode = |mode: Option<Mode>| json!({ "mode": mode.map_or("UNSET", Mode::as_str) });
    spec.insert("mtls".to_owned(), mode(policy.mode));
    if !policy.ports.is_empty() {
        let ports: Map<String, Value> = policy.ports.iter().map(|(port, of_port)| (port.to_string(), mode(*of_port))).collect();
        spec.insert("portLevelMtls".to_owned(), ports.into());
    }
    json!({ "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": metadata, "spec": spec })
}

fn map(labels: &Labels) -> Value {
    labels.iter().map(|(key, value)| (key.to_string(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
}
