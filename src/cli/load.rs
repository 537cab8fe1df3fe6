//! Loads the inputs given by flags and prints what was skipped or could not be read.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context as _;

use super::{
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    configuration::{self, Configured},
    exit::Exit,
    progress::ProgressLine,
    usage::usage,
};
use crate::{
    mesh::{ControlPlaneOptions, Mesh},
    object::{Configuration, FileOrigin, Gap, Origin, Snapshot, Text},
    report::{LogLines, document::Assumption, escape},
    source::{
        SourceError,
        cluster::{self, Kinds},
        configuration::Exclude,
        manifest,
    },
};

/// Objects per page: large enough to be fast, small enough for the memory of any API server and of this process.
const PAGE: usize = 500;

/// Loads the inputs given by flags and indexes them.
///
/// The mesh is never freed: the process ends after one command, and the operating system reclaims memory faster than destructors.
pub(super) fn mesh(source: &SourceArgs, scope: &ScopeArgs, kinds: Kinds, display: &DisplayArgs) -> anyhow::Result<&'static Mesh<'static>> {
    check_stdin_name(source, &source.filename)?;
    let Configured { configuration, exclude } = configuration::load(source, source.filename.first().map(PathBuf::as_path))?;
    let read =
        if source.filename.is_empty() { cluster(source, scope, kinds, display)? } else { files(&source.filename, source, scope, exclude)? };
    let mesh = index(Snapshot { configuration, ..read }, &source.control_plane_options());
    check_revision(mesh, source)?;
    Ok(mesh)
}

/// An error if standard input has a name and is not read.
pub(super) fn check_stdin_name<'p>(source: &SourceArgs, paths: impl IntoIterator<Item = &'p PathBuf>) -> anyhow::Result<()> {
    let is_read = paths.into_iter().any(|path| path.as_os_str() == "-");
    match &source.stdin_name {
        Some(name) if !is_read => Err(usage(format!("cannot name standard input `{name}`: it is not read; pass -f - as well"))),
        _ => Ok(()),
    }
}

/// An error if no control plane that was read has the revision of `--revision`, and some have others.
fn check_revision(mesh: &Mesh<'_>, source: &SourceArgs) -> anyhow::Result<()> {
    let (Some(revision), planes) = (&source.revision, mesh.control_planes()) else { return Ok(()) };
    let of_istiods = planes.all().iter().map(|plane| &plane.revision);
    let known: BTreeSet<&str> = of_istiods.chain(planes.settings().map(|(revision, _)| revision)).map(Text::as_str).collect();
    if known.is_empty() || known.contains(planes.revision(revision)) {
        return Ok(());
    }
    let list: Vec<&str> = known.into_iter().collect();
    Err(usage(format!(
        "unknown revision `{revision}`: no istiod and no mesh configuration of it was read; expected one of {}",
        list.join(", ")
    )))
}

/// Indexes a snapshot for the lifetime of the process.
pub(super) fn index(snapshot: Snapshot, options: &ControlPlaneOptions) -> &'static Mesh<'static> {
    Box::leak(Box::new(Mesh::new(Box::leak(Box::new(snapshot)), options)))
}

pub(super) fn cluster(source: &SourceArgs, scope: &ScopeArgs, kinds: Kinds, display: &DisplayArgs) -> anyhow::Result<Snapshot> {
    let progress_line = ProgressLine::new(display);
    let request = cluster::Request {
        connection: source.cluster.connection(),
        namespaces: scope.namespaces.clone(),
        kinds,
        istio_namespace: source.istio_namespace.clone(),
        timeout: source.cluster.request_timeout,
        page: PAGE,
        now: now(),
        progress: progress_line.progress(),
        limits: source.cluster.limits(),
    };
    cluster::read(&request).context("cannot read the cluster")
}

/// Reads files; `-` among `paths` is standard input.
pub(super) fn files(paths: &[PathBuf], source: &SourceArgs, scope: &ScopeArgs, exclude: Exclude) -> anyhow::Result<Snapshot> {
    let namespace = scope.namespaces.first().map_or("", String::as_str);
    let request = manifest::Request {
        paths,
        recursive: source.recursive,
        namespace,
        now: now(),
        exclude,
        stdin_name: source.stdin_name.as_deref().unwrap_or(FileOrigin::STDIN),
        max_file_size: manifest::MAX_FILE_SIZE,
    };
    manifest::read(&request, &mut io::stdin().lock()).context("cannot read the manifests")
}

/// The current time in seconds since 1970, which becomes part of the snapshot. Nothing else uses the clock.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Prints the `ClusterRole` that reading a cluster needs.
pub(super) fn print_rbac(kinds: Kinds) -> anyhow::Result<Exit> {
    io::stdout().write_all(cluster::cluster_role(kinds).as_bytes())?;
    Ok(Exit::Success)
}

/// Prints to standard error what was skipped, assumed, or could not be read. The result does not depend on whether that can be printed.
pub(super) fn warn(snapshot: &Snapshot, gaps: &[Gap], assumptions: &[Assumption], display: &DisplayArgs) {
    let mut sink = anstream::AutoStream::new(io::stderr().lock(), display.color_choice());
    let mut lines = LogLines::new(&mut sink);
    let _ = write_warnings(snapshot, gaps, assumptions, display, &mut lines).and_then(|()| lines.flush());
}

fn write_warnings(
    snapshot: &Snapshot,
    gaps: &[Gap],
    assumptions: &[Assumption],
    display: &DisplayArgs,
    sink: &mut dyn Write,
) -> io::Result<()> {
    let tally = &snapshot.tally;
    let unused: usize = tally.unused.values().sum();
    if display.verbose
        && let Some(Configuration { origin: Origin::File(place), .. }) = &snapshot.configuration
    {
        writeln!(sink, "configuration: {}", escape(&place.path))?;
    }
    if let Some(Configuration { origin: Origin::File(place), overrides: Some(other), .. }) = &snapshot.configuration {
        writeln!(sink, "configuration: {} is used, and {} is not", escape(&place.path), escape(other))?;
    }
    if !display.quiet && tally.excluded > 0 {
        writeln!(
            sink,
            "excluded by the configuration: {}",
            match tally.excluded {
                1 => "1 file".to_owned(),
                n => format!("{n} files"),
            }
        )?;
    }
    if !display.quiet && unused + tally.empty > 0 {
        let kinds: Vec<String> = tally.unused.iter().map(|(kind, n)| format!("{n} {}", kind.trim_start_matches('/'))).collect();
        let shown = if display.verbose { kinds.len() } else { kinds.len().min(4) };
        let more = if shown < kinds.len() { ", … (-v shows all)" } else { "" };
        let empty = if tally.empty > 0 { format!("{} empty", tally.empty) } else { String::new() };
        let parts: Vec<String> = [kinds[..shown].join(", ") + more, empty].into_iter().filter(|part| !part.is_empty()).collect();
        writeln!(sink, "skipped, because this answer does not need them: {}", escape(&parts.join("; ")))?;
    }
    if !display.quiet {
        let shown = assumptions.iter().filter(|one| display.verbose || !one.is_usual);
        shown.map(|one| &one.reason).try_for_each(|reason| writeln!(sink, "assumed: {}", escape(reason)))?;
    }
    for Gap { resource, reason, hint, .. } in gaps {
        writeln!(sink, "not read: {}: {}", escape(resource), escape(reason))?;
        writeln!(sink, "    hint: {}", escape(hint))?;
    }
    Ok(())
}

/// How to fix an error; `None` if there is no hint.
pub(super) fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| cause.downcast_ref::<SourceError>()).map(|error| error.hint().to_owned())
}
