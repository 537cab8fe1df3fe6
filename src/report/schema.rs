//! The JSON Schema of every document that `-o json` writes.
//!
//! The schemas are open: fields can be added. The existing fields are always present, `null` or empty without a value.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Value, json};

use super::document::{
    Header,
    analysis::Analysis,
    audit::Audit,
    call::Reach,
    diff::Diff,
    explain::Explain,
    migrate::Migration,
    plan::Plan,
    policies::Policies,
    rules::{Catalogue, Rule},
    sidecars::Sidecars,
};

/// The document of one command.
#[derive(Serialize, JsonSchema)]
struct Whole<B> {
    #[serde(flatten)]
    header: Header,
    #[serde(flatten)]
    body: B,
}

/// The schemas by command and variant of its result.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("analyze", of::<Whole<Analysis>>("The answer of `kubectl mtls analyze`.")),
        ("analyze-fix-plan", of::<Whole<Plan>>("The answer of `kubectl mtls analyze --fix-plan`.")),
        ("analyze-list-rules", of::<Whole<Catalogue>>("The answer of `kubectl mtls analyze --list-rules`.")),
        ("audit", of::<Whole<Audit>>("The answer of `kubectl mtls audit`.")),
        ("diff", of::<Whole<Diff>>("The answer of `kubectl mtls diff`.")),
        ("explain-call", of::<Whole<Reach>>("The answer of `kubectl mtls explain FROM TO`.")),
        ("explain-rule", of::<Whole<Rule>>("The answer of `kubectl mtls explain MTLSnnn`.")),
        ("explain-workload", of::<Whole<Explain>>("The answer of `kubectl mtls explain WORKLOAD`.")),
        ("migrate-check", of::<Whole<Migration>>("The answer of `kubectl mtls migrate-check`.")),
        ("policies", of::<Whole<Policies>>("The answer of `kubectl mtls policies`.")),
        ("sidecars", of::<Whole<Sidecars>>("The answer of `kubectl mtls sidecars`.")),
    ]
}

fn of<T: JsonSchema>(title: &str) -> Value {
    let schema: Schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    let mut named = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title });
    if let (Some(named), Some(of_type)) = (named.as_object_mut(), value.as_object_mut()) {
        let is_new = |key: &str| !matches!(key, "$schema" | "title" | "description");
        named.extend(std::mem::take(of_type).into_iter().filter(|(key, _)| is_new(key)));
    }
    named
}
