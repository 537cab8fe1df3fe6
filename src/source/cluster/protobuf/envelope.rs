//! The envelope that Kubernetes puts around a message, and a list that is split into objects while it arrives.

use super::message::{Broken, Value, next, read, text, varint};

/// The media type of Kubernetes protobuf.
pub(in crate::source::cluster) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// The first bytes of every Kubernetes protobuf body.
const MAGIC: &[u8; 4] = b"k8s\0";

/// Longer than any object an API server accepts; a longer field is malformed.
const LONGEST: usize = 64 << 20;

/// Number of the envelope's field that contains the message.
const RAW: u64 = 2;

/// The message inside an envelope.
pub(in crate::source::cluster) fn enclosed(bytes: &[u8]) -> Result<&[u8], Broken> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(Broken::NoEnvelope)?;
    while !rest.is_empty() {
        let (number, value, after) = next(rest)?;
        if let (RAW, Value::Bytes(raw)) = (number, value) {
            return Ok(raw);
        }
        rest = after;
    }
    Err(Broken::Cut)
}

/// The message of a `Status`, in which the API server reports an error; empty if there is none.
pub(in crate::source::cluster) fn status_message(bytes: &[u8]) -> String {
    let mut said = String::new();
    let found = enclosed(bytes).and_then(|status| {
        read(status, |number, value| {
            if let (3, Value::Bytes(message)) = (number, value) {
                said = text(message)?.to_string();
            }
            Ok(())
        })
    });
    found.map(|()| said).unwrap_or_default()
}

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source::cluster) enum Part<'b> {
    /// The token of the next page, which comes before the objects; empty on the last page.
    Next(String),
    /// An object.
    Item(&'b [u8]),
}

/// The body of a list: accepts chunks as they arrive, and passes on each part as soon as it is complete.
///
/// At most one object is buffered.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct List {
    at: At,
    /// The start of an incomplete field.
    held: Vec<u8>,
}

/// Position in the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
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
    pub(in crate::source::cluster) fn take<'b>(
        &mut self,
        mut piece: &'b [u8],
        mut each: impl FnMut(Part<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        while !piece.is_empty() {
            if self.held.is_empty() {
                let Some((step, length)) = self.step(piece)? else {
                    self.held.extend_from_slice(piece);
                    return Ok(());
                };
                let (field, rest): (&'b [u8], &'b [u8]) = piece.split_at(length);
                self.done(step, field, &mut each)?;
                piece = rest;
            } else {
                piece = self.complete(piece, &mut each)?;
            }
        }
        Ok(())
    }

    /// Moves the missing bytes from the chunk to the buffer. Returns the rest of the chunk.
    fn complete<'b>(&mut self, piece: &'b [u8], each: &mut impl FnMut(Part<'_>) -> Result<(), Broken>) -> Result<&'b [u8], Broken> {
        let (added, rest) = piece.split_at(self.lacking().min(piece.len()));
        self.held.extend_from_slice(added);
        let held = std::mem::take(&mut self.held);
        match self.step(&held)? {
            Some((step, _)) => self.done(step, &held, each)?,
            None => self.held = held,
        }
        Ok(rest)
    }

    /// How many bytes can be buffered without going beyond the end of the current field.
    fn lacking(&self) -> usize {
        match self.at {
            At::List(_) => wanted(&self.held).map_or(1, |length| length.saturating_sub(self.held.len()).max(1)),
            // The envelope's fields are short, and of the list's field only the head is needed.
            At::Start | At::Envelope | At::End => 1,
        }
    }

    /// Checks that the body is complete.
    pub(in crate::source::cluster) fn finish(&self) -> Result<(), Broken> {
        match self.at {
            _ if !self.held.is_empty() => Err(Broken::Cut),
            At::Start | At::Envelope | At::List(1..) => Err(Broken::Cut),
            At::List(0) | At::End => Ok(()),
        }
    }

    /// The element at the start of these bytes; `None` if it is incomplete.
    fn step(&self, bytes: &[u8]) -> Result<Option<(Step, usize)>, Broken> {
        if self.at == At::Start {
            let known = bytes.len().min(MAGIC.len());
            return if bytes[..known] == MAGIC[..known] {
                Ok((known == MAGIC.len()).then_some((Step::Magic, known)))
            } else {
                Err(Broken::NoEnvelope)
            };
        }
        if self.at == At::Envelope
            && let Some((length, head)) = entered(bytes)
        {
            return Ok(Some((Step::Enter(length), head)));
        }
        match next(bytes) {
            Ok((_, _, rest)) => Ok(Some((Step::Field, bytes.len() - rest.len()))),
            Err(Broken::Cut) if wanted(bytes).is_some_and(|length| length > LONGEST) => Err(Broken::Malformed),
            Err(Broken::Cut) => Ok(None),
            Err(broken) => Err(broken),
        }
    }

    fn done(&mut self, step: Step, bytes: &[u8], each: &mut impl FnMut(Part<'_>) -> Result<(), Broken>) -> Result<(), Broken> {
        self.at = match (step, self.at) {
            (Step::Magic, _) => At::Envelope,
            (Step::Enter(0), _) => At::End,
            (Step::Enter(length), _) => At::List(length),
            (Step::Field, At::List(left)) => {
                part(bytes, each)?;
                match left.checked_sub(bytes.len()).ok_or(Broken::Malformed)? {
                    0 => At::End,
                    left => At::List(left),
                }
            }
            (Step::Field, at) => at,
        };
        Ok(())
    }
}

/// Lengths of the list and of its head, if these bytes start with the field that contains it.
fn entered(bytes: &[u8]) -> Option<(usize, usize)> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key == RAW << 3 | 2)?;
    Some((usize::try_from(length).ok()?, bytes.len() - rest.len()))
}

/// Total length of the field that starts here; `None` if that is not known yet, or if the field has no length prefix.
fn wanted(bytes: &[u8]) -> Option<usize> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key & 7 == 2)?;
    usize::try_from(length).ok()?.checked_add(bytes.len() - rest.len())
}

/// Passes on a field of a list.
fn part(field: &[u8], each: &mut impl FnMut(Part<'_>) -> Result<(), Broken>) -> Result<(), Broken> {
    match next(field)? {
        (1, Value::Bytes(metadata), _) => {
            let mut token = String::new();
            read(metadata, |number, value| {
                if let (3, Value::Bytes(bytes)) = (number, value) {
                    token = text(bytes)?.to_string();
                }
                Ok(())
            })?;
            each(Part::Next(token))
        }
        (2, Value::Bytes(item), _) => each(Part::Item(item)),
        _ => Ok(()),
    }
}
