//! A call to evaluate, and its result.

use crate::{
    istio::DestinationRule,
    mesh::{
        Claim, Client, Cluster, ClusterTls, Destination, Endpoint, Evaluation, Failure, RouteTarget, SentAs, TrailOutcome, Verdict,
        Workload,
    },
    object::{FieldPath, Kind, Text},
};

/// What a client calls.
#[derive(Clone, Debug)]
pub enum CallTarget<'m> {
    /// A host as the application names it.
    Host(String),
    /// The addresses of a workload's pods, or of one of them.
    Pods(&'m Workload<'m>, Option<Text>),
}

/// The protocol that the application sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Any HTTP.
    Http,
    /// TLS that the application itself originates.
    Https,
    /// Any other protocol.
    Tcp,
}

#[derive(Clone, Debug)]
pub struct CallQuestion<'m> {
    pub from: Client<'m>,
    pub to: CallTarget<'m>,
    /// The port: of the service, or of the workload if its pods are called.
    pub port: u16,
    /// The subset, if one is requested.
    pub subset: Option<String>,
    /// The protocol that the application sends; `None` for the one that the port declares.
    pub scheme: Option<Scheme>,
}

/// The result of a call at every endpoint, and what decides it.
#[derive(Debug)]
pub struct CallAnswer<'m> {
    pub host: String,
    /// The client's rules and the TLS that its proxy originates.
    pub client: ClientSide<'m>,
    /// Every endpoint, and the result of a call to it.
    pub endpoints: Vec<EndpointAnswer<'m>>,
    /// The service and port that the host resolves to in the client's scope; `None` if there is none, or if no scope is evaluated.
    pub destination: Option<Destination<'m>>,
    /// The destinations to which a `VirtualService` routes the call; empty if none does.
    pub routed_to: Vec<RouteTarget>,
    /// The lowest failure at some of these destinations before any endpoint is called.
    pub partial_failure: Option<Failure>,
    /// The failure before any endpoint is called.
    pub failure: Option<Failure>,
    /// What decides the result, in order of evaluation.
    pub notes: Vec<Note>,
    /// Whether a proxy answers requests itself, so that they reach no endpoint.
    pub is_answered_by_proxy: bool,
    /// Whether a route sends plaintext HTTP to a port that declares TLS, and no proxy originates TLS for it.
    pub is_http_to_tls_port: bool,
    /// Whether the call leaves the client without its proxy: by an annotation, or because a pod calls itself.
    pub bypasses_proxy: bool,
    /// The service whose listener gets the call instead of the one that the client names.
    pub taken_by: Option<Taken>,
    /// A kind that was not wholly read and could change the result, which is then unknown.
    pub unread: Option<Kind>,
    /// What Istio leaves undetermined, if that could change the result, which is then unknown.
    pub undetermined: Option<&'static str>,
}

/// A service that gets a call instead of the one that the client names, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub by: crate::object::Id,
    pub claim: Claim,
}

/// The client's side of an answer.
#[derive(Debug)]
pub struct ClientSide<'m> {
    /// The cluster; `None` if no rule is evaluated.
    pub cluster: Option<Cluster<'m>>,
    /// The TLS that the client's proxy originates.
    pub tls: ClusterTls,
    /// Rules that match the host and are not in force.
    pub unused_rules: Vec<&'m DestinationRule>,
}

/// An endpoint, and the result of a call to it.
#[derive(Clone, Debug)]
pub struct EndpointAnswer<'m> {
    pub endpoint: Endpoint<'m>,
    /// What is sent to it.
    pub sent_as: SentAs,
    /// Whether the application originates TLS itself.
    pub is_app_tls: bool,
    pub evaluation: Evaluation<'m>,
}

impl EndpointAnswer<'_> {
    /// Whether the client's proxy adds TLS to that of the application (S241).
    #[must_use]
    pub fn is_double_tls(&self) -> bool {
        self.is_app_tls && self.sent_as.is_tls_of_rule()
    }

    /// Whether only the application fails the call, because it receives TLS inside TLS; the proxies let it pass (S241).
    #[must_use]
    pub fn is_refused_by_application(&self) -> bool {
        self.is_double_tls() && self.evaluation.verdict == Verdict::Fail(Failure::NonHttpToHttpPort)
    }
}

/// Something that decides the result, and the object that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub object: Option<crate::object::Id>,
    pub field: Option<FieldPath>,
    /// Its effect.
    pub message: String,
    pub outcome: TrailOutcome,
}

/// The result over all endpoints (S104).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverallResult {
    /// The same at every endpoint; different failures count as the same result.
    All(Verdict),
    Mixed,
    NoEndpoints,
}

impl CallAnswer<'_> {
    /// The result over all endpoints.
    #[must_use]
    pub fn result(&self) -> OverallResult {
        if self.unread.is_some() || self.undetermined.is_some() {
            return OverallResult::All(Verdict::Unknown);
        }
        if let Some(failure) = self.failure {
            return OverallResult::All(Verdict::Fail(failure));
        }
        if self.partial_failure.is_some() && !self.endpoints.is_empty() {
            return OverallResult::Mixed;
        }
        let word =
            |verdict: Verdict| if matches!(verdict, Verdict::Fail(_)) { Verdict::Fail(Failure::PlaintextToStrictNoEnvoy) } else { verdict };
        match self.endpoints.as_slice() {
            [] => OverallResult::NoEndpoints,
            [first, rest @ ..] if rest.iter().all(|one| word(one.evaluation.verdict) == word(first.evaluation.verdict)) => {
                OverallResult::All(first.evaluation.verdict)
            }
            // What is unknown at one endpoint may be what the others have in common.
            all if all.iter().any(|one| !one.evaluation.is_certain) => OverallResult::All(Verdict::Unknown),
            _ => OverallResult::Mixed,
        }
    }

    /// The failure before any endpoint is called, otherwise the lowest failure of any endpoint or destination.
    #[must_use]
    pub fn lowest_failure(&self) -> Option<Failure> {
        let of = |reached: &EndpointAnswer<'_>| if let Verdict::Fail(failure) = reached.evaluation.verdict { Some(failure) } else { None };
        self.failure.or_else(|| self.endpoints.iter().filter_map(of).chain(self.partial_failure).min())
    }

    pub(super) fn empty(host: &str) -> Self {
        let client = ClientSide { cluster: None, tls: ClusterTls::Disable, unused_rules: Vec::new() };
        Self {
            host: host.to_owned(),
            client,
            endpoints: Vec::new(),
            destination: None,
            routed_to: Vec::new(),
            partial_failure: None,
            failure: None,
            notes: Vec::new(),
            is_answered_by_proxy: false,
            is_http_to_tls_port: false,
            bypasses_proxy: false,
            taken_by: None,
            unread: None,
            undetermined: None,
        }
    }

    /// The answer if Istio leaves undetermined where the call goes.
    pub(super) fn undetermined(mut self, why: &'static str) -> Self {
        for reached in &mut self.endpoints {
            reached.evaluation.verdict = Verdict::Unknown;
        }
        Self { failure: None, partial_failure: None, undetermined: Some(why), ..self }
    }

    /// The answer if objects of a kind that could change it were not read: nothing but the endpoints that are known.
    pub(super) fn without(mut self, kind: Kind) -> Self {
        for reached in &mut self.endpoints {
            reached.evaluation.verdict = Verdict::Unknown;
        }
        let host = std::mem::take(&mut self.host);
        Self { endpoints: self.endpoints, unread: Some(kind), ..Self::empty(&host) }
    }

    pub(super) fn note(&mut self, object: Option<crate::object::Id>, field: Option<FieldPath>, message: impl Into<String>) {
        self.notes.push(Note { object, field, message: message.into(), outcome: TrailOutcome::InForce });
    }
}
