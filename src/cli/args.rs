//! Flags that several commands share.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::{duration, exit::FailOn, file_args::FileArgs, selector, size, suggest};
use crate::{
    checks::{self, Rule},
    istio::{ClusterDomain, IstioVersion},
    mesh::ControlPlaneOptions,
    object::{LabelSelector, Text},
    queries::Scope,
    report::Style,
    source::{BodyLimits, Connection, cluster::Limits},
};

/// Where to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to read")]
pub(super) struct SourceArgs {
    /// Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable.
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    pub(super) filename: Vec<PathBuf>,
    /// Also read the subfolders of -f.
    #[arg(short = 'R', long)]
    pub(super) recursive: bool,
    #[command(flatten)]
    pub(super) files: FileArgs,
    /// Namespace of istiod.
    #[arg(long, value_name = "NAMESPACE", default_value = "istio-system")]
    pub(super) istio_namespace: String,
    /// Revision of Istio whose settings are used as those of the mesh.
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Environment variable of istiod; overrides its Deployment. Repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub(super) istiod_env: Vec<(String, String)>,
    /// DNS domain of the cluster; overrides istiod's arguments and the injector's values. Default: cluster.local if neither sets it.
    #[arg(long, value_name = "DOMAIN", value_parser = parse_domain)]
    pub(super) cluster_domain: Option<ClusterDomain>,
    /// Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the
    /// configuration, else the newest known version.
    #[arg(long, value_name = "VERSION", value_parser = IstioVersion::parse)]
    pub(super) istio_version: Option<IstioVersion>,
    /// Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Use no project configuration.
    #[arg(long, conflicts_with = "config")]
    pub(super) no_config: bool,
    #[command(flatten)]
    pub(super) cluster: ClusterArgs,
}

/// Which cluster to read, and as which user: the flags of kubectl.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which cluster")]
#[allow(clippy::struct_field_names, reason = "the names are those of kubectl's flags")]
pub(super) struct ClusterArgs {
    /// Path of the kubeconfig file.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Cluster of the kubeconfig; overrides that of the context.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// User of the kubeconfig; overrides that of the context.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Address of the API server.
    #[arg(short, long, value_name = "URL")]
    server: Option<String>,
    /// User to impersonate.
    #[arg(long = "as", value_name = "USER")]
    impersonate: Option<String>,
    /// Group to impersonate. Repeatable.
    #[arg(long = "as-group", value_name = "GROUP", requires = "impersonate")]
    impersonate_groups: Vec<String>,
    /// UID to impersonate.
    #[arg(long = "as-uid", value_name = "UID", requires = "impersonate")]
    impersonate_uid: Option<String>,
    /// Do not verify the certificate of the API server.
    #[arg(long)]
    insecure_skip_tls_verify: bool,
    /// Print only a cluster role with the permissions needed for an answer without gaps.
    #[arg(long)]
    pub(super) print_rbac: bool,
    /// Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse_timeout)]
    pub(super) request_timeout: Duration,
    /// Time for reading the whole cluster, such as 10m or 2h; 0 for no limit.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration::parse_timeout)]
    total_timeout: Duration,
    /// Objects that are read from a cluster at most; more are a gap.
    #[arg(long, value_name = "NUMBER", default_value = "2000000")]
    max_objects: u64,
    /// Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap.
    #[arg(long, value_name = "SIZE", default_value = "4Gi", value_parser = size::parse)]
    max_bytes: u64,
    /// Bytes of one response of the API server at most, unpacked.
    #[arg(long, value_name = "SIZE", default_value = "16Gi", value_parser = size::parse)]
    max_response: u64,
}

impl ClusterArgs {
    /// How much is read at most.
    pub(super) fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits {
            objects: self.max_objects,
            bytes: self.max_bytes,
            response: BodyLimits { bytes: self.max_response, ..defaults.response },
            total: self.total_timeout,
            ..defaults
        }
    }

    pub(super) fn connection(&self) -> Connection {
        Connection {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            server: self.server.clone(),
            impersonate: self.impersonate.clone(),
            impersonate_groups: self.impersonate_groups.clone(),
            impersonate_uid: self.impersonate_uid.clone(),
            insecure: self.insecure_skip_tls_verify,
        }
    }
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_domain(text: &str) -> Result<ClusterDomain, String> {
    ClusterDomain::new(text).ok_or_else(|| "expected a DNS domain, such as cluster.local".into())
}

impl SourceArgs {
    /// Whether manifests are read, and not a cluster.
    pub(super) fn reads_files(&self) -> bool {
        !self.filename.is_empty() || !self.files.kustomize.is_empty()
    }

    pub(super) fn control_plane_options(&self) -> ControlPlaneOptions {
        ControlPlaneOptions {
            istio_namespace: self.istio_namespace.as_str().into(),
            revision: self.revision.as_deref().map(Text::from),
            istiod_env: self.istiod_env.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            cluster_domain: self.cluster_domain.clone(),
            istio_version: self.istio_version,
        }
    }
}

/// What to answer for.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to show")]
pub(super) struct ScopeArgs {
    /// Namespace to show; manifests without a namespace are assigned to the first. Repeatable.
    #[arg(short = 'n', long = "namespace", value_name = "NAMESPACE")]
    pub(super) namespaces: Vec<String>,
    /// Show all namespaces, which is the default.
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Show only workloads that match this label selector.
    #[arg(short = 'l', long, value_name = "SELECTOR", value_parser = selector::parse)]
    selector: Option<LabelSelector>,
    /// Namespace to exclude. Repeatable.
    #[arg(long, value_name = "NAMESPACE")]
    exclude_namespace: Vec<String>,
    /// Also show istio-system, kube-system, kube-public and kube-node-lease.
    #[arg(long)]
    include_system: bool,
}

impl ScopeArgs {
    pub(super) fn scope(&self) -> Scope {
        Scope {
            namespaces: if self.all_namespaces { Vec::new() } else { self.namespaces.clone() },
            excluded: self.exclude_namespace.clone(),
            include_system: self.include_system,
            selector: self.selector.clone().unwrap_or_default(),
        }
    }
}

/// How to answer.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to show it")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(super) struct DisplayArgs {
    /// Write to this file instead of standard output. A file is replaced as a whole, or not at all.
    #[arg(long, value_name = "FILE")]
    pub(super) output_file: Option<PathBuf>,
    /// Print the rows of tables alone, for programs: no column names, no findings, no summary.
    #[arg(long)]
    no_headers: bool,
    /// When to color the output.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Omit individual findings, and everything on standard error except errors and gaps.
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Print which configuration is used, and everything that was skipped.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Exit with 0 even if something could not be read.
    #[arg(long)]
    pub(super) allow_gaps: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl DisplayArgs {
    pub(super) fn color_choice(&self) -> anstream::ColorChoice {
        match self.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }

    /// The style of tables on standard output.
    pub(super) fn style(&self) -> Style {
        let colour = anstream::AutoStream::new(std::io::stdout(), self.color_choice()).current_choice() != anstream::ColorChoice::Never;
        Style { width: width(), no_headers: self.no_headers, colour, quiet: self.quiet }
    }
}

impl DisplayArgs {
    /// The style of tables in files: without colours, unless they are asked for, and as wide as they are.
    pub(super) fn file_style(&self) -> Style {
        Style { width: None, no_headers: self.no_headers, colour: self.color == Color::Always, quiet: self.quiet }
    }
}

/// The width of the terminal in columns; `None` if standard output is not a terminal and `COLUMNS` is not set.
fn width() -> Option<u16> {
    let from_env = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    from_env.or_else(|| terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0))
}

/// Which findings count.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to fail on")]
pub(super) struct GateArgs {
    /// Exit with 1 if there are findings of this severity or above. Default: fail-on of the configuration, else error.
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Apply only these rules: ids, prefixes of ids, or names, separated by commas.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = parse_rule_code)]
    select: Vec<String>,
    /// Omit the known findings listed in this file, which --write-baseline wrote.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write the findings to this file, so that they are known from now on.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Do not apply these rules: ids, prefixes of ids, or names, separated by commas.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = parse_rule_code)]
    ignore: Vec<String>,
}

fn parse_rule_code(text: &str) -> Result<String, String> {
    let text = text.trim();
    if checks::is_known(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "unknown rule `{text}`: expected an id (MTLS107), a prefix of ids (MTLS1) or a name (permissive-workload){}",
        suggest::did_you_mean(&suggest::rules(text))
    ))
}

impl GateArgs {
    pub(super) fn is_selected(&self, rule: &Rule) -> bool {
        let is_listed = |codes: &[String]| codes.iter().any(|code| checks::matches(code, rule.id, rule.name));
        (self.select.is_empty() || is_listed(&self.select)) && !is_listed(&self.ignore)
    }
}
