//! What keeps a source from giving anything at all. Partial trouble is a [`Gap`](crate::object::Gap).

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder that was named cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// As it was named.
        path: String,
        /// What the operating system said.
        #[source]
        because: std::io::Error,
    },
    /// A folder holds no file that could be a manifest.
    #[error("{path} holds no .yaml, .yml or .json file")]
    NoManifests {
        /// The folder as it was named.
        path: String,
        /// Whether one of its sub-folders does.
        deeper: bool,
    },
    /// Everything that was named is empty.
    #[error("{files} held no document")]
    Nothing {
        /// What was named.
        files: String,
    },
    /// A baseline cannot be used.
    #[error("{path} is no baseline: {because}")]
    NoBaseline {
        /// The file as it was named.
        path: String,
        /// What was wrong with it.
        because: String,
    },
    /// There is no usable kubeconfig.
    #[error("no way to a cluster: {because}")]
    NoKubeconfig {
        /// What was wrong with it.
        because: String,
    },
    /// The API server does not answer, or not as one.
    #[error("{server} cannot be read: {because}")]
    Unreachable {
        /// Its address.
        server: String,
        /// What happened.
        because: String,
    },
    /// Nothing of the cluster may be read.
    #[error("{as_whom} may read nothing of {server}")]
    Denied {
        /// Its address.
        server: String,
        /// Who asked.
        as_whom: String,
    },
    /// The cluster has no Istio.
    #[error("{server} has no Istio: it does not serve security.istio.io")]
    NoIstio {
        /// Its address.
        server: String,
    },
    /// The machine would not start a thread.
    #[error("cannot start a thread to read with")]
    NoThread(#[source] std::io::Error),
}

impl SourceError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { because, .. } if because.kind() == std::io::ErrorKind::NotFound => {
                "check the path; -f takes a file, a folder or - for standard input"
            }
            Self::Unreadable { .. } => "check the file's permissions, and that it is a plain file or a folder",
            Self::NoManifests { deeper: true, .. } => "its sub-folders do: add -R to read them too",
            Self::NoManifests { deeper: false, .. } => "name the folder that has the manifests, or a file",
            Self::Nothing { .. } => "an empty input proves nothing about mTLS: check what produces it",
            Self::NoBaseline { .. } => "write one with --write-baseline, and check the path",
            Self::NoKubeconfig { .. } => "name one with --kubeconfig or KUBECONFIG, a context with --context; or read manifests with -f",
            Self::Unreachable { .. } => "check that kubectl reaches it (`kubectl version`), the context, and your login",
            Self::Denied { .. } => "name the namespaces you may read with -n, get more rights, or read manifests with -f",
            Self::NoIstio { .. } => "check the context: `kubectl config current-context`",
            Self::NoThread(_) => "raise the limit on threads or memory (ulimit -u, ulimit -v)",
        }
    }
}
