//! Will a client reach a destination: over mTLS, in plaintext, or not at all, and why?

mod answer;
mod ask;
mod bypass;
mod calling;
mod host;
mod names;
mod pods;
mod unread;
mod why;

pub use answer::{CallAnswer, CallQuestion, CallTarget, ClientSide, EndpointAnswer, Note, OverallResult, Scheme};
pub use ask::{reach, reach_classes};
pub use names::{ports, resolve_host, service_of};
pub use why::why;
