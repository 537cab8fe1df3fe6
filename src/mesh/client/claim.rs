//! Why one service gets the calls of another one.

/// What a service has, so that it gets the calls of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// The clusters of the same host (S279).
    Host,
    /// The listeners for the same pods, as the older headless Service (S280).
    Pods,
    /// The listener for the same address (S290).
    Address,
    /// The listener for all other addresses at the port (S281).
    Port,
}
