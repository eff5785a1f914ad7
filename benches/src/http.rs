//! One connection to the hub's HTTP interface, kept open.
//!
//! Requests are written, and answers read, where they are waited for: what the client costs is taken from the
//! processors of what is measured, and that of a library's client is as much as the hub's own part.

use std::fmt::Write as _;

use anyhow::{Context, bail, ensure};
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers that an answer may have.
const HEADERS_MAX: usize = 32;

/// A connection of its own.
pub(crate) struct Http {
    stream: TcpStream,
    /// The headers of each request.
    headers: String,
    request: String,
    answer: Vec<u8>,
}

impl Http {
    /// Connects; with a token, every call brings it.
    pub(crate) async fn connect(address: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut headers = format!("host: {address}\r\n");
        if let Some(token) = token {
            write!(headers, "authorization: Bearer {token}\r\n")?;
        }
        Ok(Self { stream, headers, request: String::new(), answer: Vec::new() })
    }

    /// Sends JSON, and reads the answer, which must be a success.
    pub(crate) async fn post(&mut self, path: &str, body: &impl Serialize) -> anyhow::Result<Value> {
        let answer = self.call("POST", path, &serde_json::to_string(body)?).await?;
        serde_json::from_slice(answer).context("JSON")
    }

    /// Sends JSON, and waits for the answer, which must be a success.
    pub(crate) async fn post_only(&mut self, path: &str, body: &impl Serialize) -> anyhow::Result<()> {
        self.call("POST", path, &serde_json::to_string(body)?).await.map(drop)
    }

    /// Asks, and reads the answer, which must be a success.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        serde_json::from_slice(self.call("GET", path, "").await?).context("JSON")
    }

    /// The body of the answer.
    async fn call(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<&[u8]> {
        self.request.clear();
        write!(self.request, "{method} {path} HTTP/1.1\r\n{}", self.headers)?;
        if !body.is_empty() {
            write!(self.request, "content-type: application/json\r\ncontent-length: {}\r\n", body.len())?;
        }
        write!(self.request, "\r\n{body}")?;
        self.stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        let head = loop {
            self.read_more().await.with_context(|| format!("{method} {path}"))?;
            if let Some(head) = Head::parse(&self.answer)? {
                break head;
            }
        };
        let end = head.length + head.body_length;
        while self.answer.len() < end {
            self.read_more().await?;
        }
        ensure!(self.answer.len() == end, "{path}: more came than was asked for");
        let body = &self.answer[head.length..];
        if !(200..300).contains(&head.status) {
            bail!("{path}: {} {}", head.status, String::from_utf8_lossy(body));
        }
        Ok(body)
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the connection was closed");
        Ok(())
    }
}

/// What an answer begins with.
struct Head {
    status: u16,
    /// In bytes, up to the body.
    length: usize,
    body_length: usize,
}

impl Head {
    /// `None` where it has not come to its end.
    fn parse(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut answer = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = answer.parse(bytes)? else { return Ok(None) };
        let status = answer.code.context("a status")?;
        let stated = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let body_length = match stated {
            Some(stated) => std::str::from_utf8(stated.value)?.parse()?,
            None => 0,
        };
        Ok(Some(Self { status, length, body_length }))
    }
}
