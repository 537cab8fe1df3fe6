//! Changes of objects as kubectl takes them.

use serde_json::{Value, json};

use super::commands::word;
use crate::{
    object::{Edit, FieldPath, Patch},
    report::document as doc,
};

/// A change as a document: the operations of a JSON patch, and the command that applies it.
pub(super) fn patch(patch: &Patch) -> doc::Patch {
    let operations = operations(&patch.edit);
    doc::Patch { command: command(patch, &operations), operations }
}

fn operations(edit: &Edit) -> Vec<Value> {
    match edit {
        Edit::Delete => Vec::new(),
        Edit::Port { from, to } => {
            let at = |port: &u16| pointer(&FieldPath::of("spec.portLevelMtls").then(port.to_string()));
            vec![json!({ "op": "move", "from": at(from), "path": at(to) })]
        }
        // It replaces what is there, and is no mistake where nothing is.
        Edit::Set { at, value } => vec![json!({ "op": "add", "path": pointer(at), "value": value.as_str() })],
        Edit::Mutual { at } => vec![json!({ "op": "replace", "path": pointer(at), "value": { "mode": "ISTIO_MUTUAL" } })],
        Edit::Automatic { at } => vec![json!({ "op": "remove", "path": pointer(at) })],
    }
}

/// A path as a JSON pointer.
fn pointer(at: &FieldPath) -> String {
    at.steps().flat_map(|step| ["/".to_owned(), step.replace('~', "~0").replace('/', "~1")]).collect()
}

fn command(patch: &Patch, operations: &[Value]) -> String {
    let Patch { object, edit } = patch;
    let kind = object.kind.name().to_ascii_lowercase();
    let place = if object.namespace.is_empty() { String::new() } else { format!(" -n {}", word(&object.namespace)) };
    let name = word(&object.name);
    match edit {
        Edit::Delete => format!("kubectl delete {kind} {name}{place}"),
        Edit::Port { .. } | Edit::Set { .. } | Edit::Mutual { .. } | Edit::Automatic { .. } => {
            format!("kubectl patch {kind} {name}{place} --type=json -p {}", word(&Value::from(operations).to_string()))
        }
    }
}
