//! What a rule reports, and the builder that rules use.

use std::collections::BTreeSet;

use super::{Extent, Rule, Severity, extent::ALL_CLIENTS};
use crate::{
    mesh::{Subject, WORKLOAD_KINDS, Workload},
    object::{Edit, FieldPath, Id, Origin, Patch, Snapshot, Text},
};

/// The namespaces whose calls a finding affects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AffectedClients {
    /// It is not about calls.
    #[default]
    None,
    /// Clients of these namespaces.
    Namespaces(BTreeSet<Text>),
    /// All clients.
    All,
}

/// A finding: a rule, the object that causes it, and the field of that object.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The severity in this case, or that of the project's configuration.
    pub severity: Severity,
    /// The severity in this case, whatever the configuration sets.
    pub own_severity: Severity,
    /// The object that causes it.
    pub subject: Subject,
    /// Where that object was read.
    pub origin: Origin,
    /// The field that causes it.
    pub field_path: FieldPath,
    /// What distinguishes it from other findings of the rule about the same field.
    pub variant: Option<String>,
    /// What is wrong, with the names and values of this case.
    pub message: String,
    /// How to fix it, if that is more specific than the fix of the rule.
    pub fix: Option<String>,
    /// Other objects that are involved.
    pub related: Vec<Subject>,
    /// Namespaces whose calls are affected.
    pub clients: AffectedClients,
    /// Codes of equivalent messages of other tools, in this case.
    pub equivalent_codes: &'static [&'static str],
    /// The change that fixes it, if one can be computed.
    pub patch: Option<Patch>,
    /// Whether after the change plaintext is accepted or sent where it was not; the fix then begins with it.
    pub is_weakened_by_patch: bool,
    /// Whether a restart of the workload's pods fixes it.
    pub is_fixed_by_restart: bool,
}

impl Finding {
    /// A finding about an object.
    #[must_use]
    pub fn about(rule: &'static Rule, snapshot: &Snapshot, id: &Id, field_path: FieldPath, message: String) -> Self {
        let origin = snapshot.origin(id).cloned().unwrap_or(Origin::Cluster);
        Self::new(rule, id.into(), origin, field_path, message)
    }

    /// A finding about a workload.
    #[must_use]
    pub fn about_workload(rule: &'static Rule, workload: &Workload<'_>, field_path: FieldPath, message: String) -> Self {
        Self::new(rule, workload.subject.clone(), workload.origin.clone(), field_path, message)
    }

    /// A finding about any subject with an origin.
    #[must_use]
    pub fn new(rule: &'static Rule, subject: Subject, origin: Origin, field_path: FieldPath, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            own_severity: rule.severity,
            subject,
            origin,
            field_path,
            variant: None,
            message,
            fix: None,
            related: Vec::new(),
            clients: AffectedClients::None,
            equivalent_codes: rule.aka,
            patch: None,
            is_weakened_by_patch: false,
            is_fixed_by_restart: false,
        }
    }

    /// Identifies the finding in baselines and comparisons: the same rule on the same field of the same object, for the same reason if
    /// there are several. How much it affects is not part of it, see [`Self::extent`].
    ///
    /// It is the FNV-1a hash of these, as 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let variant = self.variant.as_ref().map(|variant| format!("\n{variant}")).unwrap_or_default();
        let text = format!("{}\n{}\n{}{variant}", self.rule.id, self.subject, self.field_path);
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{hash:016x}")
    }

    /// How much it affects: the workloads that are involved, and the namespaces of clients. A finding that affects more than before is new.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let is_workload = |subject: &&Subject| subject.kind.known().is_none_or(|kind| WORKLOAD_KINDS.contains(&kind));
        let related = self.related.iter().filter(is_workload).map(ToString::to_string);
        let clients: BTreeSet<String> = match &self.clients {
            AffectedClients::None => BTreeSet::new(),
            AffectedClients::Namespaces(names) => names.iter().map(|name| format!("clients of namespace {name}")).collect(),
            AffectedClients::All => [ALL_CLIENTS.to_owned()].into(),
        };
        Extent { severity: self.own_severity, affected: related.chain(clients).collect() }
    }

    /// Distinguishes it from other findings of the rule about the same field.
    #[must_use]
    pub fn with_variant(self, variant: impl Into<String>) -> Self {
        Self { variant: Some(variant.into()), ..self }
    }

    #[must_use]
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, own_severity: severity, ..self }
    }

    /// Sets the severity that the project's configuration names.
    #[must_use]
    pub fn with_configured_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Sets the codes of other tools, if fewer than those of the rule apply.
    #[must_use]
    pub fn with_equivalent_codes(self, aka: &'static [&'static str]) -> Self {
        Self { equivalent_codes: aka, ..self }
    }

    /// Sets the fix for this case.
    #[must_use]
    pub fn with_fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    /// Sets the change of an object that fixes it.
    #[must_use]
    pub fn with_patch(self, object: &Id, edit: Edit) -> Self {
        Self { patch: Some(Patch { object: object.clone(), edit }), ..self }
    }

    /// Sets a change after which plaintext is accepted or sent where it was not.
    #[must_use]
    pub fn with_weakening_patch(self, object: &Id, edit: Edit) -> Self {
        Self { is_weakened_by_patch: true, ..self.with_patch(object, edit) }
    }

    /// Marks the finding as fixed by a restart of the workload's pods.
    #[must_use]
    pub fn with_restart_fix(self) -> Self {
        Self { is_fixed_by_restart: true, ..self }
    }

    /// Sets the namespaces of the affected clients. A mismatch without a namespace applies to every namespace without rules of its own,
    /// so one `None` means all clients.
    #[must_use]
    pub fn with_clients<'c>(self, namespaces: impl IntoIterator<Item = Option<&'c Text>>) -> Self {
        let named: Option<BTreeSet<Text>> = namespaces.into_iter().map(Option::<&Text>::cloned).collect();
        Self { clients: named.map_or(AffectedClients::All, AffectedClients::Namespaces), ..self }
    }

    /// Sets the other objects that are involved.
    #[must_use]
    pub fn with_related<S: Into<Subject>>(self, related: impl IntoIterator<Item = S>) -> Self {
        Self { related: related.into_iter().map(Into::into).collect(), ..self }
    }
}
