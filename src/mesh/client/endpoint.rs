//! An endpoint of a service port: what serves there, and what the registry knows of it (S73, S74, S84).

use super::registry::{Port, Target};
use crate::{
    istio::Protocol,
    mesh::{Dataplane, Instance, TLS_MODE, Workload},
    object::{Labels, Text},
};

/// An endpoint of a service port.
#[derive(Clone, Debug)]
pub struct Endpoint<'m> {
    /// What serves there; `None` for an address that is nobody's in the mesh.
    pub server: Option<(&'m Workload<'m>, &'m Instance<'m>)>,
    /// The pod; `None` for a template, a machine, an address.
    pub pod: Option<&'m Text>,
    /// The labels that subsets and policies are matched with.
    pub labels: Labels,
    /// Its namespace, whose policies count for the client (S73).
    pub namespace: Text,
    /// `istio` where it takes the mesh's mTLS by its own word, `disabled` or another value elsewhere (S74).
    pub tls_mode: Text,
    /// The port of the workload.
    pub port: u16,
    /// The service account that the registry gives it, where one does (S84).
    pub account: Option<Text>,
    /// Whether the registry knows it, rather than only the address that was dialled.
    pub is_registered: bool,
    /// The protocol of the port, where nobody read what serves there and it is taken to have a sidecar.
    pub presumed: Option<Protocol>,
}

impl<'m> Endpoint<'m> {
    /// A pod, machine or template as it says of itself, at one of its ports.
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
            presumed: None,
        }
    }

    /// A host or address of which nothing is known.
    #[must_use]
    pub fn unknown(port: u16) -> Self {
        Self::nowhere(&Text::default(), port, false)
    }

    /// An address that nothing in the mesh has.
    pub(super) fn nowhere(namespace: &Text, port: u16, is_registered: bool) -> Self {
        Self {
            server: None,
            pod: None,
            labels: Labels::default(),
            namespace: namespace.clone(),
            tls_mode: "disabled".into(),
            port,
            account: None,
            is_registered,
            presumed: None,
        }
    }

    /// What a Service leads to of which no pod and no template was read: labels that it selects by, and a sidecar.
    pub(in crate::mesh) fn presumed(namespace: &Text, selector: &Labels, port: &Port) -> Self {
        let number = match port.target {
            Target::Number(number) => number,
            Target::Name(_) => port.number,
        };
        Self { labels: selector.clone(), tls_mode: "istio".into(), presumed: Some(port.protocol), ..Self::nowhere(namespace, number, true) }
    }
}
