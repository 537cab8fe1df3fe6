//! Converts changes into kubectl command lines and JSON patches. They are printed, never run.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::manifest;
use crate::{
    object::{Edit, FieldPath, Id, Kind, Patch, ShellCommand},
    queries::{
        enrol::{Controller, EnrolStep},
        migrate::Rollback,
    },
};

/// The commands for these steps; consecutive restarts in one namespace are one command.
pub(super) fn enrol(steps: &BTreeSet<EnrolStep>) -> Vec<String> {
    let mut commands: Vec<ShellCommand> = Vec::new();
    let mut restarted = None;
    for step in steps {
        match step {
            EnrolStep::Restart(controller) if restarted == Some(&controller.namespace) => {
                if let Some(command) = commands.last_mut() {
                    command.push_name(target(controller));
                }
            }
            EnrolStep::Restart(controller) => {
                restarted = Some(&controller.namespace);
                commands.push(restart(controller));
            }
            EnrolStep::Label { namespace, set, remove, overwrites } => {
                let label = ShellCommand::new("kubectl label namespace").name(namespace.as_str()).name(set);
                let label = remove.iter().fold(label, |command, key| command.name(format!("{key}-")));
                commands.push(if *overwrites { label.flag("--overwrite") } else { label });
            }
            EnrolStep::Template { controller, key, value } => commands.push(template(controller, key, value)),
        }
    }
    commands.iter().map(ToString::to_string).collect()
}

/// The command that restarts the pods of a controller.
pub(super) fn restart(controller: &Controller) -> ShellCommand {
    ShellCommand::new("kubectl rollout restart").option("-n", controller.namespace.as_str()).name(target(controller))
}

fn target(controller: &Controller) -> String {
    format!("{}/{}", controller.kind.name().to_ascii_lowercase(), controller.name)
}

fn template(controller: &Controller, key: &str, value: &str) -> ShellCommand {
    let pods = json!({ "template": { "metadata": { "labels": { key: value } } } });
    let patch =
        if controller.kind == Kind::CronJob { json!({ "spec": { "jobTemplate": { "spec": pods } } }) } else { json!({ "spec": pods }) };
    ShellCommand::new("kubectl patch").option("-n", controller.namespace.as_str()).name(target(controller)).option("-p", patch.to_string())
}

/// The commands that revert a step of a migration.
pub(super) fn rollback(changes: &[Rollback]) -> anyhow::Result<String> {
    let command = |change: &Rollback| match change {
        Rollback::Apply(policy) => Ok(ShellCommand::new("kubectl apply -f -").with_input(&manifest::policy(policy)?)),
        Rollback::Delete(Id { name, namespace, .. }) => {
            let delete = ShellCommand::new("kubectl delete peerauthentication").name(name.as_str()).option("-n", namespace.as_str());
            Ok(format!("{delete}\n"))
        }
    };
    changes.iter().map(command).collect()
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
    let verb = if *edit == Edit::Delete { "kubectl delete" } else { "kubectl patch" };
    let command = ShellCommand::new(verb).name(object.kind.name().to_ascii_lowercase()).name(object.name.as_str());
    let command = if object.namespace.is_empty() { command } else { command.option("-n", object.namespace.as_str()) };
    match edit {
        Edit::Delete => command.to_string(),
        Edit::RenumberPort { .. } | Edit::Set { .. } | Edit::SetIstioMutual { .. } | Edit::RemoveTls { .. } => {
            command.flag("--type=json").option("-p", Value::from(operations(edit)).to_string()).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::object::Id;

    /// The words of each command, and its standard input, as bash passes them to kubectl.
    #[cfg(unix)]
    fn recorded(script: &str) -> Vec<(Vec<String>, String)> {
        // NUL cannot be part of a word, and ends each of them.
        let recorder = "kubectl() { printf '%s\\0' call \"$@\" input; if [ \"$1\" = apply ]; then cat; fi; printf '\\0'; }\n";
        let script = format!("set -eu\nexec </dev/null\n{recorder}{script}\n");
        let run = std::process::Command::new("bash").args(["--noprofile", "--norc", "-c", &script]).output().unwrap();
        assert!(run.status.success() && run.stderr.is_empty(), "{script}\n{run:?}");
        let text = String::from_utf8(run.stdout).unwrap();
        let mut calls: Vec<(Vec<String>, String)> = Vec::new();
        let mut parts = text.split_terminator('\0');
        while parts.next().is_some() {
            let words: Vec<String> = parts.by_ref().take_while(|word| *word != "input").map(str::to_owned).collect();
            calls.push((words, parts.next().unwrap_or_default().to_owned()));
        }
        calls
    }

    /// Names, some of them hostile.
    fn name() -> impl Strategy<Value = String> {
        let hostile = [
            "--all", "-n", "-A", "$(id)", "`id`", "a;b", "a'b", "a\"b", "a b", "*", "~", "!x", "#x", "a\\", "a\n", "a|b", "&", "<x", "a=b",
        ];
        prop_oneof![
            prop::sample::select(hostile.to_vec()).prop_map(str::to_owned),
            "[a-z]{1,6}",
            "[ -~]{1,8}".prop_filter("a word of the recorder", |name| name != "input"),
        ]
    }

    #[cfg(unix)]
    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// Whatever names are, the shell passes them on as one word each, and kubectl takes none for a flag.
        #[test]
        fn printed_commands_have_the_words_that_are_meant(namespace in name(), name in name(), value in name()) {
            let object = Id::new(Kind::DestinationRule, namespace.as_str(), name.as_str());
            let patches = [Edit::Delete, Edit::RemoveTls { at: FieldPath::of("spec").then(value.as_str()) }];
            for edit in patches {
                let line = patch(&Patch { object: object.clone(), edit: edit.clone() });
                let calls = recorded(&line);
                prop_assert_eq!(calls.len(), 1, "{}", line);
                let words = &calls[0].0;
                let end = words.iter().position(|word| word == "--");
                let is_flag = |at: usize| words[at].starts_with('-') && end.is_none_or(|end| at < end);
                let positions: Vec<usize> = (0..words.len()).filter(|at| words[*at] == name).collect();
                prop_assert!(positions.iter().any(|at| !is_flag(*at)), "{}: {:?}", line, words);
                let place = words.windows(2).any(|pair| pair[0] == "-n" && pair[1] == namespace) || words.contains(&format!("--namespace={namespace}"));
                prop_assert!(place, "{}: {:?}", line, words);
                if edit != Edit::Delete {
                    let at = words.iter().position(|word| word == "-p").unwrap();
                    let operations: Value = serde_json::from_str(&words[at + 1]).unwrap();
                    prop_assert_eq!(&operations[0]["path"], &Value::from(pointer(&FieldPath::of("spec").then(value.as_str()))));
                }
            }
            let controller = Controller { kind: Kind::Deployment, namespace: namespace.as_str().into(), name: name.as_str().into() };
            let steps = BTreeSet::from([
                EnrolStep::Label { namespace: namespace.as_str().into(), set: format!("istio.io/rev={value}"), remove: Some("istio-injection"), overwrites: true },
                EnrolStep::Restart(controller),
            ]);
            let calls = recorded(&enrol(&steps).join("\n"));
            prop_assert_eq!(calls.len(), 2);
            let (label, restart) = (&calls[0].0, &calls[1].0);
            let expected = [namespace, format!("istio.io/rev={value}"), "istio-injection-".to_owned()];
            prop_assert!(expected.iter().all(|word| label.contains(word)), "{:?}", label);
            prop_assert!(restart.contains(&format!("deployment/{name}")), "{:?}", restart);
        }

        #[test]
        fn a_text_is_the_standard_input_as_it_is(text in "(EOF\n|EOF_\n|[ -~]{0,12}\n|\\$x `id`\n){0,6}") {
            let calls = recorded(&ShellCommand::new("kubectl apply -f -").with_input(&text));
            prop_assert_eq!(&calls[0].1, &text);
        }
    }
}
