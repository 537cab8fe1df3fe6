//! Assumptions of an answer that the input does not confirm.

use std::{collections::BTreeSet, fmt};

use crate::{
    istio::IstioVersion,
    mesh::{Mesh, VersionUsed},
    object::Text,
};

/// A fact that is assumed because the object that defines it was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// The version of Istio whose rules are applied.
    Version { version: IstioVersion, is_set: bool },
    /// A cluster without istiod has Istio's default settings.
    DefaultSettings,
    /// A namespace with workloads, whose Namespace was not read, has no labels.
    NoLabels(Text),
    /// The istiod that was read has ambient enabled, although its environment does not set that (S109).
    Ambient,
    /// The injection webhooks are those of a usual installation (S138).
    UsualWebhooks,
}

impl Assumption {
    /// What is assumed, as a name for programs.
    #[must_use]
    pub fn setting(&self) -> String {
        match self {
            Self::Version { .. } => "istioVersion".into(),
            Self::DefaultSettings => "meshConfig".into(),
            Self::NoLabels(namespace) => format!("namespaces/{namespace}/labels"),
            Self::UsualWebhooks => "injectionWebhooks".into(),
            Self::Ambient => "PILOT_ENABLE_AMBIENT".into(),
        }
    }

    /// The value that is assumed.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Version { version, .. } => version.to_string(),
            Self::DefaultSettings => "default".into(),
            Self::NoLabels(_) => "none".into(),
            Self::UsualWebhooks => "standard".into(),
            Self::Ambient => "true".into(),
        }
    }

    /// Whether it is printed only with `-v`: it is part of every answer about manifests.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        matches!(self, Self::Version { .. })
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { version, is_set: true } => {
                write!(f, "the version of istiod was not read: rules that depend on it are those of Istio {version}, as set")
            }
            Self::Version { version, is_set: false } => write!(
                f,
                "the version of istiod was not read: rules that depend on it are those of Istio {version}, the newest known (--istio-version sets another)"
            ),
            Self::DefaultSettings => f.write_str("no istiod was found in this cluster: Istio's default settings are assumed"),
            Self::NoLabels(name) => write!(
                f,
                "the Namespace object of namespace {name} was not read, so it is unknown which proxy its pods get: it is assumed to have no labels"
            ),
            Self::Ambient => f.write_str(
                "istiod was read without PILOT_ENABLE_AMBIENT, which is false by default, and workloads run in ambient mode: true is assumed",
            ),
            Self::UsualWebhooks => f.write_str(
                "no injection webhook of Istio was read: those of a standard installation are assumed, \
                 one for the default revision and one for every revision that a label names",
            ),
        }
    }
}

/// The assumptions of every answer about this mesh.
#[must_use]
pub fn assumptions(mesh: &Mesh<'_>) -> Vec<Assumption> {
    let assumed = mesh.workloads().iter().filter(|workload| workload.instances.iter().any(|instance| instance.is_assumed));
    let namespaces: BTreeSet<&Text> = assumed.map(|workload| &workload.subject.namespace).collect();
    let has_no_istiod = mesh.snapshot().cluster.is_some() && mesh.control_planes().all().is_empty();
    let settings = has_no_istiod.then_some(Assumption::DefaultSettings);
    let version = match mesh.control_planes().version_used() {
        VersionUsed::Read(_) => None,
        VersionUsed::Set(version) => Some(Assumption::Version { version, is_set: true }),
        VersionUsed::Newest => Some(Assumption::Version { version: IstioVersion::NEWEST, is_set: false }),
    };
    let ambient = mesh.assumes_ambient().then_some(Assumption::Ambient);
    version.into_iter().chain(settings).chain(ambient).chain(namespaces.into_iter().cloned().map(Assumption::NoLabels)).collect()
}

/// The assumptions of an answer about the proxies of new pods, which include the injection webhooks (S138).
#[must_use]
pub fn injection_assumptions(mesh: &Mesh<'_>) -> Vec<Assumption> {
    let webhooks = mesh.indices().assumes_webhooks().then_some(Assumption::UsualWebhooks);
    assumptions(mesh).into_iter().chain(webhooks).collect()
}
