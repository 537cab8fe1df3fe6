//! Which proxy has each workload, which should it have, and why does it not?

mod enrolling;
mod inventory;
mod services;
mod why;

pub use enrolling::{enrolling_label, has_ztunnel};
pub use inventory::{Counts, Expected, Inventory, NamespaceRow, Row, inventory};
pub use services::{ServiceRow, services};
pub use why::{described, why};
