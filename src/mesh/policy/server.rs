//! What a server enforces, port by port (S13–S16, S32–S41, S126–S134).

use super::{
    ambient::AmbientPolicy,
    policies::{Decision, PolicyCoverage},
};
use crate::{
    istio::{Mode, PeerAuthentication},
    mesh::{Dataplane, Instance, TLS_MODE, Workload, indices::Indices},
    object::Id,
};

/// What is enforced; `None` where no proxy enforces anything. Ordered by strength.
pub type Enforced = Option<Mode>;

/// The mode of a workload, or of one of its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortMode<'m> {
    /// What is enforced.
    pub mode: Enforced,
    /// The mode that the policies set (S13).
    pub policy_mode: Mode,
    /// The policy that sets it; `None` if no policy applies.
    pub decided_by: Option<&'m Id>,
    /// False if a policy that could change the policies' mode was not read, or pods that it could select.
    pub is_certain: bool,
    /// False if something that was not read could change which proxy enforces it.
    pub has_known_proxy: bool,
}

impl<'m> PortMode<'m> {
    /// The policy that sets the mode; `None` if no policy does, or another one could.
    #[must_use]
    pub fn known_policy(&self) -> Option<&'m Id> {
        self.decided_by.filter(|_| self.is_certain)
    }
}

impl PortMode<'_> {
    /// Whether nothing that was not read could change what is enforced. Where no proxy enforces anything, no policy could.
    #[must_use]
    pub fn is_enforcement_certain(&self) -> bool {
        self.has_known_proxy && (self.mode.is_none() || self.is_certain)
    }
}

/// The server side of one instance.
#[derive(Clone, Debug)]
pub struct Server<'m> {
    /// The policies in force.
    pub decision: Decision<'m>,
    pub dataplane: Dataplane,
    /// What istiod converts the policies into for ambient; `None` for other data planes.
    pub ambient: Option<Box<AmbientPolicy>>,
    policy_coverage: PolicyCoverage,
    has_known_proxy: bool,
    instance: &'m Instance<'m>,
}

impl Indices<'_> {
    /// The policies in force for an instance (S13), with the root namespace of its revision (S20).
    #[must_use]
    pub fn decision(&self, instance: &Instance<'_>) -> Decision<'_> {
        self.policies().decision(instance.decision)
    }

    /// The server side of an instance of a workload.
    #[must_use]
    pub fn server<'m>(&'m self, workload: &Workload<'_>, instance: &'m Instance<'m>) -> Server<'m> {
        let ambient = || {
            let root = &self.control_planes().of_revision(&instance.revision).root_namespace;
            Box::new(self.policies().ambient(root, &workload.subject.namespace, &instance.labels))
        };
        let root = &self.control_planes().of_revision(&instance.revision).root_namespace;
        Server {
            policy_coverage: self.policy_coverage(root, &workload.subject.namespace),
            decision: self.decision(instance),
            dataplane: instance.dataplane,
            ambient: (instance.dataplane == Dataplane::Ambient).then(ambient),
            has_known_proxy: workload.is_certain,
            instance,
        }
    }
}

impl<'m> Server<'m> {
    /// The mode of every port without one of its own.
    #[must_use]
    pub fn workload(&self) -> PortMode<'m> {
        self.at(None)
    }

    /// The mode of a workload port.
    #[must_use]
    pub fn port(&self, port: u16) -> PortMode<'m> {
        self.at(Some(port))
    }

    fn at(&self, port: Option<u16>) -> PortMode<'m> {
        let (policy_mode, decided_by) = self.decision.mode(port);
        PortMode {
            mode: self.enforced(policy_mode, port),
            policy_mode,
            decided_by: decided_by.map(|policy: &PeerAuthentication| &policy.id),
            has_known_proxy: self.has_known_proxy,
            is_certain: self.has_known_proxy
                && self.policy_coverage.suffices(self.instance.namespace, decided_by, port)
                && (self.policy_coverage == PolicyCoverage::Full || self.dataplane != Dataplane::Ambient),
        }
    }

    fn enforced(&self, policy: Mode, port: Option<u16>) -> Enforced {
        let is_captured = port.map_or_else(|| self.instance.capture.captures_workload(), |port| self.instance.capture.captures(port));
        match self.dataplane {
            // Gateways are configured by Gateway resources (S38).
            Dataplane::None | Dataplane::Gateway => None,
            Dataplane::Waypoint => Some(Mode::Strict),
            Dataplane::Sidecar | Dataplane::Ambient if !is_captured => None,
            Dataplane::Sidecar => Some(policy),
            Dataplane::Ambient => {
                let denies = self.ambient.as_ref().is_some_and(|ambient| ambient.denies_plaintext(port));
                Some(if denies { Mode::Strict } else { Mode::Permissive })
            }
            Dataplane::Proxyless => Some(match policy {
                Mode::Permissive if self.instance.labels.has(TLS_MODE, "istio") => Mode::Strict,
                Mode::Permissive => Mode::Disable,
                Mode::Strict | Mode::Disable => policy,
            }),
        }
    }
}
