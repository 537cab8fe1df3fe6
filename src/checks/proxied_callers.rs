//! Which clients of the mesh call a port through their proxies: where all of them exclude it, as peers of a cluster do that bypass their
//! sidecars on both sides, no client sends mTLS to it (S32, S51).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    mesh::{Dataplane, DirectPorts, Mesh, Mismatch},
    object::Text,
};

/// What the sidecars of each namespace do not capture of outbound calls; each combination once.
pub(super) struct ProxiedCallers<'m> {
    namespaces: BTreeMap<&'m Text, BTreeSet<DirectPorts>>,
    has_gateways: bool,
}

impl<'m> ProxiedCallers<'m> {
    pub(super) fn of(mesh: &'m Mesh<'_>) -> Self {
        let mut callers = Self { namespaces: BTreeMap::new(), has_gateways: false };
        for workload in mesh.workloads() {
            for instance in &workload.instances {
                callers.has_gateways |= instance.dataplane == Dataplane::Gateway;
                // Whether an assumed sidecar excludes a port is not known.
                if instance.dataplane == Dataplane::Sidecar || instance.is_assumed {
                    callers.namespaces.entry(&workload.subject.namespace).or_default().insert(instance.direct_ports());
                }
            }
        }
        callers
    }

    /// Whether some client of a mismatch may call through its proxy.
    pub(super) fn call(&self, mismatch: &Mismatch) -> bool {
        let Some(port) = mismatch.service.1.filter(|_| !self.has_gateways && !self.namespaces.is_empty()) else { return true };
        let calls = |all: &BTreeSet<DirectPorts>| all.iter().any(|direct| !direct.contains(port));
        match &mismatch.clients {
            Some(namespace) => self.namespaces.get(namespace).is_none_or(calls),
            None => self.namespaces.values().any(calls),
        }
    }
}
