//! The `sidecars` command.

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
    checks::{self, Topic},
    queries::{assumptions, sidecars},
    report::{
        Document, Format,
        document::{Body, Header, meshes::MeshDocument, sidecars::View},
    },
    source::cluster::Kinds,
};

/// Flags of `sidecars`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Show every workload, including those that need no attention.
    #[arg(long, help_heading = "What to show", conflicts_with = "services")]
    all: bool,
    /// Show Services, and which of their endpoints have no proxy.
    #[arg(long, help_heading = "What to show")]
    services: bool,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_answers()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
}

impl Args {
    fn view(&self) -> View {
        match (self.services, self.all) {
            (true, _) => View::Services,
            (false, true) => View::Workloads,
            (false, false) => View::Attention,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::Workloads);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    let scope = args.scope.scope();
    let answer = |LoadedMesh { name, paths, mesh }: LoadedMesh| {
        let findings_of_proxies = checks::run(mesh, |rule| rule.topic() == Topic::Proxy);
        let is_in_scope = |finding: &checks::Finding| scope.contains_subject(mesh, &finding.subject);
        let (findings, adjustments) = checks::suppress(mesh, findings_of_proxies.into_iter().filter(is_in_scope).collect());
        let gaps = [mesh.gaps(), names::unmatched(mesh, &scope)].concat();
        let assumptions = header::assumed(&assumptions::injection_assumptions(mesh));
        let header =
            Header { assumptions, ..header::header("sidecars", mesh, &gaps, &scope, &findings, &adjustments, checks::mesh_rules()) };
        let services = if args.services { sidecars::services(mesh, &scope) } else { Vec::new() };
        let body = document::sidecars::sidecars(mesh, &sidecars::inventory(mesh, &scope), &services, args.view());
        Answer { mesh, gaps, document: MeshDocument { name, paths, document: Document::new(header, Body::Sidecars(body)) } }
    };
    let meshes = load::meshes(&args.source, &args.scope, Kinds::Workloads, &args.display)?;
    answers::show(meshes.into_iter().map(answer).collect(), &outputs, &args.display)
}
