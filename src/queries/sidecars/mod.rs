//! Which proxy has each workload, which should it have, and why does it not?

mod inventory;

pub use inventory::{Counts, Expected, Inventory, NamespaceRow, Row, ServiceRow, enrolling_label, has_ztunnel, inventory, services};
