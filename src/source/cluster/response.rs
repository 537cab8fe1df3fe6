//! A response of the API server, read within the deadlines of the request and of everything.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::{limits::Exceeded, request_error::RequestError};
use crate::{object::Encoding, source::http_body::HttpBody};

/// A response whose headers have arrived.
pub(super) struct Response {
    pub(super) encoding: Encoding,
    pub(super) body: HttpBody,
    pub(super) timeout: Duration,
    /// Deadline of the body; set when the body is first read.
    pub(super) deadline: Option<Instant>,
    /// Deadline and duration of reading everything.
    pub(super) total: (Instant, Duration),
}

impl Response {
    /// The next chunk of the body; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.timeout);
        within(deadline, self.timeout, self.total, self.body.chunk()).await?.map_err(RequestError::from)
    }

    /// The whole body, of at most so many bytes.
    pub(super) async fn body(&mut self, limit: u64) -> Result<Vec<u8>, RequestError> {
        let deadline = Instant::now() + self.timeout;
        within(deadline, self.timeout, self.total, self.body.whole(limit)).await?.map_err(RequestError::from)
    }
}

/// Waits until the deadline of a request or that of everything, whichever comes first.
pub(super) async fn within<T>(
    deadline: Instant,
    timeout: Duration,
    total: (Instant, Duration),
    wanted: impl Future<Output = T>,
) -> Result<T, RequestError> {
    let (end, duration) = total;
    let is_last = end < deadline;
    let error = if is_last { RequestError::Exceeded(Exceeded::Time(duration)) } else { RequestError::TimedOut(timeout) };
    tokio::time::timeout_at(deadline.min(end), wanted).await.map_err(|_| error)
}
