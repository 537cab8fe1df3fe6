//! What Kubernetes puts around a message, and a list taken apart while it still arrives.

use super::message::{Broken, Value, next, read, text, varint};

/// The media type.
pub(in crate::source::cluster) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// The first bytes of everything that Kubernetes calls protobuf.
const MAGIC: &[u8; 4] = b"k8s\0";

/// Longer than any object an API server accepts; what claims to be is not one.
const LONGEST: usize = 64 << 20;

/// Field of the envelope that holds the message.
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

/// The message of a `Status`, as the API server says what is wrong; empty if there is none.
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

/// The body of a list: it is handed over in pieces as they arrive, and gives its parts as soon as they are whole.
///
/// No more than one object is ever held back.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct List {
    at: At,
    /// The start of a field of which the end has not come yet.
    held: Vec<u8>,
}

/// Where in the body it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Before the magic bytes.
    #[default]
    Start,
    /// Among the fields of the envelope.
    Envelope,
    /// Among the fields of the list, with so many bytes of it to come.
    List(usize),
    /// Behind the list.
    End,
}

/// What stands next.
#[derive(Clone, Copy)]
enum Step {
    /// The magic bytes.
    Magic,
    /// The head of the field that holds the list, and the list's length.
    Enter(usize),
    /// A whole field.
    Field,
}

impl List {
    /// Takes the next piece and hands out what has become whole.
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

    /// Adds to what is held just what it lacks. The result is what is left of the piece.
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

    /// How many bytes may be added to what is held without going beyond the end of its field.
    fn lacking(&self) -> usize {
        match self.at {
            At::List(_) => wanted(&self.held).map_or(1, |length| length.saturating_sub(self.held.len()).max(1)),
            // The fields of the envelope are short, and of the one that is not only the head is wanted.
            At::Start | At::Envelope | At::End => 1,
        }
    }

    /// Whether everything has come.
    pub(in crate::source::cluster) fn finish(&self) -> Result<(), Broken> {
        match self.at {
            _ if !self.held.is_empty() => Err(Broken::Cut),
            At::Start | At::Envelope | At::List(1..) => Err(Broken::Cut),
            At::List(0) | At::End => Ok(()),
        }
    }

    /// What stands at the start of these bytes; `None` if they do not suffice to tell, or to hold it.
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

/// Length of the list and of its head, if these bytes start with the field that holds it.
fn entered(bytes: &[u8]) -> Option<(usize, usize)> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key == RAW << 3 | 2)?;
    Some((usize::try_from(length).ok()?, bytes.len() - rest.len()))
}

/// How many bytes the field takes that starts here; `None` where that cannot be told yet, or need not be.
fn wanted(bytes: &[u8]) -> Option<usize> {
    let (key, rest) = varint(bytes).ok()?;
    let (length, rest) = varint(rest).ok().filter(|_| key & 7 == 2)?;
    usize::try_from(length).ok()?.checked_add(bytes.len() - rest.len())
}

/// Hands out a field of a list.
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
