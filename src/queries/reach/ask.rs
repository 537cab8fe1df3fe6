//! Evaluates a call by its kind of destination.

use super::{
    answer::{CallAnswer, CallQuestion, CallTarget},
    calling::CallEvaluation,
    unread::unread_kind,
};
use crate::mesh::Mesh;

/// Evaluates a call. Its result is unknown if it rests on something that was not read.
#[must_use]
pub fn reach<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>) -> CallAnswer<'m> {
    let call = CallEvaluation { mesh, question, routed: None };
    let answer = match &question.to {
        CallTarget::Host(host) => call.host(host),
        CallTarget::Pods(workload, pod) => call.pods(workload, pod.as_ref()),
    };
    match unread_kind(mesh, question, &answer) {
        Some(kind) => answer.without(kind),
        None => answer,
    }
}
