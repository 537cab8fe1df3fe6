//! Decodes `metadata`, keeping only annotations that are used.

use super::message::{Field, ProtobufError, Value, entry, fields};
use crate::object::{is_relevant_annotation, wire::Meta};

/// Number of the field `annotations` of the metadata.
pub(super) const ANNOTATIONS: u64 = 12;

impl Field for Meta {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| self.field(number, value))
    }

    fn compact(&mut self) {
        self.labels.compact();
        self.annotations.compact();
        self.owner_references.compact();
    }
}

/// A message that is merged field by field, by number.
pub(super) trait ByNumber {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), ProtobufError>;
}

impl ByNumber for Meta {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), ProtobufError> {
        match number {
            1 => self.name.merge(value),
            2 => self.generate_name.merge(value),
            3 => self.namespace.merge(value),
            5 => self.uid.0.merge(value),
            8 => self.creation_timestamp.merge(value),
            11 => self.labels.merge(value),
            ANNOTATIONS => {
                let (key, text) = entry(value)?;
                if is_relevant_annotation(key) {
                    self.annotations.set(key, text);
                }
                Ok(())
            }
            13 => self.owner_references.merge(value),
            _ => Ok(()),
        }
    }
}
