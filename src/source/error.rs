//! Errors that prevent reading anything. Partial failures are [`Gap`](crate::object::Gap)s.

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
    #[error("{path} holds no .yaml, .yml or .json file")]
    NoManifests {
        /// The folder as given by the user.
        path: String,
        /// Whether one of its sub-folders contains one.
        in_subfolders: bool,
    },
    /// All given files are empty.
    #[error("{files} held no document")]
    Empty {
        /// The files as given by the user.
        files: String,
    },
    /// A baseline cannot be used.
    #[error("{path} is no baseline: {reason}")]
    InvalidBaseline {
        /// The file as given by the user.
        path: String,
        /// The reason.
        reason: String,
    },
    /// There is no usable kubeconfig.
    #[error("no way to a cluster: {reason}")]
    NoKubeconfig {
        /// The reason.
        reason: String,
    },
    /// The API server cannot be reached, or its response is not one of an API server.
    #[error("{server} cannot be read: {reason}")]
    Unreachable {
        /// Its address.
        server: String,
        /// The reason.
        reason: String,
    },
    /// The user may not read anything in the cluster.
    #[error("{user} may read nothing of {server}")]
    Denied {
        /// Its address.
        server: String,
        /// The user.
        user: String,
    },
    /// The cluster has no Istio.
    #[error("{server} has no Istio: it does not serve security.istio.io")]
    NoIstio {
        /// Its address.
        server: String,
    },
    /// The operating system could not start a thread.
    #[error("cannot start a thread to read with")]
    NoThread(#[source] std::io::Error),
}

impl SourceError {
    /// How to resolve the error.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                "check the path; -f takes a file, a folder or - for standard input"
            }
            Self::Unreadable { .. } => "check the file's permissions, and that it is a plain file or a folder",
            Self::NoManifests { in_subfolders: true, .. } => "its sub-folders do: add -R to read them too",
            Self::NoManifests { in_subfolders: false, .. } => "name the folder that has the manifests, or a file",
            Self::Empty { .. } => "an empty input proves nothing about mTLS: check what produces it",
            Self::InvalidBaseline { .. } => "write one with --write-baseline, and check the path",
            Self::NoKubeconfig { .. } => "name one with --kubeconfig or KUBECONFIG, a context with --context; or read manifests with -f",
            Self::Unreachable { .. } => "check that kubectl reaches it (`kubectl version`), the context, and your login",
            Self::Denied { .. } => "name the namespaces you may read with -n, get more rights, or read manifests with -f",
            Self::NoIstio { .. } => "check the context: `kubectl config current-context`",
            Self::NoThread(_) => "raise the limit on threads or memory (ulimit -u, ulimit -v)",
        }
    }
}
