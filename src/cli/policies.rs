//! `policies`.

use super::{
    args::{Output, ScopeArgs, Source, format_of},
    document::{self, header},
    gate::{self, Exit, FailOn},
    load,
};
use crate::{
    checks,
    mesh::Subject,
    queries::policies,
    report::{Document, Format, document::Body},
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
        return load::print_rbac(Kinds::Policies);
    }
    let mesh = load::mesh(&args.source, &args.scope, Kinds::Policies, &args.how)?;
    let scope = args.scope.scope();
    let (server, client) = (policies::server_side(mesh, &scope), policies::client_side(mesh, &scope));
    let shown: Vec<Subject> =
        server.iter().map(|row| &row.policy.id).chain(client.iter().map(|row| &row.rule.id)).map(Subject::from).collect();
    let found = checks::run(mesh, |_| true).into_iter().filter(|finding| shown.contains(&finding.subject));
    let (findings, suppressed) = checks::suppress(mesh, found.collect());
    let gaps = [mesh.gaps(), scope.unmatched(mesh)].concat();
    let header = header::header("policies", mesh, &gaps, &findings, suppressed, checks::mesh_rules());
    load::tell(mesh.snapshot(), &gaps, &header.assumptions, &args.how)?;
    let body = document::policies::policies(&server, &client);
    load::show(&Document { header, body: Body::Policies(body) }, args.output, &args.how)?;
    Ok(gate::exit([], FailOn::Never, !gaps.is_empty(), args.how.allow_gaps))
}
