//! Loads the inputs given by flags and prints what was skipped or could not be read.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    configuration::{self, Configured},
    exit::Exit,
    progress::ProgressLine,
    skipped, suggest,
    usage::usage,
};
use crate::{
    mesh::{ControlPlaneOptions, Mesh},
    object::{Configuration, FileOrigin, Gap, Origin, Snapshot, Text},
    report::{LogLines, document::Assumption, escape},
    source::{
        SourceError,
        cluster::{self, Kinds},
        manifest,
        program::InstalledPrograms,
        repository::{self, BuildOptions, HelmOptions, MeshFiles},
    },
};

/// Objects per page: large enough to be fast, small enough for the memory of any API server and of this process.
const PAGE: usize = 500;

/// A mesh that was read.
pub(super) struct LoadedMesh {
    /// Its name; `None` if only one mesh was read.
    pub(super) name: Option<String>,
    /// The paths that no other mesh has.
    pub(super) paths: Vec<String>,
    pub(super) mesh: &'static Mesh<'static>,
}

/// Loads the inputs given by flags and indexes them: one mesh, or those that the files contain.
///
/// A mesh is never freed: the process ends after one command, and the operating system reclaims memory faster than destructors.
pub(super) fn meshes(source: &SourceArgs, scope: &ScopeArgs, kinds: Kinds, display: &DisplayArgs) -> anyhow::Result<Vec<LoadedMesh>> {
    check_stdin_name(source, &source.filename)?;
    let configured = configuration::load(source, first_path(source))?;
    let read = if source.reads_files() {
        select(files(&source.filename, &source.files.kustomize, source, scope, &configured)?, source)?
    } else {
        vec![MeshFiles { snapshot: cluster(source, scope, kinds, display)?, ..MeshFiles::default() }]
    };
    let load = |MeshFiles { name, paths, snapshot }| {
        let mesh = index(Snapshot { configuration: configured.configuration.clone(), ..snapshot }, &source.control_plane_options());
        check_revision(mesh, source)?;
        Ok(LoadedMesh { name, paths, mesh })
    };
    read.into_iter().map(load).collect()
}

/// Loads the one mesh that a question is about.
///
/// # Errors
/// If the files contain several and none is selected.
pub(super) fn mesh(source: &SourceArgs, scope: &ScopeArgs, kinds: Kinds, display: &DisplayArgs) -> anyhow::Result<&'static Mesh<'static>> {
    check_stdin_name(source, &source.filename)?;
    let configured = configuration::load(source, first_path(source))?;
    let read = if source.reads_files() {
        one(files(&source.filename, &source.files.kustomize, source, scope, &configured)?, source)?
    } else {
        cluster(source, scope, kinds, display)?
    };
    let mesh = index(Snapshot { configuration: configured.configuration, ..read }, &source.control_plane_options());
    check_revision(mesh, source)?;
    Ok(mesh)
}

/// The path whose folder has the configuration.
pub(super) fn first_path(source: &SourceArgs) -> Option<&Path> {
    source.filename.first().or(source.files.kustomize.first()).map(PathBuf::as_path)
}

/// The only mesh, or the one that `--mesh` selects.
pub(super) fn one(meshes: Vec<MeshFiles>, source: &SourceArgs) -> anyhow::Result<Snapshot> {
    let mut selected = select(meshes, source)?;
    match (selected.pop(), selected.len()) {
        (Some(mesh), 0) => Ok(mesh.snapshot),
        (last, _) => {
            let names: Vec<String> = selected.into_iter().chain(last).filter_map(|mesh| mesh.name).collect();
            Err(usage(format!("the files contain {} meshes: select one with --mesh, of {}", names.len(), names.join(", "))))
        }
    }
}

/// The meshes of two states of the same question. `--mesh` selects one where there are several; another state may be that mesh alone.
///
/// # Errors
/// If a state contains several and none is selected, or neither has the selected one.
pub(super) fn both(before: Vec<MeshFiles>, after: Vec<MeshFiles>, source: &SourceArgs) -> anyhow::Result<(Snapshot, Snapshot)> {
    let is_alone = |meshes: &[MeshFiles]| matches!(meshes, [only] if only.name.is_none());
    let only = |meshes: Vec<MeshFiles>| meshes.into_iter().next().unwrap_or_default().snapshot;
    Ok(match (is_alone(&before), is_alone(&after)) {
        (true, false) => (only(before), one(after, source)?),
        (false, true) => (one(before, source)?, only(after)),
        _ => (one(before, source)?, one(after, source)?),
    })
}

/// The meshes that `--mesh` selects: all, or one without its name.
fn select(meshes: Vec<MeshFiles>, source: &SourceArgs) -> anyhow::Result<Vec<MeshFiles>> {
    let Some(wanted) = &source.files.mesh else {
        return Ok(match <[MeshFiles; 1]>::try_from(meshes) {
            Ok([only]) => vec![MeshFiles { name: None, ..only }],
            Err(meshes) => meshes,
        });
    };
    let wanted_path = wanted.trim_start_matches("./").trim_end_matches('/');
    let names = |mesh: &MeshFiles| mesh.name.iter().chain(&mesh.paths).cloned().collect::<Vec<_>>();
    let is_exact = |mesh: &&MeshFiles| names(mesh).iter().any(|name| name == wanted || name == wanted_path);
    let is_near = |mesh: &&MeshFiles| names(mesh).iter().any(|name| Path::new(name).ends_with(wanted_path));
    let exact = meshes.iter().find(is_exact);
    let near: Vec<&MeshFiles> = meshes.iter().filter(is_near).collect();
    let only_near = if let [mesh] = near[..] { Some(mesh) } else { None };
    if let Some(mesh) = exact.or(only_near) {
        return Ok(vec![MeshFiles { name: None, ..mesh.clone() }]);
    }
    let known: Vec<&str> = meshes.iter().filter_map(|mesh| mesh.name.as_deref()).collect();
    let listed = if known.is_empty() {
        "the files contain one mesh, which has no name".to_owned()
    } else {
        format!("expected one of {}", known.join(", "))
    };
    Err(usage(format!("unknown mesh `{wanted}`: {listed}{}", suggest::did_you_mean(&suggest::names(wanted, known)))))
}

/// An error if standard input has a name and is not read.
pub(super) fn check_stdin_name<'p>(source: &SourceArgs, paths: impl IntoIterator<Item = &'p PathBuf>) -> anyhow::Result<()> {
    let is_read = paths.into_iter().any(|path| path.as_os_str() == "-");
    match &source.files.stdin_name {
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

/// The meshes that files contain.
pub(super) fn files(
    paths: &[PathBuf],
    kustomizations: &[PathBuf],
    source: &SourceArgs,
    scope: &ScopeArgs,
    configured: &Configured,
) -> anyhow::Result<Vec<MeshFiles>> {
    let request = manifest::Request {
        paths,
        recursive: source.recursive,
        namespace: scope.namespaces.first().map_or("", String::as_str),
        now: now(),
        exclude: configured.exclude.clone().and(&source.files.exclude, paths).map_err(usage)?,
        no_ignore: source.files.no_ignore,
        stdin_name: source.files.stdin_name.as_deref().unwrap_or(FileOrigin::STDIN),
        programs: &InstalledPrograms,
        ..manifest::Request::default()
    };
    let options = BuildOptions { kustomize: kustomizations.to_vec(), helm: helm(source, configured)?, time: source.files.build_timeout };
    repository::read(&request, &options, &configured.meshes, &mut io::stdin().lock()).context("cannot read the manifests")
}

/// How charts are rendered: as the flags set it, else as the configuration does.
fn helm(source: &SourceArgs, configured: &Configured) -> anyhow::Result<HelmOptions> {
    let config = configured.configuration.as_ref().map(|configuration| configuration.settings.helm.clone()).unwrap_or_default();
    let of_config = || config.values.iter().map(|file| configured.folder.join(file)).collect();
    let values: Vec<PathBuf> = if source.files.helm_values.is_empty() { of_config() } else { source.files.helm_values.clone() };
    if let Some(missing) = values.iter().find(|file| !file.is_file()) {
        return Err(usage(format!("cannot read the values {}: no such file", missing.display())));
    }
    let release = source.files.helm_release.clone().or(config.release);
    Ok(HelmOptions { values, release, namespace: source.files.helm_namespace.clone().or(config.namespace) })
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
    if !display.quiet {
        skipped::lines(snapshot, display.verbose).iter().try_for_each(|line| writeln!(sink, "{}", escape(line)))?;
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
    source_error(error).map(|error| error.hint().to_owned())
}

/// The status of a command that ends with an error.
pub(super) fn status(error: &anyhow::Error) -> Exit {
    if source_error(error).is_some_and(SourceError::is_invalid_usage) { Exit::InvalidUsage } else { Exit::Incomplete }
}

fn source_error(error: &anyhow::Error) -> Option<&SourceError> {
    error.chain().find_map(|cause| cause.downcast_ref::<SourceError>())
}
