//! The change that enrols pods, as text: one that was evaluated, so that it has an effect.

use super::affected_pods::AffectedWorkload;
use crate::{
    mesh::{EnrollingChange, LabelChange, Mesh},
    object::{ShellCommand, Text},
};

/// What to change so that new pods of a workload are injected; `None` if that is to set `sidecar.istio.io/inject: "true"`, which the rule
/// advises itself.
pub(super) fn advice(mesh: &Mesh<'_>, pods: &AffectedWorkload<'_>) -> Option<String> {
    match mesh.indices().enrolling_change(pods.workload, pods.instance) {
        Some(change) if change.is_inject_label() => None,
        Some(change) => Some(format!("{}; then recreate the pods.", describe(&change, &pods.workload.subject.namespace))),
        None => Some("No label makes a webhook select these pods: install a control plane with an injector, or remove the request.".into()),
    }
}

fn describe(change: &EnrollingChange, namespace: &Text) -> String {
    let of_namespace =
        (!change.namespace.is_empty()).then(|| format!("Change the labels of the namespace: `{}`", command(namespace, &change.namespace)));
    let of_pod = (!change.pod.is_empty()).then(|| template(&change.pod));
    match (of_namespace, of_pod) {
        (Some(namespace), Some(pod)) => format!("{namespace}; and in the pod template {pod}"),
        (Some(only), None) => only,
        (None, pod) => format!("In the pod template {}", pod.unwrap_or_default()),
    }
}

fn template(change: &LabelChange) -> String {
    let set = change.set.as_ref().map(|(key, value)| format!("set the label `{key}: \"{value}\"`"));
    let remove = change.remove.map(|key| format!("remove the label `{key}`"));
    set.into_iter().chain(remove).collect::<Vec<_>>().join(" and ")
}

/// The command that changes the labels of a namespace.
pub(super) fn command(namespace: &str, change: &LabelChange) -> ShellCommand {
    let command = ShellCommand::new("kubectl label --overwrite namespace").name(namespace);
    let removed = change.remove.iter().fold(command, |command, key| command.name(format!("{key}-")));
    change.set.iter().fold(removed, |command, (key, value)| command.name(format!("{key}={value}")))
}
