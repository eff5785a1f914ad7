//! One connection to the hub's HTTP interface, kept open.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::http::request::Builder;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// A connection of its own.
pub(crate) struct Http {
    address: String,
    authorization: Option<String>,
    sender: SendRequest<Full<Bytes>>,
    connection: JoinHandle<()>,
}

impl Http {
    /// Connects; with a token, every call brings it.
    pub(crate) async fn connect(address: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = TaskTracker::new().spawn(async move {
            // What went wrong is what the next call says.
            let _ = connection.await;
        });
        let authorization = token.map(|token| format!("Bearer {token}"));
        Ok(Self { address: address.to_owned(), authorization, sender, connection })
    }

    /// Sends JSON, and reads the answer, which must be a success.
    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = Request::post(path).header("content-type", "application/json");
        self.call(path, request, Full::from(body.to_string())).await
    }

    /// Asks, and reads the answer, which must be a success.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        self.call(path, Request::get(path), Full::default()).await
    }

    async fn call(&mut self, path: &str, mut request: Builder, body: Full<Bytes>) -> anyhow::Result<Value> {
        request = request.header("host", &self.address);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(body)?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{path}: {status} {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body).context("JSON")
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
