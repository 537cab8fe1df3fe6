//! Questions and answers about calls.

use crate::{
    istio::DestinationRule,
    mesh::{Client, Cluster, ClusterTls, Destination, Endpoint, Evaluation, Failure, Outcome, RouteTarget, Verdict, Wire, Workload},
    object::{FieldPath, Text},
};

/// What a client calls.
#[derive(Clone, Debug)]
pub enum To<'m> {
    /// A host as the application names it.
    Host(String),
    /// The addresses of a workload's pods, or of one of them.
    Pods(&'m Workload<'m>, Option<Text>),
}

/// What the application speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Any HTTP.
    Http,
    /// TLS of its own.
    Https,
    /// Something else.
    Tcp,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question<'m> {
    /// Who calls.
    pub from: Client<'m>,
    /// Whom.
    pub to: To<'m>,
    /// At which port: of the service, or of the workload where its pods are called.
    pub port: u16,
    /// Which subset.
    pub subset: Option<String>,
    /// What the application speaks; `None` for what the port declares.
    pub scheme: Option<Scheme>,
}

/// The answer.
#[derive(Debug)]
pub struct Reach<'m> {
    /// The host that was called.
    pub host: String,
    /// Which rule the client uses, and what its proxy does.
    pub client: ClientSide<'m>,
    /// Every endpoint, and what comes of a call to it.
    pub endpoints: Vec<Reached<'m>>,
    /// The service and port that the client's proxy makes of it; `None` where it knows none.
    pub destination: Option<Destination<'m>>,
    /// Where a `VirtualService` leads the call; empty where none does.
    pub routed_to: Vec<RouteTarget>,
    /// What fails at some of these destinations before any endpoint is called.
    pub failure_of_some: Option<Failure>,
    /// What fails before any endpoint is called.
    pub failure: Option<Failure>,
    /// What was found on the way, in order.
    pub notes: Vec<Note>,
}

/// The client's side of an answer.
#[derive(Debug)]
pub struct ClientSide<'m> {
    /// The cluster; `None` where no rule is looked at.
    pub cluster: Option<Cluster<'m>>,
    /// What the proxy does.
    pub tls: ClusterTls,
    /// Rules that match the host and are not in force.
    pub others: Vec<&'m DestinationRule>,
}

/// An endpoint, and what comes of a call to it.
#[derive(Debug)]
pub struct Reached<'m> {
    /// The endpoint.
    pub endpoint: Endpoint<'m>,
    /// What is sent.
    pub wire: Wire,
    /// What comes of it.
    pub evaluation: Evaluation<'m>,
}

/// Something that decided, and the object that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The object.
    pub object: Option<crate::object::Id>,
    /// Its field.
    pub field: Option<FieldPath>,
    /// What it comes to.
    pub message: String,
    /// Whether it counts.
    pub outcome: Outcome,
}

/// The result of the whole (S104).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Result {
    /// The same at every endpoint.
    All(Verdict),
    /// Endpoints differ.
    Mixed,
    /// There is nobody to call.
    NoEndpoints,
}

impl Reach<'_> {
    /// The result of the whole.
    #[must_use]
    pub fn result(&self) -> Result {
        if let Some(failure) = self.failure {
            return Result::All(Verdict::Fail(failure));
        }
        if self.failure_of_some.is_some() && !self.endpoints.is_empty() {
            return Result::Mixed;
        }
        let word = |verdict: Verdict| if matches!(verdict, Verdict::Fail(_)) { Verdict::Fail(Failure::F1) } else { verdict };
        match self.endpoints.as_slice() {
            [] => Result::NoEndpoints,
            [first, rest @ ..] if rest.iter().all(|one| word(one.evaluation.verdict) == word(first.evaluation.verdict)) => {
                Result::All(first.evaluation.verdict)
            }
            _ => Result::Mixed,
        }
    }

    /// The lowest failure of any endpoint.
    #[must_use]
    pub fn code(&self) -> Option<Failure> {
        let of = |reached: &Reached<'_>| if let Verdict::Fail(failure) = reached.evaluation.verdict { Some(failure) } else { None };
        self.failure.or_else(|| self.endpoints.iter().filter_map(of).chain(self.failure_of_some).min())
    }

    pub(super) fn untouched(host: &str) -> Self {
        let client = ClientSide { cluster: None, tls: ClusterTls::Disable, others: Vec::new() };
        Self {
            host: host.to_owned(),
            client,
            endpoints: Vec::new(),
            destination: None,
            routed_to: Vec::new(),
            failure_of_some: None,
            failure: None,
            notes: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, object: Option<crate::object::Id>, field: Option<FieldPath>, message: impl Into<String>) {
        self.notes.push(Note { object, field, message: message.into(), outcome: Outcome::InForce });
    }
}
