//! `policies`.

use std::collections::BTreeMap;

use super::{
    args::{Output, ScopeArgs, Source, format_of},
    gate::{self, Exit, FailOn},
    present, reading,
};
use crate::{
    checks,
    istio::Mode,
    mesh::Subject,
    object::Id,
    queries::policies::{self, PolicyRow, RuleRow, RuleStatus, Status},
    report::{
        Document, Format,
        document::{
            self as doc, Body,
            words::{PolicyMode, Scope},
        },
    },
    source::cluster::Kinds,
};

/// Flags of `policies`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_answers()), help_heading = "How to show it")]
    output: Format,
    #[command(flatten)]
    how: Output,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return reading::print_rbac(Kinds::Policies);
    }
    let mesh = reading::mesh(&args.source, &args.scope, Kinds::Policies, &args.how)?;
    let scope = args.scope.scope();
    let (server, client) = (policies::server_side(mesh, &scope), policies::client_side(mesh, &scope));
    let shown: Vec<Subject> =
        server.iter().map(|row| &row.policy.id).chain(client.iter().map(|row| &row.rule.id)).map(Subject::from).collect();
    let found = checks::run(mesh, |_| true).into_iter().filter(|finding| shown.contains(&finding.subject));
    let (findings, suppressed) = checks::suppress(mesh, found.collect());
    let gaps = [mesh.gaps(), scope.unmet(mesh)].concat();
    let header = present::header("policies", mesh, &gaps, &findings, suppressed);
    reading::tell(mesh.snapshot(), &gaps, &header.assumptions, &args.how)?;
    let policies = server.iter().map(server_side).chain(client.iter().map(client_side)).collect();
    reading::show(&Document { header, body: Body::Policies(doc::Policies { policies }) }, args.output, &args.how)?;
    Ok(gate::exit([], FailOn::Never, !gaps.is_empty(), args.how.allow_gaps))
}

fn server_side(row: &PolicyRow<'_>) -> doc::Policy {
    let policy = row.policy;
    doc::Policy {
        kind: policy.id.kind.name(),
        namespace: policy.id.namespace.to_string(),
        name: policy.id.name.to_string(),
        scope: row.reach.into(),
        host: None,
        selector: policy.selector.labels().map(ToString::to_string),
        mode: Some(mode(policy.mode)),
        ports: policy.ports.iter().map(|(port, mode)| (port.to_string(), self::mode(*mode))).collect(),
        workloads: Some(row.governs),
        in_force: (row.status != Status::Open).then(|| row.status.is_in_force()),
        because: because(row),
    }
}

/// The mode a policy sets.
fn mode(mode: Option<Mode>) -> PolicyMode {
    mode.map_or(PolicyMode::Unset, PolicyMode::from)
}

fn because(row: &PolicyRow<'_>) -> String {
    let names = |ids: &std::collections::BTreeSet<&Id>| ids.iter().map(|id| id.path()).collect::<Vec<_>>().join(", ");
    match &row.status {
        Status::InForce => String::new(),
        Status::PartlyBeaten(by) => {
            format!("for {} of {} workloads; {} comes first (S9) for the rest (S11)", row.governs, row.selects, names(by))
        }
        Status::Beaten(by) => format!(
            "{} comes first (S9) and wins whole ({})",
            names(by),
            if row.selects > 0 && row.policy.selector.labels().is_some() { "S11" } else { "S10" }
        ),
        Status::Ignored => "selects in the root namespace, where selectors count for nobody (S6)".into(),
        Status::SelectsNothing => "no workload has these labels".into(),
        Status::Open => "no workload was read that it could select".into(),
    }
}

fn client_side(row: &RuleRow<'_>) -> doc::Policy {
    let rule = row.rule;
    let (in_force, because) = match row.status {
        RuleStatus::InUse => (Some(true), ""),
        RuleStatus::Shadowed => (Some(false), "other rules come first for every client (S56, S58)"),
        RuleStatus::Orphan => (Some(false), "nothing that was read has its host (S52)"),
        RuleStatus::Open => (None, "no Services were read, which decide what its host is"),
    };
    let settings: BTreeMap<String, PolicyMode> = rule.tls_settings().map(|(scope, tls)| (scope, tls.mode.into())).collect();
    doc::Policy {
        kind: rule.id.kind.name(),
        namespace: rule.id.namespace.to_string(),
        name: rule.id.name.to_string(),
        scope: Scope::Host,
        host: Some(rule.host.to_string()),
        selector: rule.selector.labels().map(ToString::to_string),
        mode: rule.policy.tls.as_ref().map(|tls| tls.mode.into()),
        ports: settings.into_iter().filter(|(scope, _)| scope != "all ports").collect(),
        workloads: None,
        in_force,
        because: because.into(),
    }
}
