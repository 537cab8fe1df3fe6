//! Will a client reach a destination: over mTLS, in plaintext, or not at all, and why?

mod addressed;
mod aliases;
mod answer;
mod ask;
mod bypass;
mod calling;
mod existence;
mod headless;
mod host;
mod machines;
mod names;
mod pods;
mod routed;
mod slices;
mod taken;
mod unread;
mod why;
mod ztunnel_names;

pub use answer::{CallAnswer, CallQuestion, CallTarget, ClientSide, EndpointAnswer, Note, OverallResult, Scheme, Taken};
pub use ask::{reach, reach_classes};
pub use existence::{
    Missing, MissingName, missing, missing_behind_alias, missing_host, missing_namespace, missing_port, missing_port_name, unknown,
};
pub use names::{ports, resolve, resolve_host, service_of};
pub use why::why;
