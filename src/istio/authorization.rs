//! `AuthorizationPolicy`: only the parts that depend on the identity of callers (S206).

use std::{collections::BTreeSet, sync::LazyLock};

use crate::object::{FieldPath, Id, Labels, Read, Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct AuthorizationPolicy<'s> {
    pub id: &'s Id,
    /// What it does with matching calls; `None` for a value that the API server rejects.
    pub action: Option<Action>,
    /// The labels of its workloads; empty selects every workload in its scope.
    pub selector: &'s Labels,
    /// Whether it is attached to a waypoint or gateway, which enforces it instead of the workloads' own proxies.
    pub is_attached: bool,
    rules: &'s [wire::AuthorizationRule],
}

/// What an `AuthorizationPolicy` does with matching calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `ALLOW`, also if no action is set.
    Allow,
    Deny,
    Audit,
    /// `CUSTOM`: an external authorizer decides.
    Custom,
}

impl Action {
    fn of(value: &str) -> Option<Self> {
        match value {
            "" | "ALLOW" => Some(Self::Allow),
            "DENY" => Some(Self::Deny),
            "AUDIT" => Some(Self::Audit),
            "CUSTOM" => Some(Self::Custom),
            _ => None,
        }
    }
}

impl<'s> AuthorizationPolicy<'s> {
    /// The policy as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::AuthorizationPolicy>) -> Self {
        static ALL: LazyLock<Labels> = LazyLock::new(Labels::default);
        let spec = &read.body.spec;
        Self {
            id: &read.id,
            action: Action::of(&spec.action),
            selector: spec.selector.as_ref().map_or_else(|| &*ALL, |selector| &selector.match_labels),
            is_attached: spec.target_ref.is_some() || !spec.target_refs.is_empty(),
            rules: &spec.rules,
        }
    }

    /// The first field that matches on the caller's identity, with the field's name.
    #[must_use]
    pub fn identity_field(&self) -> Option<(FieldPath, &'static str)> {
        self.rules.iter().enumerate().find_map(|(number, rule)| {
            let base = FieldPath::of("spec.rules").then(number.to_string());
            of_source(rule, &base).or_else(|| of_condition(rule, &base))
        })
    }

    /// The namespaces whose clients it names, directly or in an identity; patterns are left out.
    #[must_use]
    pub fn named_namespaces(&self) -> BTreeSet<Text> {
        let sources = || self.rules.iter().flat_map(|rule| rule.from.iter()).map(|from| &from.source);
        let by_name = sources().flat_map(|source| source.namespaces.iter()).map(Text::as_str);
        let by_identity = sources().flat_map(|source| source.principals.iter()).filter_map(|name| namespace_of(name));
        by_name.chain(by_identity).filter(|name| !name.contains('*')).map(Text::from).collect()
    }
}

/// The namespace in an identity `DOMAIN/ns/NAMESPACE/sa/ACCOUNT`.
fn namespace_of(identity: &str) -> Option<&str> {
    identity.split("/ns/").nth(1)?.split('/').next()
}

fn of_source(rule: &wire::AuthorizationRule, base: &FieldPath) -> Option<(FieldPath, &'static str)> {
    rule.from.iter().enumerate().find_map(|(number, from)| {
        let source = &from.source;
        let fields = [
            ("principals", &source.principals),
            ("notPrincipals", &source.not_principals),
            ("namespaces", &source.namespaces),
            ("notNamespaces", &source.not_namespaces),
            ("serviceAccounts", &source.service_accounts),
            ("notServiceAccounts", &source.not_service_accounts),
        ];
        let (name, _) = fields.into_iter().find(|(_, values)| !values.is_empty())?;
        Some((base.clone().then("from").then(number.to_string()).then("source").then(name), name))
    })
}

fn of_condition(rule: &wire::AuthorizationRule, base: &FieldPath) -> Option<(FieldPath, &'static str)> {
    const KEYS: [&str; 3] = ["source.principal", "source.namespace", "source.serviceAccount"];
    rule.when.iter().enumerate().find_map(|(number, condition)| {
        let key = KEYS.into_iter().find(|key| condition.key == *key)?;
        Some((base.clone().then("when").then(number.to_string()).then("key"), key))
    })
}
