//! Evaluates a call by its kind of destination.

use super::{
    answer::{CallAnswer, CallQuestion, CallTarget},
    calling::{CallEvaluation, Listing},
    names::is_taken_by_entry,
    unread::unread_kind,
};
use crate::mesh::{HeadlessPod, Mesh, NamedInDns};

/// Evaluates a call. Its result is unknown if it rests on something that was not read.
#[must_use]
pub fn reach<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>) -> CallAnswer<'m> {
    answer(mesh, question, Listing::Every)
}

/// Evaluates a call, and lists one endpoint for all that give the same result ([`Endpoint::represents`](crate::mesh::Endpoint)). Where one
/// selector matches many workloads, this is much less work.
#[must_use]
pub fn reach_classes<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>) -> CallAnswer<'m> {
    answer(mesh, question, Listing::OnePerClass)
}

fn answer<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>, listing: Listing) -> CallAnswer<'m> {
    let pod = match &question.to {
        CallTarget::Host(host) => pod_of(mesh, host).filter(|named| !is_taken_by_entry(mesh, question, host, named)),
        CallTarget::Pods(..) => None,
    };
    let call = CallEvaluation { mesh, question, listing, pod, routed: None };
    let answer = match &question.to {
        CallTarget::Host(host) => match &call.pod {
            Some(named) => call.pod_of_headless(host, named),
            None => call.host(host),
        },
        CallTarget::Pods(workload, pod) => call.pods(workload, pod.as_ref()),
    };
    match unread_kind(mesh, question, &answer) {
        Some(kind) => answer.without(kind),
        None => answer,
    }
}

/// The pod that a host names: by its own name below a headless Service, or as an alias of that name.
fn pod_of<'m>(mesh: &'m Mesh<'m>, host: &str) -> Option<HeadlessPod<'m>> {
    let is_alias = || mesh.registry().at(host).any(|service| service.is_kubernetes() && !service.is_called());
    let behind = || match mesh.named_in_dns(host) {
        NamedInDns::Pod(named) => Some(named),
        NamedInDns::Service(_) | NamedInDns::Nothing { .. } | NamedInDns::Outside => None,
    };
    mesh.headless_pod(host).or_else(|| is_alias().then(behind).flatten())
}
