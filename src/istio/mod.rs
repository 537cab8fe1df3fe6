//! Objects decoded into meaning: total enums, and impossible states gone.

mod decode;
mod destination_rule;
mod domain;
mod mode;
mod peer_authentication;
mod protocol;

pub use decode::{DecodeError, Decoded};
pub use destination_rule::{DestinationRule, Subset, Tls, TlsMode, TrafficPolicy};
pub use domain::ClusterDomain;
pub use mode::Mode;
pub use peer_authentication::{PeerAuthentication, Selector};
pub use protocol::{Class, Protocol};
