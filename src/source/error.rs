//! Errors that prevent reading anything. Partial failures are [`Gap`](crate::object::Gap)s.

/// The beginning of the reason of [`SourceError::NoKubeconfig`] if the selected context does not exist.
pub(super) const UNKNOWN_CONTEXT: &str = "the kubeconfig has no context";

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A given file or folder cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The path as given by the user.
        path: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A folder contains no file that could be a manifest.
    #[error("{path} contains no .yaml, .yml or .json file")]
    NoManifests {
        /// The folder as given by the user.
        path: String,
        /// Whether one of its sub-folders contains one.
        in_subfolders: bool,
    },
    /// All given files are empty.
    #[error("no document in {files}")]
    Empty {
        /// The files as given by the user.
        files: String,
    },
    /// A folder that was given as a kustomization has none.
    #[error("{path} contains no kustomization.yaml")]
    NoKustomization {
        /// The folder as given by the user.
        path: String,
    },
    /// No document is a Kubernetes object.
    #[error("no Kubernetes object in {files}")]
    NoObjects {
        /// The files as given by the user.
        files: String,
    },
    /// A baseline cannot be used.
    #[error("cannot read the baseline {path}: {reason}")]
    InvalidBaseline {
        /// The file as given by the user.
        path: String,
        reason: String,
    },
    /// There is no usable kubeconfig.
    #[error("cannot connect to a cluster: {reason}")]
    NoKubeconfig { reason: String },
    /// The API server cannot be reached, or its response is not one of an API server.
    #[error("cannot read {server}: {reason}")]
    Unreachable { server: String, reason: String },
    /// The user may not read anything in the cluster.
    #[error("{user} is not allowed to read anything from {server}")]
    Denied { server: String, user: String },
    /// The cluster has no Istio.
    #[error("{server} has no Istio: it does not serve security.istio.io")]
    NoIstio { server: String },
    /// The operating system could not start a thread.
    #[error("cannot start a thread")]
    NoThread(#[source] std::io::Error),
}

impl SourceError {
    /// Whether the command line names something that does not exist or cannot be used.
    #[must_use]
    pub fn is_invalid_usage(&self) -> bool {
        use std::io::ErrorKind;

        match self {
            Self::Unreadable { source, .. } => matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
            Self::InvalidBaseline { .. } | Self::NoKustomization { .. } => true,
            Self::NoKubeconfig { reason } => reason.starts_with(UNKNOWN_CONTEXT),
            Self::NoManifests { .. }
            | Self::Empty { .. }
            | Self::NoObjects { .. }
            | Self::Unreachable { .. }
            | Self::Denied { .. }
            | Self::NoIstio { .. }
            | Self::NoThread(_) => false,
        }
    }

    /// How to resolve the error.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                "check the path; -f takes a file, a folder or - for standard input"
            }
            Self::Unreadable { .. } => "check the file's permissions, and that it is a plain file or a folder",
            Self::NoManifests { in_subfolders: true, .. } => "its sub-folders do: add -R to read them too",
            Self::NoManifests { in_subfolders: false, .. } => "pass the folder that contains the manifests, or a file",
            Self::Empty { .. } => "check the command that produces the input: an empty one shows nothing about mTLS",
            Self::NoKustomization { .. } => "pass the folder that contains kustomization.yaml, or manifests with -f",
            Self::NoObjects { .. } => "pass the folder that contains the manifests",
            Self::InvalidBaseline { .. } => "check the path, or create one with --write-baseline",
            Self::NoKubeconfig { .. } => "set --kubeconfig or KUBECONFIG, and --context; or read manifests with -f",
            Self::Unreachable { .. } => "check that kubectl reaches it (`kubectl version`), the context, and your credentials",
            Self::Denied { .. } => "select the namespaces that you may read with -n, request more permissions, or read manifests with -f",
            Self::NoIstio { .. } => "check the context: `kubectl config current-context`",
            Self::NoThread(_) => "raise the limit on threads or memory (ulimit -u, ulimit -v)",
        }
    }
}
