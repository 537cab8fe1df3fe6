//! The reason for the result of a call, in one sentence.

use super::answer::{CallAnswer, EndpointAnswer, OverallResult, Taken};
use crate::mesh::{Claim, Failure, FoundBy, SentAs, Verdict};

/// Why a call has this result: the failure if there is one, otherwise the result that the endpoints have in common.
#[must_use]
pub fn why(answer: &CallAnswer<'_>) -> String {
    match &answer.taken_by {
        Some(Taken { by, claim }) => {
            let listener = match claim {
                Claim::Pods | Claim::Host => "the listener for this address and port, and its rules apply (S280)",
                Claim::Port => {
                    "the listener for all other addresses at this port, because it has no address itself, and its rules apply (S281)"
                }
                Claim::Address => "the listener for the same address, and its rules apply (S290)",
            };
            format!("{}; {by} has {listener}", result(answer))
        }
        None if answer.is_http_to_tls_port => format!(
            "{}; but a route sends plaintext HTTP to a port that declares TLS: a server that only accepts TLS refuses it (S236, F13)",
            result(answer)
        ),
        None => result(answer),
    }
}

fn result(answer: &CallAnswer<'_>) -> String {
    match (answer.lowest_failure(), answer.result()) {
        (Some(Failure::TlsToPlaintext | Failure::NonHttpToHttpPort), _) if answer.endpoints.iter().any(EndpointAnswer::is_double_tls) => {
            "the client's proxy adds TLS to the TLS of the application: the server terminates one of the two and reads the other as its payload (S241)"
                .into()
        }
        (Some(failure), _) | (None, OverallResult::All(Verdict::Fail(failure))) => failure.cause().into(),
        (None, OverallResult::NoEndpoints) if answer.is_answered_by_proxy => {
            "the client's proxy answers the call itself, with a redirect or a fixed response, so that it reaches no endpoint (S336)".into()
        }
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
    if let Some(why) = answer.undetermined {
        return why.to_owned();
    }
    let any = |is: fn(&EndpointAnswer<'_>) -> bool| answer.endpoints.iter().any(is);
    let why = if any(|reached| reached.endpoint.server.is_some_and(|(_, instance)| instance.is_assumed)) {
        "the Namespace of the server was not read, so it is unknown which proxy its pods get"
    } else if any(|reached| reached.endpoint.found_by == FoundBy::ClusterIp && !reached.evaluation.is_certain) {
        "istiod may look up a cluster IP as the workloads of the ambient Service that has it, which is not determined (S228)"
    } else if any(|reached| reached.endpoint.found_by == FoundBy::Unread) {
        "an endpoint has a name in the cluster's domain, and not everything that could have this name was read (S243)"
    } else if any(|reached| reached.endpoint.found_by == FoundBy::Range) {
        "the entry has a range of addresses with pods in it, and it is not known which of them the host resolves to (S311)"
    } else if any(|reached| reached.endpoint.found_by == FoundBy::SliceUid) {
        "an EndpointSlice names a pod by its uid, and what was read of the pod has none"
    } else if any(|reached| is_machine(reached) && !reached.evaluation.is_certain) {
        "mTLS is sent to a machine that declares no identity, and whether it runs a proxy that terminates mTLS is in no object (S229)"
    } else if any(|reached| !reached.evaluation.is_certain) {
        "policies that may apply could not be read"
    } else if answer.client.cluster.as_ref().is_some_and(|cluster| cluster.has_unusable_ca) {
        "the CA certificate of the policy cannot be used, and it is not determined what a sidecar sends then (S263)"
    } else if any(|reached| reached.sent_as == SentAs::CustomMtls) && answer.client.cluster.is_none() {
        "the application can read the mesh's certificate from files (OUTPUT_CERTS), and the configuration does not show whether it presents it (S248)"
    } else {
        "the configuration does not show whether the certificates chain to the mesh's root"
    };
    why.into()
}

fn plaintext(answer: &CallAnswer<'_>) -> &'static str {
    if answer.endpoints.iter().all(|reached| reached.endpoint.server.is_none()) {
        "the client adds no TLS, and no endpoint is a workload that was read"
    } else if answer.endpoints.iter().any(is_machine) {
        "the client adds no TLS, and whether the machine has a proxy that refuses plaintext is in no object (S229)"
    } else {
        "the client adds no TLS, and every endpoint accepts plaintext"
    }
}

/// Whether the endpoint is a machine of which it is not known whether it runs a proxy.
fn is_machine(reached: &EndpointAnswer<'_>) -> bool {
    reached.endpoint.server.is_some_and(|(_, instance)| instance.is_machine_without_identity())
}
