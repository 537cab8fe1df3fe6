//! What was found and not read, as lines for standard error.

use crate::object::{Built, NotEnteredReason, Snapshot, abbreviated_list, plural};

/// Names that a line shows without `-v`.
const SHOWN: usize = 4;

/// The lines about folders, files and documents that were skipped, and about what was built.
pub(super) fn lines(snapshot: &Snapshot, is_verbose: bool) -> Vec<String> {
    let tally = &snapshot.tally;
    let mut lines = built(&tally.built, is_verbose);
    if tally.excluded > 0 {
        let (by, files) = (excluded_by(snapshot), plural(tally.excluded, "file"));
        lines.push(format!("excluded by {by}: {files} ({})", listed(&tally.exclude, is_verbose)));
    }
    for (reason, title) in [
        (NotEnteredReason::Hidden, "not entered, because they are hidden (--no-ignore reads them)"),
        (NotEnteredReason::Dependencies, "not entered, because they contain dependencies (--no-ignore reads them)"),
        (NotEnteredReason::Ignored, "not read, because .gitignore names them and git does not track them (--no-ignore reads them)"),
        (NotEnteredReason::Unreferenced, "not read, because the kustomization or chart of their folder does not use them"),
        (NotEnteredReason::OutsideMeshes, "not read, because they are in no mesh of the configuration"),
    ] {
        let paths: Vec<String> = tally.not_entered.iter().filter(|one| one.reason == reason).map(|one| one.path.clone()).collect();
        if !paths.is_empty() {
            lines.push(format!("{title}: {}", shown(paths, is_verbose)));
        }
    }
    if tally.not_objects > 0 {
        lines.push(format!("skipped, because they are no Kubernetes objects: {}", plural(tally.not_objects, "document")));
    }
    lines
}

/// What has the patterns of excluded files.
pub(super) fn excluded_by(snapshot: &Snapshot) -> &'static str {
    let configured = snapshot.configuration.as_ref().map_or(0, |configuration| configuration.settings.exclude.len());
    match (configured > 0, snapshot.tally.exclude.len() > configured) {
        (true, true) => "the configuration and --exclude",
        (false, true) => "--exclude",
        (_, false) => "the configuration",
    }
}

fn built(all: &[Built], is_verbose: bool) -> Vec<String> {
    let of_builder = all.chunk_by(|one, next| one.builder == next.builder);
    of_builder
        .map(|roots| {
            format!("built with `{}`: {}", roots[0].builder, shown(roots.iter().map(|root| root.path.clone()).collect(), is_verbose))
        })
        .collect()
}

fn shown(mut paths: Vec<String>, is_verbose: bool) -> String {
    paths.sort();
    listed(&paths, is_verbose)
}

fn listed(names: &[String], is_verbose: bool) -> String {
    if is_verbose { names.join(", ") } else { abbreviated_list(SHOWN, names) }
}
