//! Calls to a hub elsewhere: HTTP/1.1 on a line that is kept open for the next call.

use std::time::Duration;

use axum::body::Body;
use axum::http;
use axum::http::header::HOST;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rappel_hub::succession::SecureLine;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::{Answer, LinkError, Request};

/// The largest answer that a call takes in. The API's pages are far smaller.
pub(crate) const ANSWER_MAX: usize = 16 << 20;
/// A call is answered within this time, or given up.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// A line for one call after another.
pub(crate) struct Caller {
    requests: SendRequest<Body>,
    address: String,
    _until_dropped: DropGuard,
}

/// Why a call has no answer.
#[derive(Debug)]
pub(crate) struct Unanswered {
    pub(crate) error: LinkError,
    /// Nothing of it was sent: the line was closed before.
    pub(crate) is_unsent: bool,
}

impl From<LinkError> for Unanswered {
    fn from(error: LinkError) -> Self {
        Self { error, is_unsent: false }
    }
}

impl Caller {
    /// Makes a line to `address` ready for calls. It ends when the caller is dropped.
    pub(crate) async fn begin(line: SecureLine, address: String, tasks: &TaskTracker) -> Result<Self, LinkError> {
        let begun = handshake(TokioIo::new(line.stream)).await;
        let (requests, driving) = begun.map_err(|error| LinkError::Unreachable(error.to_string()))?;
        let ending = CancellationToken::new();
        let _until_dropped = ending.clone().drop_guard();
        tasks.spawn(async move {
            // What goes wrong is told to whoever waits for an answer.
            let _ = ending.run_until_cancelled(driving).await;
        });
        Ok(Self { requests, address, _until_dropped })
    }

    /// Makes a call and reads its whole answer. A call that is given up ends the line.
    pub(crate) async fn call(mut self, request: &Request, token: Option<&str>) -> Result<(Answer, Self), Unanswered> {
        let unreachable = |problem: String| LinkError::Unreachable(problem);
        let mut request = request.to_http(token)?;
        request.headers_mut().insert(HOST, host(&self.address)?);
        let answered = async {
            // Right after an answer the line may not take the next request yet.
            let ready = self.requests.ready().await;
            ready.map_err(|error| Unanswered { error: unreachable(error.to_string()), is_unsent: true })?;
            let sent = self.requests.try_send_request(request).await;
            let answer = sent.map_err(|mut error| Unanswered {
                is_unsent: error.take_message().is_some(),
                error: unreachable(error.into_error().to_string()),
            })?;
            let status = answer.status().as_u16();
            let bytes = axum::body::to_bytes(Body::new(answer.into_body()), ANSWER_MAX).await;
            let bytes = bytes.map_err(|error| unreachable(error.to_string()))?;
            Ok::<_, Unanswered>(Answer::read(status, &bytes)?)
        };
        let answer = timeout(ANSWERS_WITHIN, answered).await;
        let answer = answer.map_err(|_| unreachable("it takes too long to answer".into()))??;
        Ok((answer, self))
    }

    /// Whether another call can be made.
    pub(crate) fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }
}

fn host(address: &str) -> Result<http::HeaderValue, LinkError> {
    address.parse().map_err(|_| LinkError::BadRequest("this is no address".into()))
}
