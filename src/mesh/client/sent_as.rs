//! What a client sends to an endpoint (S73, S78, S89, S93, S118).

use super::{
    Client, ClientKind,
    cluster::{Cluster, ClusterTls},
    endpoint::{Endpoint, FoundBy},
};
use crate::mesh::{Dataplane, Mesh, SentAs, pods::accepts_tunnel};

impl Mesh<'_> {
    /// What a client sends to an endpoint (S93). Without a cluster the call passes as the application made it.
    #[must_use]
    pub fn sent_as(&self, client: &Client<'_>, cluster: Option<&Cluster<'_>>, endpoint: &Endpoint<'_>, is_app_tls: bool) -> SentAs {
        let untouched = if is_app_tls { SentAs::AppTls } else { SentAs::Plaintext };
        if self.is_tunnelled(client, cluster, endpoint) {
            return SentAs::Hbone;
        }
        let Some(cluster) = cluster else { return untouched };
        match (client.kind, cluster.tls) {
            (ClientKind::Ambient | ClientKind::None, _)
            | (ClientKind::Waypoint, ClusterTls::IstioMutual | ClusterTls::Auto)
            | (_, ClusterTls::Disable | ClusterTls::Invalid) => untouched,
            (_, ClusterTls::Simple) => SentAs::Tls,
            (_, ClusterTls::Mutual) => SentAs::CustomMtls,
            (_, ClusterTls::IstioMutual) => SentAs::Mtls,
            (_, ClusterTls::Auto) => {
                let accepts_mtls = cluster.is_original_dst || self.indices.accepts_mtls(client, cluster.endpoint_tls_mode, endpoint);
                if accepts_mtls { SentAs::Mtls } else { untouched }
            }
        }
    }

    /// Whether an endpoint is called over HBONE (S78, S89, S118).
    fn is_tunnelled(&self, client: &Client<'_>, cluster: Option<&Cluster<'_>>, endpoint: &Endpoint<'_>) -> bool {
        // Names are never called over HBONE, and of a cluster IP it is not known (S228).
        if matches!(endpoint.found_by, FoundBy::Name | FoundBy::ClusterIp | FoundBy::Nothing | FoundBy::Unread) {
            return false;
        }
        let by_label = accepts_tunnel(&endpoint.labels);
        // istiod's ambient index identifies the pod behind an address by the pod's own labels, whatever lists the address (S118).
        // One that is redirected and not yet known to ztunnel has no tunnel (S283).
        let by_index = endpoint.server.filter(|(_, instance)| !instance.is_pending()).is_some_and(|(_, instance)| {
            matches!(instance.dataplane, Dataplane::Ambient | Dataplane::Waypoint) || accepts_tunnel(&instance.labels)
        });
        let keeps_legacy = endpoint.tls_mode == "istio" && !self.indices.control_planes().istiod_env().prefers_sending_hbone;
        match client.kind {
            // An address in an entry or a slice is a workload of its own for ztunnel, which does not join it with a pod (S211, S230).
            ClientKind::Ambient => by_label || (by_index && endpoint.found_by != FoundBy::Address),
            ClientKind::Waypoint => self.has_ambient() && (by_label || by_index),
            ClientKind::Sidecar | ClientKind::Gateway => {
                let has_endpoints = cluster.is_some_and(|cluster| !cluster.is_original_dst);
                self.has_ambient() && has_endpoints && !client.disables_hbone_send(&self.indices) && !keeps_legacy && (by_label || by_index)
            }
            ClientKind::Proxyless | ClientKind::None => false,
        }
    }

    /// Whether it is not determined what arrives: istiod may look up a cluster IP as the workloads of an ambient Service (S228), and a pod
    /// whose `uid` is not known may be another one than that of the slice (S211), and what has a name may not have been read. Whether mTLS
    /// succeeds at a machine depends on whether it runs a proxy, which no object contains (S229).
    pub(in crate::mesh) fn is_undetermined(&self, client: ClientKind, endpoint: &Endpoint<'_>, sent_as: SentAs) -> bool {
        let is_machine = || endpoint.server.is_some_and(|(_, instance)| instance.is_machine_without_identity());
        let is_open = matches!(endpoint.found_by, FoundBy::SliceUid | FoundBy::Range | FoundBy::Unread);
        if is_open || (sent_as == SentAs::Mtls && is_machine()) {
            return true;
        }
        let is_ambient = |dataplane| matches!(dataplane, Dataplane::Ambient | Dataplane::Waypoint);
        let is_tunnel_possible = endpoint.server.is_some_and(|(_, instance)| is_ambient(instance.dataplane));
        endpoint.found_by == FoundBy::ClusterIp && client.is_envoy() && is_tunnel_possible && self.has_ambient()
    }

    /// Whether workloads run in ambient mode, and the istiod that was read does not set `PILOT_ENABLE_AMBIENT`, which is off by default
    /// (S109): it is taken as on, because otherwise nothing would work for them.
    #[must_use]
    pub fn assumes_ambient(&self) -> bool {
        let planes = self.indices.control_planes();
        planes.istiod_env().ambient.is_none() && !planes.all().is_empty() && self.has_ambient()
    }

    /// Whether istiod runs with ambient enabled: by its environment, else by the workloads that run.
    fn has_ambient(&self) -> bool {
        let runs = || {
            let mut all = self.workloads().iter().flat_map(|workload| &workload.instances);
            all.any(|instance| matches!(instance.dataplane, Dataplane::Ambient | Dataplane::Waypoint))
        };
        *self.derived.has_ambient.get_or_init(|| self.indices.control_planes().istiod_env().ambient.unwrap_or_else(runs))
    }
}
