//! Converts types of other modules into the enums of the document.

use crate::{
    checks,
    istio::{self, TlsMode},
    mesh::{self, ClientKind, ClusterTls, Enforced, MeshState, Verdict},
    object::{self, evidence},
    queries::{
        diff, evidence as traffic, migrate, policies,
        reach::OverallResult,
        sidecars::{self, NamespaceRow},
        symptom,
    },
    report::document::words::{
        CallResult, Change, Confidence, Dataplane, Effect, Enrolled, Expected, Likelihood, Mode, NamedBy, NotEnteredReason, Outcome,
        PolicyMode, ProxyState, Ready, RolloutStep, RootKind, Scope, Severity, Tls, TrafficVerdict, Wire,
    },
};

/// Implements `From` for enums with the same variants on both sides, except for a few with another name.
macro_rules! same {
    ($($from:ty => $to:ident { $($variant:ident $(=> $word:ident)?),* })*) => {$(
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                match from {
                    $(<$from>::$variant => same!(@ $variant $($word)?),)*
                }
            }
        }
    )*};
    (@ $variant:ident) => { Self::$variant };
    (@ $variant:ident $word:ident) => { Self::$word };
}

same! {
    checks::Severity => Severity { Error, Warning, Info }
    mesh::Dataplane => Dataplane { None, Proxyless, Gateway, Waypoint, Ambient, Sidecar }
    ClientKind => Dataplane { Sidecar, Ambient, Gateway, Waypoint, Proxyless, None }
    object::NotEnteredReason => NotEnteredReason { Hidden, Dependencies, Ignored, Unreferenced, OutsideMeshes }
    object::RootKind => RootKind { Kustomization, Chart }
    mesh::SentAs => Wire { Plaintext, Mtls, CustomMtls, Tls, AppTls => Tls, Hbone }
    mesh::TrailOutcome => Outcome { InForce, Inherits, Overridden, Ignored, Enforced }
    istio::Mode => Mode { Strict, Permissive, Disable }
    istio::Mode => PolicyMode { Strict, Permissive, Disable }
    TlsMode => PolicyMode { Disable, Simple, Mutual, IstioMutual }
    TlsMode => Tls { Disable, Simple, Mutual, IstioMutual }
    ClusterTls => Tls { Disable, Simple, Mutual, IstioMutual, Auto, Invalid }
    symptom::Likelihood => Likelihood { Certain, AtSomeEndpoints, Possible, LooksOtherwise, Elsewhere }
    sidecars::Expected => Expected { Sidecar, Ambient, None }
    policies::PolicyScope => Scope { Mesh, Namespace, Workload }
    migrate::Readiness => Ready { Already, Ready, Unknown, Blocked }
    migrate::Confidence => Confidence { Certain, Seen, Possible }
    migrate::RolloutStep => RolloutStep { Permissive, Strict, StrictWithExceptions, StrictIfNotCalled, Mesh }
    traffic::TrafficVerdict => TrafficVerdict { PlaintextSeen, Refused, NoPlaintext, NoTraffic, NotCovered }
    evidence::NamedBy => NamedBy { Headers, Address, Unknown }
    diff::Effect => Effect { Breaks, Weakens, Disappears, Changes, Appears, Strengthens, Fixes => Fixes }
    object::Change => Change { Added, Changed, Unchanged, Deleted }
}

impl From<Verdict> for CallResult {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Mtls => Self::Mtls,
            Verdict::Tls => Self::Tls,
            Verdict::Plaintext => Self::Plaintext,
            Verdict::Fail(_) => Self::Fail,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

impl From<OverallResult> for CallResult {
    fn from(result: OverallResult) -> Self {
        match result {
            OverallResult::All(one) => one.into(),
            OverallResult::Mixed => Self::Mixed,
            OverallResult::NoEndpoints => Self::NoEndpoints,
        }
    }
}

impl From<&MeshState> for ProxyState {
    fn from(state: &MeshState) -> Self {
        match state {
            MeshState::Meshed => Self::Meshed,
            MeshState::OtherRevision(_) => Self::OtherRevision,
            MeshState::Missing => Self::Missing,
            MeshState::OtherDataplane => Self::Differs,
            MeshState::PendingInZtunnel => Self::Pending,
            MeshState::SidecarAndAmbient => Self::Both,
            MeshState::Unknown => Self::Unknown,
            MeshState::Outside(reason) if reason.is_intentional() => Self::OptedOut,
            MeshState::Outside(_) => Self::Outside,
            MeshState::PartOfIstio => Self::PartOfIstio,
        }
    }
}

impl From<&NamespaceRow<'_>> for Enrolled {
    fn from(row: &NamespaceRow<'_>) -> Self {
        match row.enrolled {
            _ if !row.is_known => Self::Unknown,
            mesh::Dataplane::Sidecar => Self::Sidecar,
            mesh::Dataplane::Ambient => Self::Ambient,
            // Namespace labels enrol workloads in these two data planes only.
            mesh::Dataplane::None | mesh::Dataplane::Proxyless | mesh::Dataplane::Gateway | mesh::Dataplane::Waypoint => Self::None,
        }
    }
}

impl From<Option<sidecars::Expected>> for Expected {
    fn from(expected: Option<sidecars::Expected>) -> Self {
        expected.map_or(Self::Unknown, Self::from)
    }
}

/// The enforced mode; `Unknown` if it is not certain.
pub(crate) fn enforced(mode: Enforced, is_certain: bool) -> Mode {
    if is_certain { mode.map_or(Mode::None, Mode::from) } else { Mode::Unknown }
}

/// The mode that the policies set; `Unknown` if it is not certain.
pub(crate) fn policy_mode(mode: istio::Mode, is_certain: bool) -> Mode {
    if is_certain { mode.into() } else { Mode::Unknown }
}
