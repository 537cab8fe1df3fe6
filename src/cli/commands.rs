//! The commands that bring a workload into the mesh.

use std::collections::BTreeSet;

use crate::{
    mesh::{Absence, Dataplane, Holder, Label, Mesh},
    object::Text,
    queries::sidecars::{self, Row},
};

/// A change that mends something. In the order in which such changes are made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Remedy {
    /// A label on a namespace.
    Label {
        /// The namespace.
        namespace: Text,
        /// `key=value`, or `key-` to take one away.
        labels: Vec<String>,
        /// Whether the namespace has another value.
        overwrites: bool,
    },
    /// A label of a pod template.
    Patch {
        /// Where the controller lies.
        namespace: Text,
        /// The controller, as `deployment/web`.
        target: String,
        /// The patch, as JSON.
        patch: String,
    },
    /// New pods.
    Restart {
        /// Where the controller lies.
        namespace: Text,
        /// The controller, as `deployment/web`.
        target: String,
    },
}

impl Remedy {
    /// Whether it makes pods anew and changes nothing else.
    pub(super) fn is_restart(&self) -> bool {
        matches!(self, Self::Restart { .. })
    }
}

/// What this mesh has to bring workloads in with.
pub(super) struct Means {
    /// The label that brings in a namespace.
    pub(super) enrolling: Label,
    /// Whether ztunnel is there.
    pub(super) has_ztunnel: bool,
}

impl Means {
    pub(super) fn of(mesh: &Mesh<'_>) -> Self {
        Self { enrolling: sidecars::enrolling_label(mesh), has_ztunnel: sidecars::has_ztunnel(mesh) }
    }

    /// What would bring the pods of a workload in, or up to date.
    pub(super) fn remedies(&self, row: &Row<'_>) -> Vec<Remedy> {
        if let Some(absence) = row.absence() {
            return self.entry(row, absence);
        }
        let is_in_vain = row.membership.planned == Dataplane::Ambient && !self.has_ztunnel;
        if row.wants_restart() && !is_in_vain { restart(row).into_iter().collect() } else { Vec::new() }
    }

    /// What would bring in what is outside.
    fn entry(&self, row: &Row<'_>, absence: &Absence) -> Vec<Remedy> {
        let ask = |key: &str, value: &str| patch(row, key, value).into_iter().collect();
        match absence {
            Absence::NotEnrolled => self.label(row, None),
            Absence::NamespaceOptedOut(label) => self.label(row, Some(label)),
            Absence::NoWebhook(label) if label.on == Holder::Namespace => self.label(row, Some(label)),
            Absence::OptedOut(label) if *label.key == *Label::ambient().key => ask(label.key, "ambient"),
            Absence::OptedOut(_) | Absence::Unheard(_) | Absence::InjectorPolicy => ask("sidecar.istio.io/inject", "true"),
            Absence::NoWebhook(_) | Absence::HostNetwork | Absence::StaticPod | Absence::IgnoredNamespace | Absence::Machine => Vec::new(),
        }
    }

    /// The label on the namespace, in place of the one it has; and new pods, unless ztunnel takes in those that run (S116, S143).
    fn label(&self, row: &Row<'_>, present: Option<&Label>) -> Vec<Remedy> {
        let Self { enrolling, .. } = self;
        let overwrites = present.is_some_and(|label| label.key == enrolling.key);
        // `istio-injection`, whatever it says, comes before a revision (S138).
        let is_in_the_way = |label: &&Label| label.key == "istio-injection" && enrolling.key == "istio.io/rev";
        let removed = present.filter(is_in_the_way).map(|label| format!("{}-", label.key));
        let labels = std::iter::once(enrolling.to_string()).chain(removed).collect();
        let again = if *enrolling == Label::ambient() { None } else { restart(row) };
        let namespace = row.workload.subject.namespace.clone();
        std::iter::once(Remedy::Label { namespace, labels, overwrites }).chain(again).collect()
    }
}

/// `deployment/web`, where kubectl can restart it.
fn restart(row: &Row<'_>) -> Option<Remedy> {
    let subject = &row.workload.subject;
    let can_restart = matches!(subject.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") && row.pods > 0;
    can_restart.then(|| Remedy::Restart { namespace: subject.namespace.clone(), target: target(row) })
}

fn target(row: &Row<'_>) -> String {
    let subject = &row.workload.subject;
    format!("{}/{}", subject.kind.to_ascii_lowercase(), subject.name)
}

/// A label on the pod template, which makes new pods by itself.
fn patch(row: &Row<'_>, key: &str, value: &str) -> Option<Remedy> {
    let (open, close) = match row.workload.subject.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" => (r#"{"spec":{"template":{"metadata":"#, "}}}"),
        "CronJob" => (r#"{"spec":{"jobTemplate":{"spec":{"template":{"metadata":"#, "}}}}}"),
        _ => return None,
    };
    let patch = format!(r#"{open}{{"labels":{{"{key}":"{value}"}}}}{close}"#);
    Some(Remedy::Patch { namespace: row.workload.subject.namespace.clone(), target: target(row), patch })
}

/// The commands, restarts of one namespace in one.
pub(super) fn commands(remedies: &BTreeSet<Remedy>) -> Vec<String> {
    let mut commands = Vec::new();
    let mut restarts: Option<(&Text, String)> = None;
    for remedy in remedies {
        match (remedy, &mut restarts) {
            (Remedy::Restart { namespace, target }, Some((same, targets))) if *same == namespace => {
                targets.push(' ');
                targets.push_str(&word(target));
            }
            (Remedy::Restart { namespace, target }, restarts) => {
                commands.extend(restarts.take().map(|(namespace, targets)| restarting(namespace, &targets)));
                *restarts = Some((namespace, word(target)));
            }
            (Remedy::Label { namespace, labels, overwrites }, _) => {
                let overwrite = if *overwrites { " --overwrite" } else { "" };
                let labels: Vec<String> = labels.iter().map(|label| word(label)).collect();
                commands.push(format!("kubectl label namespace {} {}{overwrite}", word(namespace), labels.join(" ")));
            }
            (Remedy::Patch { namespace, target, patch }, _) => {
                commands.push(format!("kubectl patch -n {} {} -p {}", word(namespace), word(target), word(patch)));
            }
        }
    }
    commands.extend(restarts.map(|(namespace, targets)| restarting(namespace, &targets)));
    commands
}

fn restarting(namespace: &str, targets: &str) -> String {
    format!("kubectl rollout restart -n {} {targets}", word(namespace))
}

/// A word that a shell takes as it is: manifests can call things by names that no API server would take.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_command() {
        assert_eq!(word("deployment/web-1.2"), "deployment/web-1.2");
        assert_eq!(word("x; rm -rf $HOME"), "'x; rm -rf $HOME'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word(""), "''");
    }
}
