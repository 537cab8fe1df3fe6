//! A call whose client and server do not meet.

use super::verdict::{Acceptance, Verdict, Wire};
use crate::{
    istio::TlsMode,
    mesh::{AutoOff, Subject},
    object::{FieldPath, Id, Text},
};

/// What becomes of the calls of some clients to one endpoint, where that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The TLS settings that decide: the rule and the field; `None` where automatic mTLS decides.
    pub cause: Option<(Id, FieldPath)>,
    /// What these settings say.
    pub configured: Option<TlsMode>,
    /// Why automatic mTLS is off, where it decides and is.
    pub auto_off: Option<AutoOff>,
    /// Whether the address that is dialled is the endpoint (S75).
    pub is_original_dst: bool,
    /// Namespace of the clients; `None` stands for every namespace without rules of its own.
    pub clients: Option<Text>,
    /// Host and port of the service; no port where no service was read, and the host of a rule or of a policy's scope stands for any.
    pub service: (Text, Option<u16>),
    /// The Service or `ServiceEntry`, if one was read.
    pub service_id: Option<Id>,
    /// The subset.
    pub subset: Option<Text>,
    /// The workload, and its port; `None` for an address outside the mesh, and where no workload was read.
    pub server: Option<(Subject, u16)>,
    /// Whether one with a sidecar is taken to serve there: no workload was read, or nothing that says whether it has a proxy.
    pub is_presumed: bool,
    /// Who decides what the server takes.
    pub policy: Option<Id>,
    /// What that is.
    pub acceptance: Acceptance,
    /// What the client puts on the wire.
    pub wire: Wire,
    /// What comes of it.
    pub verdict: Verdict,
    /// Who the server is, where the client accepts others only.
    pub identity: Option<Text>,
    /// Whether automatic mTLS would make mTLS of it.
    pub could_be_mtls: bool,
}
