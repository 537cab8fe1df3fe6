//! Evaluates a question by its kind of destination.

use super::{
    answer::{Question, Reach, To},
    calling::Calling,
};
use crate::mesh::Mesh;

/// Answers a question.
#[must_use]
pub fn reach<'m>(mesh: &'m Mesh<'m>, question: &Question<'m>) -> Reach<'m> {
    let call = Calling { mesh, question };
    match &question.to {
        To::Host(host) => call.host(host),
        To::Pods(workload, pod) => call.pods(workload, pod.as_ref()),
    }
}
