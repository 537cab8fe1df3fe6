//! Renders a chart with Helm.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::kustomization::text;
use crate::source::{
    manifest::yaml::{self, Node},
    program::{Failure, Invocation, Programs},
};

/// How charts are rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelmOptions {
    /// Files with values, in order.
    pub values: Vec<PathBuf>,
    /// The name of the release; that of the chart's folder if it is not set.
    pub release: Option<String>,
    /// The namespace of the release; that of manifests without one if it is not set.
    pub namespace: Option<String>,
}

/// The builder as shown.
pub(super) const BUILDER: &str = "helm template";

/// Whether a chart is a library, which renders nothing.
pub(super) fn is_library(folder: &Path) -> bool {
    let Ok(text) = text(&folder.join("Chart.yaml")) else { return false };
    yaml::document(&text).is_ok_and(|document| document.root.get("type").and_then(Node::text) == Some("library"))
}

/// The name of the release of a chart.
pub(super) fn release(folder: &Path, options: &HelmOptions) -> String {
    let folder = folder.file_name().and_then(|name| name.to_str()).unwrap_or("release-name");
    options.release.clone().unwrap_or_else(|| folder.to_ascii_lowercase().replace(['_', '.', ' '], "-"))
}

/// The manifests of a chart in a folder without links.
///
/// # Errors
/// Why it could not be rendered.
pub(super) fn render(
    folder: &Path,
    namespace: &str,
    options: &HelmOptions,
    programs: &dyn Programs,
    time: Duration,
) -> Result<Vec<u8>, String> {
    if let Some(reason) = obstacle(folder) {
        return Err(reason);
    }
    if !programs.has("helm") {
        return Err("it is not rendered, because helm is not on the PATH".into());
    }
    let mut arguments: Vec<OsString> = ["template".into(), release(folder, options).into(), ".".into()].into();
    arguments.extend(["--namespace".into(), namespace.into(), "--include-crds".into(), "--skip-tests".into()]);
    for file in &options.values {
        arguments.extend(["--values".into(), fs::canonicalize(file).unwrap_or_else(|_| file.clone()).into()]);
    }
    let run = programs.run(&Invocation { program: "helm", arguments, folder: folder.to_owned(), time });
    run.map_err(|failure| match failure {
        Failure::Missing => "helm cannot be run".into(),
        Failure::Failed(words) => format!("helm failed: {words}"),
        Failure::TimedOut => format!("helm did not end within {} s", time.as_secs()),
        Failure::TooLarge => "the output of helm is too large".into(),
    })
}

/// What a chart needs that is not in its folder.
fn obstacle(folder: &Path) -> Option<String> {
    let documents = ["Chart.yaml", "requirements.yaml"].into_iter().filter_map(|name| text(&folder.join(name)).ok());
    let there: Vec<String> = fs::read_dir(folder.join("charts"))
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect())
        .unwrap_or_default();
    let missing =
        |name: &str| !there.iter().any(|entry| entry == name || entry.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')));
    documents.into_iter().find_map(|text| missing_dependency(&text, &missing))
}

fn missing_dependency(text: &str, missing: &dyn Fn(&str) -> bool) -> Option<String> {
    let document = yaml::document(text).ok()?;
    let dependencies = document.root.get("dependencies").and_then(Node::items).unwrap_or_default();
    let name = dependencies.iter().filter_map(|one| one.get("name")?.text()).find(|name| missing(name))?;
    Some(format!("its dependency {name} is not in its folder charts, and nothing is downloaded (`helm dependency build` does)"))
}
