//! Converts changes into kubectl command lines and JSON patches. They are printed, never run.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::manifest;
use crate::{
    object::{Edit, FieldPath, Kind, Patch},
    queries::{
        enrol::{Controller, EnrolStep},
        migrate::Rollback,
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
                let removed = remove.map(|key| format!("{key}-"));
                let labels: Vec<String> = std::iter::once(set).chain(&removed).map(|word| shell_word(word)).collect();
                let overwrite = overwrites.then_some("--overwrite");
                let name = ["namespace".to_owned(), shell_word(namespace)];
                let mut words: Vec<&str> = vec!["kubectl label"];
                if namespace.starts_with('-') {
                    words.extend(overwrite.into_iter().chain(["--"]));
                }
                words.extend(name.iter().chain(&labels).map(String::as_str));
                words.extend(overwrite.filter(|_| !namespace.starts_with('-')));
                commands.push(words.join(" "));
            }
            EnrolStep::Template { controller, key, value } => commands.push(template(controller, key, value)),
        }
    }
    commands
}

/// The command that restarts the pods of a controller.
pub(super) fn restart(controller: &Controller) -> String {
    ["kubectl rollout restart", &place(&controller.namespace).unwrap_or_default(), &shell_word(&target(controller))].join(" ")
}

fn target(controller: &Controller) -> String {
    format!("{}/{}", controller.kind.name().to_ascii_lowercase(), controller.name)
}

fn template(controller: &Controller, key: &str, value: &str) -> String {
    let pods = json!({ "template": { "metadata": { "labels": { key: value } } } });
    let patch =
        if controller.kind == Kind::CronJob { json!({ "spec": { "jobTemplate": { "spec": pods } } }) } else { json!({ "spec": pods }) };
    let place = place(&controller.namespace).unwrap_or_default();
    ["kubectl patch", &place, &shell_word(&target(controller)), "-p", &shell_word(&patch.to_string())].join(" ")
}

/// The commands that revert a step of a migration.
///
/// # Errors
/// If the manifest of a policy would not be read as the policy.
pub(super) fn rollback(changes: &[Rollback]) -> anyhow::Result<String> {
    let command = |change: &Rollback| match change {
        Rollback::Apply(policy) => Ok(["kubectl apply -f - ", &here_document(&manifest::policy(policy)?)].concat()),
        Rollback::Delete(id) => Ok(command(&["delete"], &id.namespace, "peerauthentication", &id.name, &[]) + "\n"),
    };
    changes.iter().map(command).collect()
}

/// A text as the standard input of a command. No line of the text ends it.
fn here_document(text: &str) -> String {
    let mut end = "EOF".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    format!("<<'{end}'\n{text}{end}\n")
}

/// A command about one object: `kubectl delete pod web -n shop`. What looks like a flag is kept from being one.
fn command(verb: &[&str], namespace: &str, kind: &str, name: &str, flags: &[&str]) -> String {
    let mut words = vec!["kubectl".to_owned()];
    words.extend(verb.iter().map(|word| (*word).to_owned()));
    let place = place(namespace);
    let flags = flags.iter().map(|word| shell_word(word));
    if name.starts_with('-') {
        // Behind `--` there are no flags.
        words.extend(place.into_iter().chain(flags));
        words.extend(["--".to_owned(), kind.to_owned(), shell_word(name)]);
    } else {
        words.extend([kind.to_owned(), shell_word(name)]);
        words.extend(place.into_iter().chain(flags));
    }
    words.join(" ")
}

/// The flag for a namespace; none for an object outside namespaces.
fn place(namespace: &str) -> Option<String> {
    match namespace {
        "" => None,
        name if name.starts_with('-') => Some(format!("--namespace={}", shell_word(name))),
        name => Some(format!("-n {}", shell_word(name))),
    }
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
    match edit {
        Edit::Delete => command(&["delete"], &object.namespace, &kind, &object.name, &[]),
        Edit::RenumberPort { .. } | Edit::Set { .. } | Edit::SetIstioMutual { .. } | Edit::RemoveTls { .. } => {
            let operations = Value::from(operations(edit)).to_string();
            command(&["patch"], &object.namespace, &kind, &object.name, &["--type=json", "-p", &operations])
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::object::Id;

    #[test]
    fn a_name_is_never_a_command() {
        assert_eq!(shell_word("deployment/web-1.2"), "deployment/web-1.2");
        assert_eq!(shell_word("x; rm -rf $HOME"), "'x; rm -rf $HOME'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn no_line_of_a_text_ends_it() {
        assert_eq!(here_document("a\n"), "<<'EOF'\na\nEOF\n");
        assert_eq!(here_document("EOF\nEOF_\n"), "<<'EOF__'\nEOF\nEOF_\nEOF__\n");
    }

    #[test]
    fn what_looks_like_a_flag_is_none() {
        let pod = |namespace: &str, name: &str| command(&["delete"], namespace, "pod", name, &[]);
        assert_eq!(pod("shop", "web"), "kubectl delete pod web -n shop");
        assert_eq!(pod("shop", "--all"), "kubectl delete -n shop -- pod --all");
        assert_eq!(pod("-A", "web"), "kubectl delete pod web --namespace=-A");
    }

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
            let calls = recorded(&format!("kubectl apply -f - {}", here_document(&text)));
            prop_assert_eq!(&calls[0].1, &text);
        }
    }
}
