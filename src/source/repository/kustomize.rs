//! Builds a kustomization with kubectl or kustomize.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{display::relative, temporary::TemporaryFolder, tree::KustomizeRoot};
use crate::source::program::{Failure, Invocation, Programs};

/// The builders, in order of preference: program, subcommand, and both as shown.
const BUILDERS: [(&str, &str, &str); 2] = [("kubectl", "kustomize", "kubectl kustomize"), ("kustomize", "build", "kustomize build")];

/// The manifests of a kustomization.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) text: Vec<u8>,
    pub(super) builder: &'static str,
    /// The folder to which the origins of objects are relative; `None` if the builder did not add them.
    pub(super) origins: Option<PathBuf>,
}

/// Builds a kustomization.
///
/// # Errors
/// Why it could not be built.
pub(super) fn build(root: &KustomizeRoot, programs: &dyn Programs, time: Duration) -> Result<Output, String> {
    if let Some(reason) = &root.obstacle {
        return Err(reason.clone());
    }
    let mut reason = None;
    for (program, subcommand, builder) in BUILDERS.into_iter().filter(|(program, ..)| programs.has(program)) {
        let build = Build { root, program, subcommand, programs, time };
        match build.with_origins().or_else(|failure| if failure == Failure::TimedOut { Err(failure) } else { build.plain() }) {
            Ok((text, origins)) => return Ok(Output { text, builder, origins }),
            Err(failure) => reason = reason.or_else(|| Some(words(builder, &failure, time))),
        }
    }
    Err(reason.unwrap_or_else(|| "it is not built, because neither kubectl nor kustomize is on the PATH".into()))
}

fn words(builder: &str, failure: &Failure, time: Duration) -> String {
    match failure {
        Failure::Missing => format!("{builder} cannot be run"),
        Failure::Failed(words) => format!("{builder} failed: {words}"),
        Failure::TimedOut => format!("{builder} did not end within {} s", time.as_secs()),
        Failure::TooLarge => format!("the output of {builder} is too large"),
    }
}

struct Build<'b> {
    root: &'b KustomizeRoot,
    program: &'static str,
    subcommand: &'static str,
    programs: &'b dyn Programs,
    time: Duration,
}

type Built = (Vec<u8>, Option<PathBuf>);

impl Build<'_> {
    /// Through another kustomization, which adds the origin of every object.
    fn with_origins(&self) -> Result<Built, Failure> {
        if self.root.has_schema {
            return Err(Failure::Missing);
        }
        let failed = |error: std::io::Error| Failure::Failed(error.to_string());
        let folder = TemporaryFolder::create().map_err(failed)?;
        let path = relative(folder.path(), &self.root.folder).ok_or(Failure::Missing)?;
        let path = serde_json::to_string(&path).map_err(|error| Failure::Failed(error.to_string()))?;
        let text = format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nbuildMetadata: [originAnnotations]\nresources: [{path}]\n"
        );
        fs::write(folder.path().join("kustomization.yaml"), text).map_err(failed)?;
        let output = self.run(folder.path())?;
        Ok((output, Some(folder.path().to_owned())))
    }

    fn plain(&self) -> Result<Built, Failure> {
        Ok((self.run(&self.root.folder)?, None))
    }

    fn run(&self, folder: &Path) -> Result<Vec<u8>, Failure> {
        let arguments = vec![OsString::from(self.subcommand), OsString::from(".")];
        self.programs.run(&Invocation { program: self.program, arguments, folder: folder.to_owned(), time: self.time })
    }
}
