//! A call for which client and server do not agree on TLS.

use super::{
    declarable::EntryIdentity,
    verdict::{Acceptance, SentAs, Verdict},
};
use crate::{
    istio::TlsMode,
    mesh::{AutoMtlsOff, Subject},
    object::{FieldPath, Id, Text},
};

/// The result of the calls of some clients to one endpoint, where it is not the intended one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a property of its own, and none depends on another")]
pub struct Mismatch {
    /// The TLS settings that decide what is sent: the rule and the field; `None` if automatic mTLS decides.
    pub cause: Option<(Id, FieldPath)>,
    /// The TLS mode of these settings.
    pub configured: Option<TlsMode>,
    /// Why automatic mTLS is off, if it decides and is off.
    pub auto_mtls_off: Option<AutoMtlsOff>,
    /// Whether the client connects to the address that the application dialled (S75).
    pub is_original_dst: bool,
    /// Namespace of the clients; `None` means every namespace without rules of its own.
    pub clients: Option<Text>,
    /// Host and port of the service. If no service was read, the host is that of a rule or of a policy's scope, and the port is set only if
    /// the rule's setting is for one.
    pub service: (Text, Option<u16>),
    /// The Service or `ServiceEntry`, if one was read.
    pub service_id: Option<Id>,
    pub subset: Option<Text>,
    /// The workload and its port; `None` for an address outside the mesh, and if no workload was read.
    pub server: Option<(Subject, u16)>,
    /// Whether a sidecar is assumed: no workload was read, or what was read does not show whether it has a proxy.
    pub is_assumed: bool,
    /// What the endpoint has to declare, if istiod does not join it with the server.
    pub undeclared: Option<EntryIdentity>,
    /// The policy that sets the server's mode.
    pub policy: Option<Id>,
    /// What the server accepts.
    pub acceptance: Acceptance,
    /// What the client sends.
    pub sent_as: SentAs,
    /// Whether the port declares TLS, although the client sends none of its own: the application behind it most likely accepts only TLS.
    pub is_tls_port: bool,
    /// The outcome of the call.
    pub verdict: Verdict,
    /// The server's identity, if the client accepts only others.
    pub identity: Option<Text>,
    /// Whether automatic mTLS would result in mTLS here.
    pub could_be_mtls: bool,
}
