//! Converts changes into kubectl command lines and JSON patches. They are printed, never run.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    object::{Edit, FieldPath, Id, Kind, Patch},
    queries::{
        enrol::{Controller, EnrolStep},
        migrate::{Policy, Rollback},
    },
};

/// The commands for these steps; consecutive restarts in one namespace are one command.
pub(super) fn enrol(steps: &BTreeSet<EnrolStep>) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut restarted = None;
    for step in steps {
        match step {
            EnrolStep::Restart(controller) if restarted == Some(&controller.namespace) => {
                if let Some(command) = commands.last_mut() {
                    command.push(' ');
                    command.push_str(&shell_word(&target(controller)));
                }
            }
            EnrolStep::Restart(controller) => {
                restarted = Some(&controller.namespace);
                commands.push(restart(controller));
            }
            EnrolStep::Label { namespace, set, remove, overwrites } => {
                let removed = remove.map(|key| format!(" {}", shell_word(&format!("{key}-")))).unwrap_or_default();
                let overwrite = if *overwrites { " --overwrite" } else { "" };
                commands.push(format!("kubectl label namespace {} {}{removed}{overwrite}", shell_word(namespace), shell_word(set)));
            }
            EnrolStep::Template { controller, key, value } => commands.push(template(controller, key, value)),
        }
    }
    commands
}

/// The command that restarts the pods of a controller.
pub(super) fn restart(controller: &Controller) -> String {
    format!("kubectl rollout restart -n {} {}", shell_word(&controller.namespace), shell_word(&target(controller)))
}

fn target(controller: &Controller) -> String {
    format!("{}/{}", controller.kind.name().to_ascii_lowercase(), controller.name)
}

fn template(controller: &Controller, key: &str, value: &str) -> String {
    let pods = json!({ "template": { "metadata": { "labels": { key: value } } } });
    let patch =
        if controller.kind == Kind::CronJob { json!({ "spec": { "jobTemplate": { "spec": pods } } }) } else { json!({ "spec": pods }) };
    format!(
        "kubectl patch -n {} {} -p {}",
        shell_word(&controller.namespace),
        shell_word(&target(controller)),
        shell_word(&patch.to_string())
    )
}

/// The commands that revert a step of a migration.
pub(super) fn rollback(changes: &[Rollback]) -> String {
    let command = |change: &Rollback| match change {
        Rollback::Apply(policy) => ["kubectl apply -f - <<'EOF'\n", &policy.manifest(), "EOF\n"].concat(),
        Rollback::Delete(Id { name, namespace, .. }) => {
            format!("kubectl delete peerauthentication {} -n {}\n", shell_word(name), shell_word(namespace))
        }
    };
    changes.iter().map(command).collect()
}

/// The manifests of policies as a YAML stream.
pub(super) fn manifests<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> String {
    policies.into_iter().map(Policy::manifest).collect::<Vec<_>>().join("---\n")
}

/// The operations of a change as a JSON patch (RFC 6902); empty if the object is deleted.
pub(super) fn operations(edit: &Edit) -> Vec<Value> {
    match edit {
        Edit::Delete => Vec::new(),
        Edit::RenumberPort { from, to } => {
            let at = |port: &u16| pointer(&FieldPath::of("spec.portLevelMtls").then(port.to_string()));
            vec![json!({ "op": "move", "from": at(from), "path": at(to) })]
        }
        // `add` replaces an existing value, and is valid if there is none.
        Edit::Set { at, value } => vec![json!({ "op": "add", "path": pointer(at), "value": value.as_str() })],
        Edit::SetIstioMutual { at } => vec![json!({ "op": "replace", "path": pointer(at), "value": { "mode": "ISTIO_MUTUAL" } })],
        Edit::RemoveTls { at } => vec![json!({ "op": "remove", "path": pointer(at) })],
    }
}

/// A path as a JSON pointer.
fn pointer(at: &FieldPath) -> String {
    at.steps().flat_map(|step| ["/".to_owned(), step.replace('~', "~0").replace('/', "~1")]).collect()
}

/// The command that applies a change.
pub(super) fn patch(Patch { object, edit }: &Patch) -> String {
    let kind = object.kind.name().to_ascii_lowercase();
    let place = if object.namespace.is_empty() { String::new() } else { format!(" -n {}", shell_word(&object.namespace)) };
    let name = shell_word(&object.name);
    match edit {
        Edit::Delete => format!("kubectl delete {kind} {name}{place}"),
        Edit::RenumberPort { .. } | Edit::Set { .. } | Edit::SetIstioMutual { .. } | Edit::RemoveTls { .. } => {
            let operations = Value::from(operations(edit));
            format!("kubectl patch {kind} {name}{place} --type=json -p {}", shell_word(&operations.to_string()))
        }
    }
}

/// Quotes a word for the shell: manifests can contain names that no API server would accept.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_command() {
        assert_eq!(shell_word("deployment/web-1.2"), "deployment/web-1.2");
        assert_eq!(shell_word("x; rm -rf $HOME"), "'x; rm -rf $HOME'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
