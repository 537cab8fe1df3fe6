//! Protobuf messages, which are series of numbered fields, and the types that their values decode into.

use std::fmt;

use crate::object::{
    Labels, Shared, Text,
    wire::{Flag, Int, List},
};

/// Why bytes are not a valid message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::cluster) enum ProtobufError {
    /// They end within a field.
    Truncated,
    /// An invalid number, key or length.
    Malformed,
    /// A string that is not UTF-8.
    NotUtf8,
    /// The Kubernetes envelope is missing.
    MissingEnvelope,
    /// The envelope does not declare what it contains.
    MissingKind,
    /// The receiver of the parts stopped, for a reason of its own.
    Stopped,
}

impl fmt::Display for ProtobufError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "truncated protobuf",
            Self::Malformed => "malformed protobuf",
            Self::NotUtf8 => "a string in the protobuf is not UTF-8",
            Self::MissingEnvelope => "the Kubernetes protobuf header is missing",
            Self::MissingKind => "the protobuf does not declare its kind",
            Self::Stopped => "reading stopped",
        })
    }
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'b> {
    /// An integer or a boolean.
    Number(u64),
    /// A string or a message.
    Bytes(&'b [u8]),
    /// A fixed-width number; no used field has one.
    Fixed,
}

/// A type that a value can be decoded into. A repeated field is merged once for each of its values.
pub(super) trait Field {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError>;

    /// Copies the bytes that [`Field::merge`] uses, so that equal copies mean equal results. It may copy more.
    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
        raw(value, into);
        Ok(())
    }

    /// Frees spare capacity.
    fn compact(&mut self) {}
}

/// Copies a value unchanged.
pub(super) fn raw(value: Value<'_>, into: &mut Vec<u8>) {
    match value {
        Value::Number(number) => into.extend_from_slice(&number.to_le_bytes()),
        Value::Bytes(bytes) => {
            into.extend_from_slice(&bytes.len().to_le_bytes());
            into.extend_from_slice(bytes);
        }
        Value::Fixed => {}
    }
}

/// Calls `field` for each field of a message.
pub(super) fn read(mut bytes: &[u8], mut field: impl FnMut(u64, Value<'_>) -> Result<(), ProtobufError>) -> Result<(), ProtobufError> {
    while !bytes.is_empty() {
        let (number, value, rest) = next(bytes)?;
        field(number, value)?;
        bytes = rest;
    }
    Ok(())
}

/// The first field, and the bytes after it.
#[inline]
pub(super) fn next(bytes: &[u8]) -> Result<(u64, Value<'_>, &[u8]), ProtobufError> {
    let (key, rest) = varint(bytes)?;
    let (value, rest) = match key & 7 {
        0 => varint(rest).map(|(number, rest)| (Value::Number(number), rest))?,
        1 => (Value::Fixed, rest.get(8..).ok_or(ProtobufError::Truncated)?),
        2 => {
            let (length, rest) = varint(rest)?;
            let length = usize::try_from(length).map_err(|_| ProtobufError::Malformed)?;
            let (value, rest) = rest.split_at_checked(length).ok_or(ProtobufError::Truncated)?;
            (Value::Bytes(value), rest)
        }
        5 => (Value::Fixed, rest.get(4..).ok_or(ProtobufError::Truncated)?),
        // Groups, which Kubernetes never uses.
        _ => return Err(ProtobufError::Malformed),
    };
    Ok((key >> 3, value, rest))
}

/// A varint: groups of seven bits, the lowest first.
#[inline]
pub(super) fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), ProtobufError> {
    match bytes {
        // Nearly all keys and lengths are one byte long.
        [byte @ ..0x80, rest @ ..] => Ok((u64::from(*byte), rest)),
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), ProtobufError> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok((number, &bytes[at + 1..]));
        }
    }
    Err(if bytes.len() < 10 { ProtobufError::Truncated } else { ProtobufError::Malformed })
}

pub(super) fn text(bytes: &[u8]) -> Result<Text, ProtobufError> {
    std::str::from_utf8(bytes).map(Text::from).map_err(|_| ProtobufError::NotUtf8)
}

impl Field for Text {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let Value::Bytes(bytes) = value else { return Err(ProtobufError::Malformed) };
        *self = text(bytes)?;
        Ok(())
    }
}

impl Field for Int {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let Value::Number(number) = value else { return Err(ProtobufError::Malformed) };
        *self = Self(number.cast_signed());
        Ok(())
    }
}

impl Field for Flag {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let Value::Number(number) = value else { return Err(ProtobufError::Malformed) };
        *self = Self(number != 0);
        Ok(())
    }
}

impl<T: Field + Default> Field for Option<T> {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        self.get_or_insert_default().merge(value)
    }

    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
        T::fingerprint(value, into)
    }

    fn compact(&mut self) {
        self.iter_mut().for_each(Field::compact);
    }
}

impl<T: Field> Field for Box<T> {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        (**self).merge(value)
    }

    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
        T::fingerprint(value, into)
    }

    fn compact(&mut self) {
        (**self).compact();
    }
}

impl<T: Field + Default> Field for List<T> {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let mut item = T::default();
        item.merge(value)?;
        self.0.push(item);
        Ok(())
    }

    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
        T::fingerprint(value, into)
    }

    fn compact(&mut self) {
        self.0.iter_mut().for_each(Field::compact);
        self.0.shrink_to_fit();
    }
}

impl<T: Field + Clone> Field for Shared<T> {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        self.make_mut().merge(value)
    }

    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
        T::fingerprint(value, into)
    }

    fn compact(&mut self) {
        self.make_mut().compact();
    }
}

/// An entry of a map of strings.
pub(super) fn entry(value: Value<'_>) -> Result<(&str, Text), ProtobufError> {
    let Value::Bytes(mut bytes) = value else { return Err(ProtobufError::Malformed) };
    let (mut key, mut text) = ("", Text::default());
    while !bytes.is_empty() {
        let (number, value, rest) = next(bytes)?;
        match (number, value) {
            (1, Value::Bytes(bytes)) => key = std::str::from_utf8(bytes).map_err(|_| ProtobufError::NotUtf8)?,
            (2, value) => text.merge(value)?,
            _ => {}
        }
        bytes = rest;
    }
    Ok((key, text))
}

impl Field for Labels {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let (key, text) = entry(value)?;
        self.set(key, text);
        Ok(())
    }

    fn compact(&mut self) {
        self.shrink_to_fit();
    }
}

/// Calls `field` for each field of a value that is a message.
pub(super) fn fields(value: Value<'_>, field: impl FnMut(u64, Value<'_>) -> Result<(), ProtobufError>) -> Result<(), ProtobufError> {
    match value {
        Value::Bytes(bytes) => read(bytes, field),
        Value::Number(_) | Value::Fixed => Err(ProtobufError::Malformed),
    }
}
