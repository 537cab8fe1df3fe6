//! Input of the queries to a Prometheus.

use super::access::Access;
use crate::object::evidence::{Evidence, Window};

/// Which traffic to query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Namespaces of the destinations; none means all.
    pub namespaces: Vec<String>,
    /// The time range. It ends now, or at the time given on the command line.
    pub window: Window,
}

impl Request {
    /// Empty evidence, before any response.
    pub(super) fn evidence(&self, access: &Access) -> Evidence {
        let namespaces = self.namespaces.iter().map(|name| name.as_str().into()).collect();
        Evidence { from: access.display_address(), window: self.window, namespaces, ..Evidence::default() }
    }
}
