//! Which proxy does each workload have, which should it have, and why do they differ?

mod enrolling;
mod inventory;
mod services;
mod why;

pub use enrolling::{enrolling_label, has_ztunnel};
pub use inventory::{Expected, Inventory, NamespaceRow, ProxyCounts, ProxyRow, inventory};
pub use services::{ServiceRow, services};
pub use why::{describe_label, why};
