//! The `diff` command.

use std::{collections::BTreeSet, path::PathBuf};

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    configuration, document,
    exit::Exit,
    findings::Evaluation,
    load,
    output::{self, OutputArg, Outputs},
    usage::usage,
};
use crate::{
    object::{Id, Kind, Snapshot},
    queries::{
        compare::BeforeAfter,
        diff::{self, Effect},
    },
    report::{
        Format,
        document::{Body, Gate},
    },
    source::{cluster::Kinds, repository::MeshFiles},
};

/// Flags of `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    /// Manifests of the state before the change, instead of a cluster: a file or a folder. Repeatable. -f has the manifests to apply.
    #[arg(long, value_name = "PATH", help_heading = "What to read")]
    before: Vec<PathBuf>,
    /// Object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME if it is cluster-scoped. Repeatable.
    #[arg(long, value_name = "OBJECT", value_parser = parse_object, help_heading = "What to read")]
    delete: Vec<Id>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_findings()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
    #[command(flatten)]
    gate: GateArgs,
    /// Exit with 1 if a call that works before the change would fail after it.
    #[arg(long, help_heading = "What to fail on")]
    fail_on_break: bool,
    /// Exit with 1 if plaintext would be accepted or sent where it is not now.
    #[arg(long, help_heading = "What to fail on")]
    fail_on_weaken: bool,
}

fn parse_object(text: &str) -> Result<Id, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let unknown = || {
        let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("unknown kind `{}`: expected one of {}", parts[0], names.into_iter().collect::<Vec<_>>().join(", "))
    };
    let kind = Kind::of_word(parts[0]).ok_or_else(unknown)?;
    match parts.as_slice() {
        [_, namespace, name] if kind.is_namespaced() && !namespace.is_empty() && !name.is_empty() => Ok(Id::new(kind, *namespace, *name)),
        [_, name] if !kind.is_namespaced() && !name.is_empty() => Ok(Id::new(kind, "", *name)),
        _ if kind.is_namespaced() => Err(format!("invalid object `{text}`: expected {kind}/NAMESPACE/NAME")),
        _ => Err(format!("invalid object `{text}`: expected {kind}/NAME")),
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    if !args.source.reads_files() && args.delete.is_empty() {
        return Err(usage("no changes to compare: set manifests with -f or -k, or objects with --delete".into()));
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    load::check_stdin_name(&args.source, args.source.filename.iter().chain(&args.before))?;
    let first = load::first_path(&args.source).or(args.before.first().map(PathBuf::as_path));
    let configured = configuration::load(&args.source, first)?;
    let nothing = || vec![MeshFiles::default()];
    let files = |paths: &[PathBuf], kustomizations: &[PathBuf]| load::files(paths, kustomizations, &args.source, &args.scope, &configured);
    let manifests = if args.source.reads_files() { files(&args.source.filename, &args.source.files.kustomize)? } else { nothing() };
    let before = if args.before.is_empty() {
        let snapshot = load::cluster(&args.source, &args.scope, Kinds::Comparison, &args.display)?;
        vec![MeshFiles { snapshot, ..MeshFiles::default() }]
    } else {
        files(&args.before, &[])?
    };
    let (before, manifests) = load::both(before, manifests, &args.source)?;
    let configuration = configured.configuration;
    let before = Snapshot { configuration, ..before };
    let deleted: BTreeSet<Id> = args.delete.iter().cloned().collect();
    if let Some(missing) = deleted.iter().find(|id| before.meta(id).is_none()) {
        return Err(usage(format!("cannot delete {missing}: it is not in the state before the change")));
    }
    let changes = before.changes(&manifests, &deleted);
    let after = before.with_manifests(&manifests, &deleted);
    let options = args.source.control_plane_options();
    let states = BeforeAfter { before: load::index(before, &options), after: load::index(after, &options) };
    let evaluation = Evaluation { command: "diff", scope: &args.scope, gate: &args.gate, display: &args.display };
    let evaluated = evaluation.evaluate_mesh(states.after, Some(states.before))?;
    let answer = diff::diff(states, &evaluated.scope);
    let breaks = args.fail_on_break && answer.has_call(Effect::Breaks);
    let modes_weaken = || answer.modes.iter().any(|mode| mode.effect() == Effect::Weakens);
    let weakens = args.fail_on_weaken && (answer.has_call(Effect::Weakens) || modes_weaken());
    let body = document::diff::diff(&changes, &answer, &evaluated.resolved);
    let fails = Gate { breaks: args.fail_on_break, weakens: args.fail_on_weaken, ..Gate::default() };
    let exit = evaluated.fail_on(fails).show(Body::Diff(body), &outputs, &args.gate, &args.display)?;
    Ok(if breaks || weakens { Exit::Findings } else { exit })
}
