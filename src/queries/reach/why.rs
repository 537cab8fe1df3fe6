//! The reason for the result of a call, in one sentence.

use super::answer::{CallAnswer, EndpointAnswer, OverallResult};
use crate::mesh::Verdict;

/// Why a call has this result: the failure if there is one, otherwise the result that the endpoints have in common.
#[must_use]
pub fn why(answer: &CallAnswer<'_>) -> String {
    match &answer.taken_by {
        Some(id) => format!("{}; {id} has the listener for this address and port, and its rules apply (S280)", result(answer)),
        None => result(answer),
    }
}

fn result(answer: &CallAnswer<'_>) -> String {
    match (answer.lowest_failure(), answer.result()) {
        (Some(failure), _) | (None, OverallResult::All(Verdict::Fail(failure))) => failure.cause().into(),
        (None, OverallResult::NoEndpoints) => "no running or planned endpoint is behind this port".into(),
        (None, OverallResult::Mixed) => "the result depends on the endpoint".into(),
        (None, OverallResult::All(Verdict::Unknown)) => unknown(answer),
        (None, OverallResult::All(Verdict::Mtls)) => "the client sends the mesh's mTLS, and every endpoint accepts it".into(),
        (None, OverallResult::All(Verdict::Plaintext)) => plaintext(answer).into(),
        (None, OverallResult::All(Verdict::Tls)) => "TLS other than the mesh's reaches the application, which has to terminate it".into(),
    }
}

/// The input that is missing for a verdict.
fn unknown(answer: &CallAnswer<'_>) -> String {
    if let Some(kind) = answer.unread {
        return format!("not every {kind} that could change the result was read");
    }
    let any = |is: fn(&EndpointAnswer<'_>) -> bool| answer.endpoints.iter().any(is);
    let why = if any(|reached| reached.endpoint.server.is_some_and(|(_, instance)| instance.is_assumed)) {
        "the Namespace of the server was not read, so it is unknown which proxy its pods get"
    } else if any(|reached| !reached.evaluation.is_certain) {
        "policies that may apply could not be read"
    } else {
        "the configuration does not show whether the certificates chain to the mesh's root"
    };
    why.into()
}

fn plaintext(answer: &CallAnswer<'_>) -> &'static str {
    if answer.endpoints.iter().all(|reached| reached.endpoint.server.is_none()) {
        "the client adds no TLS, and no endpoint is a workload that was read"
    } else {
        "the client adds no TLS, and every endpoint accepts plaintext"
    }
}
