//! Flags that select files, and how kustomizations and charts are built.

use std::{path::PathBuf, time::Duration};

use clap::{Args, builder::NonEmptyStringValueParser};

use super::duration;

/// What of the files is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to read")]
pub(super) struct FileArgs {
    /// Kustomization to build and read: the folder of a kustomization.yaml. Repeatable.
    #[arg(short = 'k', long, value_name = "DIR")]
    pub(super) kustomize: Vec<PathBuf>,
    /// The only mesh to read, if the files contain several: a name that the answer lists, or a path.
    #[arg(long, value_name = "NAME")]
    pub(super) mesh: Option<String>,
    /// File with values for the charts below -f. Repeatable. Default: helm.values of the configuration.
    #[arg(long, value_name = "FILE")]
    pub(super) helm_values: Vec<PathBuf>,
    /// Release name for charts. Default: helm.release of the configuration, else the name of the chart's folder.
    #[arg(long, value_name = "NAME")]
    pub(super) helm_release: Option<String>,
    /// Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default.
    #[arg(long, value_name = "NAMESPACE")]
    pub(super) helm_namespace: Option<String>,
    /// Time for building one kustomization or chart, such as 30s or 5m.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse_timeout)]
    pub(super) build_timeout: Duration,
    /// Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names.
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Name of standard input in locations, such as the chart that it is rendered from. Requires -f -.
    #[arg(long, value_name = "NAME", requires = "filename", value_parser = NonEmptyStringValueParser::new())]
    pub(super) stdin_name: Option<String>,
}
