//! What is asked of a Prometheus.

use super::access::Access;
use crate::object::evidence::{Evidence, Window};

/// What is to be known of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Namespaces of the destinations; none means all.
    pub namespaces: Vec<String>,
    /// The time to look at. Its end is the moment of asking, or the one that the command line names.
    pub window: Window,
}

impl Question {
    /// Evidence before anything was answered.
    pub(super) fn evidence(&self, access: &Access) -> Evidence {
        let namespaces = self.namespaces.iter().map(|name| name.as_str().into()).collect();
        Evidence { from: access.from(), window: self.window, namespaces, ..Evidence::default() }
    }
}
