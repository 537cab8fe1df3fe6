//! Raw input: identities, wire structs and the snapshot, before Istio's rules are applied.

mod configuration;
mod defect;
pub mod evidence;
mod field;
mod id;
mod kind;
mod kind_table;
mod label_selector;
mod labels;
mod origin;
mod overlay;
mod patch;
mod phrase;
mod shared;
mod shell;
mod snapshot;
mod text;
mod uid;
pub mod wire;

pub use configuration::{Configuration, Ignore, ProjectConfig};
pub use defect::{Defect, DefectKind};
pub use field::FieldPath;
pub use id::Id;
pub use kind::{Encoding, Kind, Purpose};
pub(crate) use kind_table::for_each_kind;
pub use label_selector::{Expression, LabelSelector};
pub use labels::{Labels, is_relevant_annotation};
pub use origin::{FileOrigin, Origin};
pub use overlay::Change;
pub use patch::{Edit, Patch};
pub use phrase::{abbreviated_list, list_names, plural};
pub use shared::Shared;
pub use shell::{ShellCommand, shell_words};
pub use snapshot::{ClusterInfo, Coverage, Gap, HasMetadata, Object, Read, Snapshot, Tally};
pub use text::Text;
pub use uid::Uid;
