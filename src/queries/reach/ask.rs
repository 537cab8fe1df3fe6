//! Evaluates a call by its kind of destination.

use super::{
    answer::{CallAnswer, CallQuestion, CallTarget},
    calling::CallEvaluation,
};
use crate::mesh::Mesh;

/// Evaluates a call.
#[must_use]
pub fn reach<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>) -> CallAnswer<'m> {
    let call = CallEvaluation { mesh, question };
    match &question.to {
        CallTarget::Host(host) => call.host(host),
        CallTarget::Pods(workload, pod) => call.pods(workload, pod.as_ref()),
    }
}
