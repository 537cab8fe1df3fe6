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
    call::Call,
    diff::Diff,
    explain::Explanation,
    migrate::Migration,
    plan::Plan,
    policies::Policies,
    rules::{Catalogue, Rule},
    sidecars::Sidecars,
};

/// The document of one command.
#[derive(Serialize, JsonSchema)]
struct CommandDocument<B> {
    #[serde(flatten)]
    header: Header,
    #[serde(flatten)]
    body: B,
}

/// The schemas by command and variant of its result.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("analyze", schema_of::<CommandDocument<Analysis>>("The output of `kubectl mtls analyze`.")),
        ("analyze-fix-plan", schema_of::<CommandDocument<Plan>>("The output of `kubectl mtls analyze --fix-plan`.")),
        ("analyze-list-rules", schema_of::<CommandDocument<Catalogue>>("The output of `kubectl mtls analyze --list-rules`.")),
        ("audit", schema_of::<CommandDocument<Audit>>("The output of `kubectl mtls audit`.")),
        ("diff", schema_of::<CommandDocument<Diff>>("The output of `kubectl mtls diff`.")),
        ("explain-call", schema_of::<CommandDocument<Call>>("The output of `kubectl mtls explain FROM TO`.")),
        ("explain-rule", schema_of::<CommandDocument<Rule>>("The output of `kubectl mtls explain MTLSnnn`.")),
        ("explain-workload", schema_of::<CommandDocument<Explanation>>("The output of `kubectl mtls explain WORKLOAD`.")),
        ("migrate-check", schema_of::<CommandDocument<Migration>>("The output of `kubectl mtls migrate-check`.")),
        ("policies", schema_of::<CommandDocument<Policies>>("The output of `kubectl mtls policies`.")),
        ("sidecars", schema_of::<CommandDocument<Sidecars>>("The output of `kubectl mtls sidecars`.")),
    ]
}

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let schema: Schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    let mut titled = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title });
    if let (Some(titled), Some(of_type)) = (titled.as_object_mut(), value.as_object_mut()) {
        let is_new = |key: &str| !matches!(key, "$schema" | "title" | "description");
        titled.extend(std::mem::take(of_type).into_iter().filter(|(key, _)| is_new(key)));
    }
    titled
}
