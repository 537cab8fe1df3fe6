//! The `explain` command for a workload or a rule; `explain FROM TO` is in `reach`.

use super::{
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    document::{self, header},
    exit::{self, Exit, FailOn},
    load, names,
    output::{self, OutputArg, Outputs},
    reach::{self, CallArgs, CallRequest},
    suggest,
    usage::usage,
};
use crate::{
    checks::{self, Adjustments, Rule},
    mesh::Mesh,
    object::Snapshot,
    queries::{Scope, explain},
    report::{
        Document, Format,
        document::{self as doc, Body},
    },
    source::cluster::Kinds,
};

/// Flags of `explain`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kubectl mtls explain shop/deploy/web -f mesh/\n  kubectl mtls explain deploy/web:8080 -n shop -f mesh/\n  kubectl mtls explain shop/deploy/web db.data:5432 -f mesh/\n  kubectl mtls explain ns/shop svc/db:5432 -n data --from-kind ambient\n  kubectl mtls explain outside data/pod/db-0:5432 --by-ip\n  kubectl mtls explain shop/deploy/web db.data --symptom \"503 UC\"\n  kubectl mtls explain MTLS107"
)]
pub(super) struct Args {
    /// A workload as NAMESPACE/KIND/NAME, KIND/NAME or NAME, with :PORT for one workload port; or a rule's id or name.
    /// With TO, it is the client, which may also be ns/NAMESPACE or outside.
    #[arg(required_unless_present = "print_rbac", default_value = "", hide_default_value = true)]
    pub(super) what: String,
    /// What the client calls: HOST:PORT, svc/NAME:PORT or a workload. Without :PORT it must have only one port.
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) call: CallArgs,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_answers()), help_heading = "How to show it")]
    pub(super) output: Vec<OutputArg>,
    #[command(flatten)]
    pub(super) display: DisplayArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    if let Some(to) = &args.to {
        let Args { what, source, scope, call, display, .. } = args;
        return reach::run(&CallRequest { from: what, to, source, scope, call, outputs: &outputs, display });
    }
    if let Some(rule) = checks::find(&args.what) {
        return page(rule, args, &outputs);
    }
    if args.what.to_ascii_uppercase().starts_with("MTLS") && !args.source.reads_files() {
        let suggestion = suggest::did_you_mean(&suggest::rules(&args.what));
        return Err(usage(format!("unknown rule `{}`: `kubectl mtls analyze --list-rules` lists the rules{suggestion}", args.what)));
    }
    let (wanted, port) = names::parse(&args.what, &args.scope)?;
    let mesh = load::mesh(&args.source, &args.scope, Kinds::All, &args.display)?;
    let workload = names::resolve(mesh, &wanted, &args.what, &suggest::rules(&args.what))?;
    let answer = explain::workload(mesh, workload, port);
    let is_about = |finding: &checks::Finding| checks::is_about(&workload.subject, finding);
    let (findings, adjustments) = checks::suppress(mesh, checks::run(mesh, |_| true).into_iter().filter(is_about).collect());
    let gaps = mesh.gaps();
    let scope = Scope { namespaces: vec![workload.subject.namespace.to_string()], ..Scope::default() };
    let header = header::header("explain", mesh, &gaps, &scope, &findings, &adjustments, checks::mesh_rules());
    load::warn(mesh.snapshot(), &gaps, &header.assumptions, &args.display);
    let body = document::explain::explain(mesh, &answer);
    outputs.write(&Document::new(header, Body::Explanation(Box::new(body))))?;
    Ok(exit::status([], FailOn::Never, !gaps.is_empty(), args.display.allow_gaps))
}

/// Shows the page of a rule. No mesh is read: the document contains an empty one.
fn page(rule: &Rule, args: &Args, outputs: &Outputs) -> anyhow::Result<Exit> {
    let no_objects = Snapshot::default();
    let header = header::header(
        "explain",
        &Mesh::new(&no_objects, &args.source.control_plane_options()),
        &[],
        &Scope::default(),
        &[],
        &Adjustments::default(),
        checks::mesh_rules(),
    );
    let body = doc::rules::Rule { rule: rule.into() };
    outputs.write(&Document::new(header, Body::Rule(body)))?;
    Ok(Exit::Success)
}
