//! From the bytes of one object to its wire struct.

use super::{
    controller::controller,
    message::{Broken, Field, Value},
    pod::{PodCache, pod},
};
use crate::object::{Kind, Object};

fn message<M: Field + Default>(bytes: &[u8]) -> Result<Box<M>, Broken> {
    let mut message = Box::<M>::default();
    message.merge(Value::Bytes(bytes))?;
    message.compact();
    Ok(message)
}

/// Reads an object of a built-in kind.
pub(in crate::source::cluster) fn object(kind: Kind, bytes: &[u8], cache: &mut PodCache) -> Result<Object, Broken> {
    Ok(match kind {
        Kind::Namespace => Object::Namespace(message(bytes)?),
        Kind::Pod => Object::Pod(pod(bytes, cache)?),
        Kind::Service => Object::Service(message(bytes)?),
        Kind::ConfigMap => Object::ConfigMap(message(bytes)?),
        Kind::ReplicationController
        | Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Job
        | Kind::CronJob => Object::Controller(Box::new(controller(kind, bytes, cache.drops_kubelet)?)),
        Kind::EndpointSlice => Object::EndpointSlice(message(bytes)?),
        Kind::MutatingWebhookConfiguration => Object::MutatingWebhookConfiguration(message(bytes)?),
        Kind::ValidatingWebhookConfiguration => Object::ValidatingWebhookConfiguration(message(bytes)?),
        Kind::CustomResourceDefinition => Object::CustomResourceDefinition(message(bytes)?),
        Kind::APIService => Object::ApiService(message(bytes)?),
        Kind::Ingress => Object::Ingress(message(bytes)?),
        // A server that answers protobuf for kinds that have none is not one.
        Kind::PeerAuthentication
        | Kind::AuthorizationPolicy
        | Kind::DestinationRule
        | Kind::VirtualService
        | Kind::ServiceEntry
        | Kind::WorkloadEntry
        | Kind::WorkloadGroup
        | Kind::Sidecar
        | Kind::Gateway
        | Kind::EnvoyFilter
        | Kind::KubernetesGateway
        | Kind::ServiceMonitor
        | Kind::PodMonitor => return Err(Broken::NoEnvelope),
    })
}
