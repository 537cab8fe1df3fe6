//! Sidecar resources that configure no workload.

use std::fmt;

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Sidecar,
    mesh::{Dataplane, Mesh},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS314",
    name: "ineffective-sidecar-resource",
    severity: Severity::Warning,
    summary: "A Sidecar resource applies to none of its workloads: they are in ambient, or another Sidecar resource takes precedence.",
    why: "A proxy uses one Sidecar resource: the oldest that selects it, or else the oldest without a selector in its namespace. \
          ztunnel uses none. The ports and destinations that the resource sets have no effect. istioctl also reports the Sidecar \
          resource that does apply, pairs that select pods without a proxy, and Sidecar resources that select no pod; none of these \
          changes a call.",
    fix: "Merge it into the Sidecar resource that applies, narrow its selector, or remove it.",
    bad: include_str!("ineffective_sidecar_resource.bad.yaml"),
    good: include_str!("ineffective_sidecar_resource.good.yaml"),
    inputs: &[Kind::Sidecar, Kind::Pod],
    aka: &["IST0110", "IST0111", "IST0167"],
    see: &["S44", "S121"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for sidecar in mesh.indices().services().sidecars() {
        let namespace = &sidecar.id.namespace;
        let first = mesh.indices().services().sidecars_in(namespace).find(|other| other.selector.is_none());
        let earlier = first.filter(|first| sidecar.selector.is_none() && first.id != sidecar.id);
        let reason = earlier.map(|first| UnusedReason::OlderWithoutSelector(first.id)).or_else(|| unused_reason(mesh, sidecar));
        if let Some(reason) = reason {
            let message = format!("{} applies to no workload: {reason}", sidecar.id);
            let finding = Finding::about(&RULE, mesh.snapshot(), sidecar.id, FieldPath::of("metadata.name"), message);
            out.push(finding.with_equivalent_codes(reason.istioctl_codes()));
        }
    }
}

/// Why no workload uses a Sidecar resource.
enum UnusedReason<'m> {
    /// Its namespace has an older one without selector.
    OlderWithoutSelector(&'m Id),
    /// An older one selects the same pods.
    OlderWithSelector(&'m Id),
    /// ztunnel does not use Sidecar resources.
    Ambient,
}

impl UnusedReason<'_> {
    /// istioctl's code for it.
    fn istioctl_codes(&self) -> &'static [&'static str] {
        match self {
            Self::OlderWithoutSelector(_) => &["IST0111"],
            Self::OlderWithSelector(_) => &["IST0110"],
            Self::Ambient => &["IST0167"],
        }
    }
}

impl fmt::Display for UnusedReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OlderWithoutSelector(first) | Self::OlderWithSelector(first) => write!(f, "{first} takes precedence"),
            Self::Ambient => f.write_str("its workloads are in ambient"),
        }
    }
}

/// Why none of the workloads that a Sidecar resource selects uses it; `None` if one does, or if it selects none.
fn unused_reason<'m>(mesh: &'m Mesh<'_>, sidecar: &Sidecar<'_>) -> Option<UnusedReason<'m>> {
    let (namespace, selector) = (&sidecar.id.namespace, sidecar.selector);
    // In the root namespace, a Sidecar resource without selector applies to the whole mesh (S44).
    if selector.is_none() && mesh.control_planes().is_root(namespace) {
        return None;
    }
    let all = mesh.workloads_in(namespace).iter().flat_map(|workload| &workload.instances);
    let mut selected = all.filter(|instance| selector.is_none_or(|labels| labels.selects(&instance.labels)));
    let mut reason = None;
    let is_unused = selected.all(|instance| match instance.dataplane {
        Dataplane::Ambient => {
            reason.get_or_insert(UnusedReason::Ambient);
            true
        }
        Dataplane::None => true,
        Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => {
            let winner = selector.and_then(|_| mesh.indices().services().sidecar("", namespace, &instance.labels));
            let winner = winner.filter(|winner| winner.id != sidecar.id);
            reason = winner.map(|winner| UnusedReason::OlderWithSelector(winner.id));
            reason.is_some()
        }
    });
    reason.filter(|_| is_unused)
}
