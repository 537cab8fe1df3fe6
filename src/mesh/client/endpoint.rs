//! An endpoint of a service port: its workload, and what istiod's registry knows about it (S73, S74, S84).

use std::collections::BTreeMap;

use super::registry::{Port, TargetPort};
use crate::{
    istio::Protocol,
    mesh::{Dataplane, Instance, TLS_MODE, Workload},
    object::{Labels, Text},
};

/// The position of an instance: that of its workload, and its own within the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceAt {
    pub(super) workload: u32,
    pub(super) instance: u32,
}

/// Instances of one class that a selector selects.
#[derive(Debug)]
pub struct SelectedClass {
    /// A number that no other selected class of the mesh has.
    pub number: usize,
    /// Its instances, in order; at least one.
    pub members: Vec<InstanceAt>,
}

/// The selected classes by namespace and selector.
pub(in crate::mesh) type Selections = BTreeMap<Text, BTreeMap<Labels, Vec<SelectedClass>>>;

/// Services that list a pod in their slices, by namespace, pod and workload port.
pub(in crate::mesh) type SlicedPorts = BTreeMap<(Text, Text, u16), Vec<(usize, Protocol)>>;

/// The endpoints that one of them represents: the ready pods of a class, or all of them.
#[derive(Clone, Copy, Debug)]
pub struct Represented<'m> {
    pub class: &'m SelectedClass,
    /// Whether the service has endpoints that are not ready.
    pub publishes_not_ready: bool,
}

/// How the server of an endpoint was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// istiod knows it: the pod or machine is in its registry under this address.
    Registry,
    /// istiod found the pod by an address in an `EndpointSlice`, which it does only if the pod was there first (S289).
    SliceAddress,
    /// An `EndpointSlice` names the pod with a `uid`, and the pod's own is not known (S211).
    SliceUid,
    /// A `ServiceEntry`, a machine or, for ztunnel, an `EndpointSlice` has the address of a pod, which istiod does not join with it (S211,
    /// S228).
    Address,
    /// A `ServiceEntry` has the name of a Service: DNS and Kubernetes resolve it, and istiod does not (S225).
    Name,
    /// The same by a cluster IP.
    ClusterIp,
    /// Nothing has the name, or the Service that has it, or its cluster IP, does not have the port (S225, S243, S245).
    Nothing,
    /// An address in a range that a `ServiceEntry` has, and in which pods have addresses: which one is called is not known (S311).
    Range,
    /// Not everything that could have the name was read.
    Unread,
}

impl FoundBy {
    /// Whether what the server itself declares, such as the labels of a pod, is that of the endpoint for istiod. Otherwise only what is
    /// written beside the address or name is.
    #[must_use]
    pub fn is_joined(self) -> bool {
        match self {
            Self::Registry | Self::SliceAddress | Self::SliceUid => true,
            Self::Address | Self::Name | Self::ClusterIp | Self::Nothing | Self::Range | Self::Unread => false,
        }
    }
}

/// An endpoint of a service port.
#[derive(Clone, Debug)]
pub struct Endpoint<'m> {
    /// Its workload; `None` for an address that belongs to no workload.
    pub server: Option<(&'m Workload<'m>, &'m Instance<'m>)>,
    /// The pod; `None` for a template, a machine, an address.
    pub pod: Option<&'m Text>,
    /// The labels that subsets and policies are matched with.
    pub labels: Labels,
    /// Its namespace, whose policies determine whether the client uses mTLS (S73).
    pub namespace: Text,
    /// `istio` if it declares that it accepts the mesh's mTLS, else `disabled` or another value (S74).
    pub tls_mode: Text,
    /// The port of the workload.
    pub port: u16,
    /// The service account that the registry has for it, if any (S84).
    pub account: Option<Text>,
    /// Whether it is in the registry; `false` if only the dialled address is known.
    pub is_registered: bool,
    /// The protocol of the port, if its workload was not read and is assumed to have a sidecar.
    pub assumed_protocol: Option<Protocol>,
    /// How its server was found.
    pub found_by: FoundBy,
    /// The address or name that is written for it, which clients connect to; `None` for a pod that istiod knows itself, and for a template.
    pub address: Option<Text>,
    /// The instances of its class that it represents, if only one endpoint of each class is listed.
    pub represents: Option<Represented<'m>>,
}

impl<'m> Endpoint<'m> {
    /// A port of a pod, machine or template, with what its own labels declare.
    #[must_use]
    pub fn of(workload: &'m Workload<'m>, instance: &'m Instance<'m>, pod: Option<&'m Text>, port: u16) -> Self {
        let has_account = instance.spec.is_none() && instance.dataplane == Dataplane::Sidecar;
        let default = if has_account { "istio" } else { "disabled" };
        Self {
            server: Some((workload, instance)),
            pod,
            labels: instance.labels.clone(),
            namespace: workload.subject.namespace.clone(),
            tls_mode: instance.labels.get(TLS_MODE).unwrap_or(default).into(),
            port,
            account: instance.service_account(),
            is_registered: true,
            assumed_protocol: None,
            found_by: FoundBy::Registry,
            address: None,
            represents: None,
        }
    }

    /// A port of an instance: of its first pod, if it has any.
    #[must_use]
    pub fn of_instance(workload: &'m Workload<'m>, instance: &'m Instance<'m>, port: u16) -> Self {
        Self::of(workload, instance, instance.pods.first().copied(), port)
    }

    /// Whether calls to two endpoints have the same results, if their instances have the same class and no address is listed.
    #[must_use]
    pub fn is_same_server(&self, other: &Self) -> bool {
        let class = |endpoint: &Self| endpoint.server.map(|(_, instance)| instance.class);
        let declared = |endpoint: &Self| (endpoint.port, endpoint.is_registered, endpoint.assumed_protocol);
        class(self) == class(other)
            && declared(self) == declared(other)
            && self.tls_mode == other.tls_mode
            && self.found_by == other.found_by
            && self.account == other.account
            && self.namespace == other.namespace
    }

    /// A host or address of which nothing is known.
    #[must_use]
    pub fn unknown(host: &str, port: u16) -> Self {
        Self { address: Some(host.into()), ..Self::without_workload(&Text::default(), port, false) }
    }

    /// An address that belongs to no workload.
    pub(super) fn without_workload(namespace: &Text, port: u16, is_registered: bool) -> Self {
        Self {
            server: None,
            pod: None,
            labels: Labels::default(),
            namespace: namespace.clone(),
            tls_mode: "disabled".into(),
            port,
            account: None,
            is_registered,
            assumed_protocol: None,
            found_by: FoundBy::Registry,
            address: None,
            represents: None,
        }
    }

    /// The assumed endpoint of a Service of which no pod and no template was read: it has the labels of the selector, and a sidecar.
    pub(in crate::mesh) fn assumed(namespace: &Text, selector: &Labels, port: &Port) -> Self {
        let number = match port.target {
            TargetPort::Number(number) => number,
            TargetPort::Name(_) => port.number,
        };
        Self {
            labels: selector.clone(),
            tls_mode: "istio".into(),
            assumed_protocol: Some(port.protocol),
            ..Self::without_workload(namespace, number, true)
        }
    }
}
