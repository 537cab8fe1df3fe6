//! The machine-readable formats, and Markdown: each file writes a whole document.

pub(super) mod github;
pub(super) mod json;
pub(super) mod junit;
pub(super) mod markdown;
pub(super) mod policyreport;
pub(super) mod sarif;
mod uri;
pub(super) mod yaml;
