//! The body of an HTTP response: unpacked as it arrives, and limited in size and in how far it may unpack.

use std::{fmt, io::Write as _};

use bytes::Bytes;
use flate2::write::GzDecoder;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt as _;
use kube::client::Body;

use super::connection::error_chain;

/// Compressed bytes are unpacked in parts of this size, so that a part becomes at most 16 MiB.
const PART: usize = 16 << 10;

/// How far a response may unpack before [`BodyLimits::ratio`] applies.
const FREE: u64 = 16 << 20;

/// Limits of one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes of a response, unpacked.
    pub bytes: u64,
    /// Unpacked bytes for each compressed byte, from the first 16 MiB on. Lists of equal pods unpack to about 60 times their size;
    /// gzip allows 1,032.
    pub ratio: u64,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 16 << 30, ratio: 300 }
    }
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The connection failed, or the body was cut off.
    Cut(String),
    /// It is not what its `Content-Encoding` declares.
    Corrupt(String),
    /// It is longer than this.
    TooLong(u64),
    /// It unpacks further than this ratio.
    TooDense(u64),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(reason) | Self::Corrupt(reason) => f.write_str(reason),
            Self::TooLong(limit) => write!(f, "the response is larger than {}", size(*limit)),
            Self::TooDense(ratio) => write!(f, "the compressed response unpacks to more than {ratio} times its size"),
        }
    }
}

/// A size in the largest unit that keeps it whole.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0 => "0 bytes".into(),
        n if n.trailing_zeros() >= 30 => format!("{} GiB", n >> 30),
        n if n.trailing_zeros() >= 20 => format!("{} MiB", n >> 20),
        n => format!("{n} bytes"),
    }
}

/// A body that is read in chunks.
pub(super) struct HttpBody {
    body: Body,
    unpacking: Option<GzDecoder<Vec<u8>>>,
    /// Compressed bytes that arrived and are not unpacked yet.
    waiting: Bytes,
    received: u64,
    unpacked: u64,
    limits: BodyLimits,
}

impl HttpBody {
    /// The body of a response with these headers.
    pub(super) fn new(headers: &HeaderMap, body: Body, limits: BodyLimits) -> Result<Self, BodyError> {
        let encoding = headers.get(header::CONTENT_ENCODING).map_or(Ok("identity"), HeaderValue::to_str).unwrap_or_default();
        let unpacking = match encoding {
            "identity" => None,
            "gzip" | "x-gzip" => Some(GzDecoder::new(Vec::new())),
            other => return Err(BodyError::Corrupt(format!("the content encoding is {other}, which was not requested"))),
        };
        Ok(Self { body, unpacking, waiting: Bytes::new(), received: 0, unpacked: 0, limits })
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            if self.waiting.is_empty() {
                let Some(chunk) = self.frame().await? else { return self.rest() };
                self.waiting = chunk;
            }
            let chunk = self.unpack()?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    async fn frame(&mut self) -> Result<Option<Bytes>, BodyError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| BodyError::Cut(error_chain(&error)))?;
            // A frame without data is a trailer, which is not used.
            if let Ok(chunk) = frame.into_data() {
                self.received += chunk.len() as u64;
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn unpack(&mut self) -> Result<Bytes, BodyError> {
        let chunk = match &mut self.unpacking {
            None => std::mem::take(&mut self.waiting),
            Some(unpacking) => {
                let part = self.waiting.split_to(self.waiting.len().min(PART));
                unpacking.write_all(&part).map_err(|error| corrupt(&error))?;
                std::mem::take(unpacking.get_mut()).into()
            }
        };
        self.count(chunk)
    }

    /// What is unpacked last, and whether the compressed data is complete.
    fn rest(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(mut unpacking) = self.unpacking.take().filter(|_| self.received > 0) else { return Ok(None) };
        unpacking.try_finish().map_err(|error| corrupt(&error))?;
        let rest = std::mem::take(unpacking.get_mut());
        self.count(rest.into()).map(|rest| (!rest.is_empty()).then_some(rest))
    }

    fn count(&mut self, chunk: Bytes) -> Result<Bytes, BodyError> {
        self.unpacked += chunk.len() as u64;
        let BodyLimits { bytes, ratio } = self.limits;
        if self.unpacked > bytes {
            return Err(BodyError::TooLong(bytes));
        }
        if self.unpacked > FREE.saturating_add(self.received.saturating_mul(ratio)) {
            return Err(BodyError::TooDense(ratio));
        }
        Ok(chunk)
    }

    /// The whole body, of at most so many bytes.
    pub(super) async fn whole(&mut self, limit: u64) -> Result<Vec<u8>, BodyError> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if (whole.len() + chunk.len()) as u64 > limit {
                return Err(BodyError::TooLong(limit));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }
}

fn corrupt(error: &std::io::Error) -> BodyError {
    BodyError::Corrupt(format!("the compressed response is damaged or cut off: {error}"))
}
