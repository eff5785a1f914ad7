//! Bytes to the hub that no client library would send, and what it makes of them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use super::PATIENCE;

/// A connection, byte by byte.
#[derive(Debug)]
pub(crate) struct Raw {
    stream: TcpStream,
}

impl Raw {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).unwrap())
    }

    /// From `127.0.0.n`: another address, as far as the hub can tell. There is hardly any room for
    /// what is not read.
    pub(crate) fn connect_from(address: SocketAddr, n: u8) -> Self {
        let connecting = async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(4096)?;
            socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, n), 0)))?;
            socket.connect(address).await?.into_std()
        };
        let stream: std::io::Result<TcpStream> =
            tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(connecting);
        let stream = stream.unwrap();
        stream.set_nonblocking(false).unwrap();
        Self::of(stream)
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// Sends bytes; whoever is attacked may have hung up already.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// All that still comes before the hub hangs up, as far as it is text.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> String {
        String::from_utf8_lossy(&self.rest_of_bytes()).into_owned()
    }

    /// All that still comes before the hub hangs up.
    #[track_caller]
    pub(crate) fn rest_of_bytes(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("the hub did not hang up: {error}"),
            _ => rest,
        }
    }

    /// Exactly so many of the next bytes.
    #[track_caller]
    pub(crate) fn next_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Whether the hub has hung up, as far as is known by now. Nothing may have come before.
    pub(crate) fn is_closed(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        !matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// The line and the headers of the next answer.
    #[track_caller]
    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.next_bytes(1));
        }
        String::from_utf8(head).unwrap()
    }

    /// The statuses of all answers up to where the hub hangs up; it may hang up without any.
    #[track_caller]
    pub(crate) fn statuses(&mut self) -> Vec<u16> {
        let rest = self.rest();
        rest.split("HTTP/1.").skip(1).map(|answer| answer[2..5].parse().unwrap()).collect()
    }
}
