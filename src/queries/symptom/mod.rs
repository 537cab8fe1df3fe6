//! The symptom of a failed call, and its possible causes in this configuration, the likeliest first.

mod signs;

use std::collections::{BTreeMap, BTreeSet};

use self::signs::Indications;
use super::reach::{CallAnswer, CallQuestion, CallTarget, EndpointAnswer, Scheme, reach};
use crate::{
    mesh::{Client, ClientKind, Failure, Mesh, Resolution, Verdict},
    object::Text,
};

/// How certain a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// The call as asked always fails, and this failure matches the symptom.
    Certain,
    /// The call as asked fails at some endpoints, and this failure matches the symptom.
    AtSomeEndpoints,
    /// A call that differs from the one asked about would fail with this symptom.
    Possible,
    /// The call as asked fails, but this failure does not match the symptom.
    LooksOtherwise,
    /// The input does not show this cause.
    Elsewhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymptomCause {
    pub likelihood: Likelihood,
    /// How the call fails; `None` for [`Likelihood::Elsewhere`].
    pub failure: Option<Failure>,
    /// How the call would have to differ from the one asked about; `None` if it need not.
    pub assuming: Option<String>,
    /// What happens.
    pub message: String,
}

/// The failures that match a symptom, the closest first; empty if it indicates none.
#[must_use]
pub fn failures(symptom: &str) -> Vec<Failure> {
    Indications::of(symptom).failures
}

/// The possible causes of a symptom, the likeliest first; never empty.
#[must_use]
pub fn causes<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>, answer: &CallAnswer<'m>, symptom: &str) -> Vec<SymptomCause> {
    let indications = Indications::of(symptom);
    let (wanted, is_unknown_symptom) = (&indications.failures, indications.is_unknown());
    let matches_symptom = |failure: Failure| is_unknown_symptom || wanted.contains(&failure);
    let mut causes = causes_in_call(answer, &matches_symptom);
    let reported: Vec<Option<Failure>> = causes.iter().map(|cause| cause.failure).collect();
    for (assuming, others) in variations(question, answer) {
        let failures = group_by_failure(others.iter().flat_map(|other| failures_at_servers(&reach(mesh, other))));
        let new = failures.into_iter().filter(|(failure, _)| matches_symptom(*failure) && !reported.contains(&Some(*failure)));
        causes.extend(new.map(|(failure, servers)| SymptomCause {
            likelihood: Likelihood::Possible,
            failure: Some(failure),
            assuming: Some(assuming.clone()),
            message: describe_failure(failure, &servers),
        }));
    }
    let rank = |cause: &SymptomCause| wanted.iter().position(|failure| Some(*failure) == cause.failure).unwrap_or(wanted.len());
    causes.sort_by_key(|cause| (cause.likelihood, rank(cause)));
    let is_unexplained = causes.iter().all(|cause| cause.likelihood == Likelihood::LooksOtherwise);
    causes.extend(other_causes(&indications, is_unexplained));
    causes
}

/// The failures of the call as asked: those that match the symptom, and those that do not.
fn causes_in_call(answer: &CallAnswer<'_>, matches_symptom: &impl Fn(Failure) -> bool) -> Vec<SymptomCause> {
    let failures = failures_at_servers(answer);
    let fails_everywhere = answer.failure.is_some()
        || answer.unread.is_none() && answer.endpoints.iter().all(|one| matches!(one.evaluation.verdict, Verdict::Fail(_)));
    let cause = |(failure, servers): (Failure, Vec<String>)| {
        let likelihood = match (matches_symptom(failure), fails_everywhere) {
            (true, true) => Likelihood::Certain,
            (true, false) => Likelihood::AtSomeEndpoints,
            (false, _) => Likelihood::LooksOtherwise,
        };
        let seen =
            if likelihood == Likelihood::LooksOtherwise { format!("; its symptom is: {}", failure.symptom()) } else { String::new() };
        SymptomCause { likelihood, failure: Some(failure), assuming: None, message: describe_failure(failure, &servers) + &seen }
    };
    failures.into_iter().map(cause).collect()
}

fn describe_failure(failure: Failure, servers: &[String]) -> String {
    match servers {
        [] => failure.cause().to_owned(),
        [one] => format!("{} at {one}", failure.cause()),
        [one, rest @ ..] => format!("{} at {one} and {} more", failure.cause(), rest.len()),
    }
}

/// A failure, and the servers at which it happens.
type FailureAtServers = (Failure, Vec<String>);

/// How a call fails, and at which servers.
fn failures_at_servers(answer: &CallAnswer<'_>) -> Vec<FailureAtServers> {
    let before = answer.failure.map(|failure| (failure, Vec::new()));
    let at = |reached: &EndpointAnswer<'_>| match reached.evaluation.verdict {
        Verdict::Fail(failure) => Some((failure, vec![describe_server(reached)])),
        Verdict::Mtls | Verdict::Tls | Verdict::Plaintext | Verdict::Unknown => None,
    };
    group_by_failure(before.into_iter().chain(answer.endpoints.iter().filter_map(at)))
}

/// Each failure once, with all its servers.
fn group_by_failure(all: impl Iterator<Item = FailureAtServers>) -> Vec<FailureAtServers> {
    let mut found: BTreeMap<Failure, BTreeSet<String>> = BTreeMap::new();
    for (failure, servers) in all {
        found.entry(failure).or_default().extend(servers);
    }
    found.into_iter().map(|(failure, servers)| (failure, servers.into_iter().collect())).collect()
}

fn describe_server(reached: &EndpointAnswer<'_>) -> String {
    let port = reached.endpoint.port;
    reached.endpoint.server.map_or_else(
        || format!("port {port} of an address outside the mesh"),
        |(workload, _)| format!("port {port} of {}", workload.subject),
    )
}

/// How the call would have to differ from the one asked about, and the calls with that difference.
type Variation<'m> = (String, Vec<CallQuestion<'m>>);

/// Variations of the call, each under one assumption that differs from the call asked about.
fn variations<'m>(question: &CallQuestion<'m>, answer: &CallAnswer<'m>) -> Vec<Variation<'m>> {
    let mut found = other_pods(question);
    if question.from.kind == ClientKind::Sidecar {
        let from = Client { kind: ClientKind::None, ..question.from.clone() };
        let assuming = "the call is sent before the sidecar has started, or bypasses it (an init container, an excluded port)";
        found.push((assuming.into(), vec![CallQuestion { from, ..question.clone() }]));
    }
    if let CallTarget::Host(_) = question.to {
        let others = calls_by_address(question, answer);
        found.push(("the application calls the address of a pod instead of the Service".into(), others));
        found.extend(other_subsets(question, answer));
    }
    let schemes = [
        (Scheme::Https, "the application originates TLS itself"),
        (Scheme::Http, "the application sends HTTP"),
        (Scheme::Tcp, "the application sends a protocol other than HTTP"),
    ];
    let other_schemes = schemes.into_iter().filter(|(scheme, _)| question.scheme != Some(*scheme));
    found
        .extend(other_schemes.map(|(scheme, assuming)| (assuming.into(), vec![CallQuestion { scheme: Some(scheme), ..question.clone() }])));
    found
}

/// Pods of the client workload that differ from the one asked about.
fn other_pods<'m>(question: &CallQuestion<'m>) -> Vec<Variation<'m>> {
    let Some((workload, own)) = question.from.instance else { return Vec::new() };
    let others = workload.instances.iter().filter(|one| !std::ptr::eq(*one, own));
    let variation = |instance| {
        let from = Client::workload(workload, instance);
        let pod = instance.pods.first().map_or_else(|| "a pod of its template".to_owned(), |pod| format!("pod {pod}"));
        let assuming = format!("the client is {pod}, which differs from the others ({})", from.kind.as_str());
        (assuming, vec![CallQuestion { from, ..question.clone() }])
    };
    others.map(variation).collect()
}

/// Calls to the addresses of the pods behind the host; empty for a headless service, which is always called by address.
fn calls_by_address<'m>(question: &CallQuestion<'m>, answer: &CallAnswer<'m>) -> Vec<CallQuestion<'m>> {
    if answer.destination.is_some_and(|to| to.service.resolution() == Resolution::Passthrough) {
        return Vec::new();
    }
    let servers = answer.endpoints.iter().filter_map(|reached| Some((reached.endpoint.server?.0, reached.endpoint.port)));
    let unique: BTreeMap<_, _> = servers.map(|(workload, port)| ((&workload.subject, port), workload)).collect();
    let call = |((_, port), workload)| CallQuestion { to: CallTarget::Pods(workload, None), port, subset: None, ..question.clone() };
    unique.into_iter().map(call).collect()
}

fn other_subsets<'m>(question: &CallQuestion<'m>, answer: &CallAnswer<'m>) -> Vec<Variation<'m>> {
    let subsets = answer.client.cluster.iter().filter_map(|cluster| cluster.rule.as_ref()).flat_map(|rule| &rule.subsets);
    let others = subsets.map(|(_, subset)| &subset.name).filter(|name| question.subset.as_deref() != Some(name.as_str()));
    let variation = |name: &Text| {
        (format!("a route sends the call to subset {name}"), vec![CallQuestion { subset: Some(name.to_string()), ..question.clone() }])
    };
    others.map(variation).collect()
}

/// Where to look besides, and a note if the symptom is unknown or nothing explains it.
fn other_causes(indications: &Indications, is_unexplained: bool) -> Vec<SymptomCause> {
    let cause =
        |message: &str| SymptomCause { likelihood: Likelihood::Elsewhere, failure: None, assuming: None, message: message.to_owned() };
    let mut found: Vec<SymptomCause> = indications.elsewhere.iter().copied().map(cause).collect();
    if indications.is_unknown() {
        found.push(cause("the symptom is unknown; every failure of the call was considered"));
    }
    if is_unexplained && found.is_empty() {
        found.push(cause(NOT_CONFIGURED));
    }
    found
}

/// The cause that is given if the configuration does not explain the symptom.
const NOT_CONFIGURED: &str = "the configuration that was read does not make this call fail with this symptom: check the running system \
    (whether every proxy is in sync with istiod, certificates, a NetworkPolicy, the application itself)";
