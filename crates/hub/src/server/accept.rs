//! Accepting connections, and serving each as long as it is alive.
//!
//! A connection is watched from its first byte: whoever does not finish saying what they want, or
//! says nothing more, is let go. What the requests mean is not known here.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use futures_util::TryFutureExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

use super::admission::{Admission, Place};
use super::connected::{Connected, is_from_here};
use super::line::Lines;
use super::watch::Watch;

/// How long requests may take to end when the hub goes away.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);
/// The pause after no connection could be accepted: there are too many open files.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// All that one request's line and headers may have, in bytes. What comes along with the last of it
/// is read too, so that up to twice as much may pass.
const HEADERS_MAX: usize = 32 * 1024;
/// What is told to whoever finds no place.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n\
Content-Type: application/json\r\n\r\n\
{\"error\":{\"code\":\"too_many_connections\",\"message\":\"The hub has no place left at present.\",\"field\":null}}";

/// Serves `app` on a listener until `stop`; then what is being answered is finished.
pub(super) async fn serve<S>(
    listener: TcpListener,
    lines: Lines,
    app: S,
    admission: Arc<Admission>,
    stop: CancellationToken,
) where
    S: Service<hyper::Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let connections = TaskTracker::new();
    let giving_up = CancellationToken::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match admission.admit(peer.ip(), Instant::now().into_std()) {
                Ok(place) => {
                    let connection = Connection { stream, peer, place };
                    let serving = connection.run(lines.clone(), app.clone(), stop.clone());
                    connections.spawn(giving_up.clone().run_until_cancelled_owned(serving));
                }
                Err(_) => {
                    tracing::debug!(%peer, "no place for a further connection");
                    // It has all of a new connection's buffer; who does not take it gets nothing.
                    let _ = stream.try_write(FULL);
                }
            },
            // Who hung up before they were accepted is nobody's trouble.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted at present");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(ACCEPT_AGAIN_AFTER) => {}
                }
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(SHUTDOWN_WITHIN, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
        giving_up.cancel();
        connections.wait().await;
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
}

impl Connection {
    async fn run<S>(self, lines: Lines, app: S, stop: CancellationToken)
    where
        S: Service<hyper::Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
    {
        let Self { stream, peer, place } = self;
        // Frames are small, and somebody waits for each.
        let own = match stream.set_nodelay(true).and_then(|()| stream.local_addr()) {
            Ok(own) => own,
            Err(error) => {
                tracing::debug!(%error, "a connection is gone already");
                return;
            }
        };
        let watch = Watch::new();
        let lost = place.lost();
        let opened = tokio::select! {
            opened = lines.open(stream) => opened,
            () = tokio::time::sleep_until(watch.deadline()) => return,
            () = lost.cancelled() => return,
            () = stop.cancelled() => return,
        };
        let (line, channel) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                tracing::debug!(%error, %peer, "a connection was not secured");
                return;
            }
        };
        let connected = Arc::new(Connected { peer, channel, is_from_here: is_from_here(peer, own), place, watch });
        let service = {
            let connected = Arc::clone(&connected);
            service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(Arc::clone(&connected));
                let answering = Answering::begin(Arc::clone(&connected));
                app.clone().oneshot(request).map_ok(|answer| answer.map(|body| Held { body, _until_read: answering }))
            })
        };
        // The place belongs to the stream: an upgrade takes both along.
        let stream = TokioIo::new(Watched { stream: line, connected: Arc::clone(&connected) });
        let serving = http1::Builder::new()
            .header_read_timeout(None)
            .max_buf_size(HEADERS_MAX)
            .serve_connection(stream, service)
            .with_upgrades();
        let mut serving = pin!(serving);
        let mut patience = pin!(tokio::time::sleep_until(connected.watch.deadline()));
        let mut lost = pin!(lost.cancelled_owned());
        let mut stopping = pin!(stop.cancelled_owned());
        let mut is_stopping = false;
        poll_fn(|cx| {
            if !is_stopping && stopping.as_mut().poll(cx).is_ready() {
                is_stopping = true;
                serving.as_mut().graceful_shutdown();
            }
            if let Poll::Ready(ended) = serving.as_mut().poll(cx) {
                if let Err(error) = ended {
                    tracing::debug!(%error, %peer, "a connection ended badly");
                }
                return Poll::Ready(());
            }
            // Only now is it known what the connection has become. A timer is set again where it would come too
            // late, or came too early, and not for each request.
            let deadline = connected.watch.deadline();
            if deadline < patience.deadline() {
                patience.as_mut().reset(deadline);
            }
            while patience.as_mut().poll(cx).is_ready() {
                if deadline <= Instant::now() {
                    return Poll::Ready(());
                }
                patience.as_mut().reset(deadline);
            }
            lost.as_mut().poll(cx)
        })
        .await;
    }
}

/// A request that is being answered, until it is dropped.
struct Answering(Arc<Connected>);

impl Answering {
    fn begin(connected: Arc<Connected>) -> Self {
        connected.watch.answering();
        Self(connected)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.watch.answered();
        self.0.place.set_busy(false);
    }
}

/// An answer's body: the request is done when it has been handed over, or given up.
struct Held {
    body: Body,
    _until_read: Answering,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream whose bytes are noticed, and that keeps its place as long as it is open.
struct Watched<S> {
    stream: S,
    connected: Arc<Connected>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.connected.watch.heard();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
