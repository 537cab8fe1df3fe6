//! The envelope that Kubernetes puts around a message, and a list that is split into objects while it arrives.

use super::message::{ProtobufError, Value, next, read, text, varint};
use crate::source::cluster::type_meta::TypeMeta;

/// The media type of Kubernetes protobuf.
pub(in crate::source::cluster) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// The first bytes of every Kubernetes protobuf body.
const MAGIC: &[u8; 4] = b"k8s\0";

/// Longer than any object an API server accepts; a longer field is malformed.
const MAX_FIELD_LENGTH: usize = 64 << 20;

/// Number of the envelope's field that declares what the message is.
const TYPES: u64 = 1;

/// Number of the envelope's field that contains the message.
const RAW: u64 = 2;

/// What the message inside an envelope is.
pub(in crate::source::cluster) fn types(bytes: &[u8]) -> Result<TypeMeta<'_>, ProtobufError> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(ProtobufError::MissingEnvelope)?;
    while !rest.is_empty() {
        let (number, value, after) = next(rest)?;
        if let (TYPES, Value::Bytes(types)) = (number, value) {
            return type_meta(types);
        }
        rest = after;
    }
    Err(ProtobufError::MissingKind)
}

fn type_meta(mut bytes: &[u8]) -> Result<TypeMeta<'_>, ProtobufError> {
    let mut types = TypeMeta::default();
    while !bytes.is_empty() {
        let (number, value, rest) = next(bytes)?;
        if let (1 | 2, Value::Bytes(text)) = (number, value) {
            let text = std::str::from_utf8(text).map_err(|_| ProtobufError::NotUtf8)?.into();
            *(if number == 1 { &mut types.api_version } else { &mut types.kind }) = Some(text);
        }
        bytes = rest;
    }
    Ok(types)
}

/// The message inside an envelope.
pub(in crate::source::cluster) fn enclosed(bytes: &[u8]) -> Result<&[u8], ProtobufError> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(ProtobufError::MissingEnvelope)?;
    while !rest.is_empty() {
        let (number, value, after) = next(rest)?;
        if let (RAW, Value::Bytes(raw)) = (number, value) {
            return Ok(raw);
        }
        rest = after;
    }
    Err(ProtobufError::Truncated)
}

/// The message of a `Status`, in which the API server reports an error; empty if there is none.
pub(in crate::source::cluster) fn status_message(bytes: &[u8]) -> String {
    let mut status_text = String::new();
    let found = enclosed(bytes).and_then(|status| {
        read(status, |number, value| {
            if let (3, Value::Bytes(message)) = (number, value) {
                status_text = text(message)?.to_string();
            }
            Ok(())
        })
    });
    found.map(|()| status_text).unwrap_or_default()
}

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source::cluster) enum Part<'b> {
    /// What the list declares to be; always the first part.
    Types(TypeMeta<'b>),
    /// The token of the next page, which comes before the objects; empty on the last page.
    Next(String),
    Item(&'b [u8]),
}

/// The body of a list: accepts chunks as they arrive, and passes on each part as soon as it is complete.
///
/// At most one object is buffered.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct List {
    position: Position,
    /// Whether the envelope declared what it contains.
    has_types: bool,
    /// The start of an incomplete field.
    buffer: Vec<u8>,
}

/// Position in the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// Before the magic bytes.
    #[default]
    Start,
    /// Among the fields of the envelope.
    Envelope,
    /// Among the fields of the list, with the number of bytes left.
    List(usize),
    /// After the list.
    End,
}

/// The next element of the body.
#[derive(Clone, Copy)]
enum Step {
    /// The magic bytes.
    Magic,
    /// The head of the field that contains the list, and the list's length.
    Enter(usize),
    /// A complete field.
    Field,
}

impl List {
    /// Accepts the next chunk and passes on the parts that it completes.
    pub(in crate::source::cluster) fn push<'b>(
        &mut self,
        mut chunk: &'b [u8],
        mut visit: impl FnMut(Part<'_>) -> Result<(), ProtobufError>,
    ) -> Result<(), ProtobufError> {
        while !chunk.is_empty() {
            if self.buffer.is_empty() {
                let Some((step, length)) = self.step(chunk)? else {
                    self.buffer.extend_from_slice(chunk);
                    return Ok(());
                };
                let (field, rest): (&'b [u8], &'b [u8]) = chunk.split_at(length);
                self.advance(step, field, &mut visit)?;
                chunk = rest;
            } else {
                chunk = self.complete(chunk, &mut visit)?;
            }
        }
        Ok(())
    }

    /// Moves the missing bytes from the chunk to the buffer. Returns the rest of the chunk.
    fn complete<'b>(
        &mut self,
        chunk: &'b [u8],
        visit: &mut impl FnMut(Part<'_>) -> Result<(), ProtobufError>,
    ) -> Result<&'b [u8], ProtobufError> {
        let (added, rest) = chunk.split_at(self.missing_bytes().min(chunk.len()));
        self.buffer.extend_from_slice(added);
        let buffer = std::mem::take(&mut self.buffer);
        match self.step(&buffer)? {
            Some((step, _)) => self.advance(step, &buffer, visit)?,
            None => self.buffer = buffer,
        }
        Ok(rest)
    }

    /// How many bytes can be buffered without going beyond the end of the current field.
    fn missing_bytes(&self) -> usize {
        match self.position {
            Position::List(_) => field_length(&self.buffer).map_or(1, |length| length.saturating_sub(self.buffer.len()).max(1)),
            // The envelope's fields are short, and of the list's field only the head is needed.
            Position::Start | Position::Envelope | Position::End => 1,
        }
    }

    /// Checks that the body is complete.
    pub(in crate::source::cluster) fn finish(&self) -> Result<(), ProtobufError> {
        match self.position {
            _ if !self.buffer.is_empty() => Err(ProtobufError::Truncated),
            Position::Start | Position::Envelope | Position::List(1..) => Err(ProtobufError::Truncated),
            Position::List(0) | Position::End => Ok(()),
        }
    }

    /// The element at the start of these bytes; `None` if it is incomplete.
    fn step(&self, bytes: &[u8]) -> Result<Option<(Step, usize)>, ProtobufError> {
        if self.position == Position::Start {
            let known = bytes.len().min(MAGIC.len());
            return if bytes[..known] == MAGIC[..known] {
                Ok((known == MAGIC.len()).then_some((Step::Magic, known)))
            } else {
                Err(ProtobufError::MissingEnvelope)
            };
        }
        if self.position == Position::Envelope
            && let Some((length, head)) = list_header(bytes)
        {
            return Ok(Some((Step::Enter(length), head)));
        }
        match next(bytes) {
            Ok((_, _, rest)) => Ok(Some((Step::Field, bytes.len() - rest.len()))),
            Err(ProtobufError::Truncated) if field_length(bytes).is_some_and(|length| length > MAX_FIELD_LENGTH) => {
                Err(ProtobufError::Malformed)
            }
            Err(ProtobufError::Truncated) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn advance(
        &mut self,
        step: Step,
        bytes: &[u8],
        visit: &mut impl FnMut(Part<'_>) -> Result<(), ProtobufError>,
    ) -> Result<(), ProtobufError> {
        self.position = match (step, self.position) {
            (Step::Magic, _) => Position::Envelope,
            (Step::Enter(_), _) if !self.has_types => return Err(ProtobufError::MissingKind),
            (Step::Enter(0), _) => Position::End,
            (Step::Enter(length), _) => Position::List(length),
            (Step::Field, Position::List(left)) => {
                part(bytes, visit)?;
                match left.checked_sub(bytes.len()).ok_or(ProtobufError::Malformed)? {
                    0 => Position::End,
                    left => Position::List(left),
                }
            }
            (Step::Field, Position::Envelope) => {
                if let (TYPES, Value::Bytes(types), _) = next(bytes)? {
                    visit(Part::Types(type_meta(types)?))?;
                    self.has_types = true;
                }
                Position::Envelope
            }
            (Step::Field, position) => position,
        };
        Ok(())
    }
}

/// Lengths of the list and of its head, if these bytes start with the field that contains it.
fn list_header(bytes: &[u8]) -> Option<(usize, usize)> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key == RAW << 3 | 2)?;
    Some((usize::try_from(length).ok()?, bytes.len() - rest.len()))
}

/// Total length of the field that starts here; `None` if that is not known yet, or if the field has no length prefix.
fn field_length(bytes: &[u8]) -> Option<usize> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key & 7 == 2)?;
    usize::try_from(length).ok()?.checked_add(bytes.len() - rest.len())
}

/// Passes on a field of a list.
fn part(field: &[u8], visit: &mut impl FnMut(Part<'_>) -> Result<(), ProtobufError>) -> Result<(), ProtobufError> {
    match next(field)? {
        (1, Value::Bytes(metadata), _) => {
            let mut token = String::new();
            read(metadata, |number, value| {
                if let (3, Value::Bytes(bytes)) = (number, value) {
                    token = text(bytes)?.to_string();
                }
                Ok(())
            })?;
            visit(Part::Next(token))
        }
        (2, Value::Bytes(item), _) => visit(Part::Item(item)),
        _ => Ok(()),
    }
}
