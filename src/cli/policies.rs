//! The `policies` command.

use super::{
    answers::{self, Answer},
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    document::{self, header},
    exit::Exit,
    load::{self, LoadedMesh},
    names,
    output::{self, OutputArg, Outputs},
};
use crate::{
    checks,
    mesh::Subject,
    queries::policies,
    report::{
        Document, Format,
        document::{Body, meshes::MeshDocument},
    },
    source::cluster::Kinds,
};

/// Flags of `policies`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_answers()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::Policies);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    let scope = args.scope.scope();
    let answer = |LoadedMesh { name, paths, mesh }: LoadedMesh| {
        let (server, client) = (policies::server_side(mesh, &scope), policies::client_side(mesh, &scope));
        let shown: Vec<Subject> =
            server.iter().map(|row| &row.policy.id).chain(client.iter().map(|row| &row.rule.id)).map(Subject::from).collect();
        let about_shown = checks::run(mesh, |_| true).into_iter().filter(|finding| shown.contains(&finding.subject));
        let (findings, adjustments) = checks::suppress(mesh, about_shown.collect());
        let gaps = [mesh.gaps(), names::unmatched(mesh, &scope)].concat();
        let header = header::header("policies", mesh, &gaps, &scope, &findings, &adjustments, checks::mesh_rules());
        let body = Body::Policies(document::policies::policies(&server, &client));
        Answer { mesh, gaps, document: MeshDocument { name, paths, document: Document::new(header, body) } }
    };
    let meshes = load::meshes(&args.source, &args.scope, Kinds::Policies, &args.display)?;
    answers::show(meshes.into_iter().map(answer).collect(), &outputs, &args.display)
}
