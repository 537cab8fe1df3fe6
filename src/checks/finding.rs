//! What a check says.

use std::collections::BTreeSet;

use super::{Rule, Severity};
use crate::{
    mesh::{Subject, Workload},
    object::{Edit, FieldPath, Id, Origin, Patch, Snapshot, Text, first_of},
};

/// The namespaces whose calls something spoils.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Clients {
    /// It speaks of no calls.
    #[default]
    None,
    /// Clients of these.
    Of(BTreeSet<Text>),
    /// Whoever calls.
    Everybody,
}

/// One judgement: a rule, the object to blame, and the field of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters here.
    pub severity: Severity,
    /// The object to blame.
    pub subject: Subject,
    /// Where that was read.
    pub origin: Origin,
    /// The field to blame.
    pub at: FieldPath,
    /// What is wrong, with the names and values of this case.
    pub message: String,
    /// What to do about it, if there is more to say than the rule does.
    pub fix: Option<String>,
    /// Other objects that have a part in it.
    pub related: Vec<Subject>,
    /// Whose calls it spoils.
    pub clients: Clients,
    /// The same complaint in other tools, in this very case.
    pub aka: &'static [&'static str],
    /// The change that mends it, where there is one that can be told.
    pub patch: Option<Patch>,
    /// Whether new pods of the workload are all that it takes.
    pub is_fixed_by_restart: bool,
}

impl Finding {
    /// A finding about an object.
    #[must_use]
    pub fn about(rule: &'static Rule, snapshot: &Snapshot, id: &Id, at: FieldPath, message: String) -> Self {
        let origin = snapshot.origin(id).cloned().unwrap_or(Origin::Cluster);
        Self::at(rule, id.into(), origin, at, message)
    }

    /// A finding about a workload.
    #[must_use]
    pub fn about_workload(rule: &'static Rule, workload: &Workload<'_>, at: FieldPath, message: String) -> Self {
        Self::at(rule, workload.subject.clone(), workload.origin.clone(), at, message)
    }

    /// A finding about anything that was read somewhere.
    #[must_use]
    pub fn at(rule: &'static Rule, subject: Subject, origin: Origin, at: FieldPath, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            subject,
            origin,
            at,
            message,
            fix: None,
            related: Vec::new(),
            clients: Clients::None,
            aka: rule.aka,
            patch: None,
            is_fixed_by_restart: false,
        }
    }

    /// What identifies it in baselines and comparisons, the same for the same rule on the same field of the same object: FNV-1a of
    /// the three, as 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = format!("{}\n{}\n{}", self.rule.id, self.subject, self.at);
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{hash:016x}")
    }

    /// The same with another severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same where other tools have fewer names for it than the rule has.
    #[must_use]
    pub fn aka(self, aka: &'static [&'static str]) -> Self {
        Self { aka, ..self }
    }

    /// The same with what to do in this very case.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    /// The same with the change of an object that mends it.
    #[must_use]
    pub fn patch(self, object: &Id, edit: Edit) -> Self {
        Self { patch: Some(Patch { object: object.clone(), edit }), ..self }
    }

    /// The same where new pods of the workload are all that it takes.
    #[must_use]
    pub fn fixed_by_restart(self) -> Self {
        Self { is_fixed_by_restart: true, ..self }
    }

    /// The same with the namespaces of the clients, `None` for whoever has no rules of their own.
    #[must_use]
    pub fn clients<'c>(self, namespaces: impl IntoIterator<Item = Option<&'c Text>>) -> Self {
        let of: Option<BTreeSet<Text>> = namespaces.into_iter().map(Option::<&Text>::cloned).collect();
        Self { clients: of.map_or(Clients::Everybody, Clients::Of), ..self }
    }

    /// The same with the other objects that have a part in it.
    #[must_use]
    pub fn related<S: Into<Subject>>(self, related: impl IntoIterator<Item = S>) -> Self {
        Self { related: related.into_iter().map(Into::into).collect(), ..self }
    }
}

/// The first few of some names and how many more there are, for a message.
pub(super) fn some<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    first_of(3, names)
}
