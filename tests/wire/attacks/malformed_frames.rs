//! WebSocket frames as no library sends them: taken as RFC 6455 has it, or closed with its code.

use crate::harness::{Client, Office, Raw};

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CONTINUATION: u8 = 0x0;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
const FIN: u8 = 0x80;

/// A session byte by byte, after its first frame.
fn open(client: &Client) -> Raw {
    let mut raw = client.connect();
    raw.send(format!(
        "GET /ws/notifications/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        client.host(),
        client.token
    ));
    let head = raw.head();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert_eq!(next(&mut raw).0, TEXT, "the first frame");
    raw
}

/// A frame as it should be: masked. `first` is its first byte: opcode and flags.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    with_length(first, &length_of(payload.len()), payload)
}

fn length_of(length: usize) -> Vec<u8> {
    match length {
        0..126 => vec![u8::try_from(length).unwrap()],
        126..65_536 => [&[126][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
        _ => [&[127][..], &(length as u64).to_be_bytes()].concat(),
    }
}

/// A frame that says of its length whatever it likes.
fn with_length(first: u8, length: &[u8], payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first, length[0] | 0x80];
    bytes.extend(&length[1..]);
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes()[..], reason].concat())
}

/// The next frame of the hub: opcode and payload. The hub masks nothing and fragments nothing.
#[track_caller]
fn next(raw: &mut Raw) -> (u8, Vec<u8>) {
    let head = raw.next_bytes(2);
    assert_eq!((head[0] & 0xf0, head[1] & 0x80), (FIN, 0), "whole, without reserved bits, not masked");
    let length = match head[1] {
        126 => usize::from(u16::from_be_bytes(raw.next_bytes(2).try_into().unwrap())),
        127 => usize::try_from(u64::from_be_bytes(raw.next_bytes(8).try_into().unwrap())).unwrap(),
        short => usize::from(short),
    };
    (head[0] & 0x0f, raw.next_bytes(length))
}

/// The code with which the hub closes; whatever else it sends before is passed over. It hangs up
/// afterwards, whether or not its goodbye is answered.
#[track_caller]
fn closed(raw: &mut Raw) -> u16 {
    loop {
        let (opcode, payload) = next(raw);
        if opcode == CLOSE {
            assert_eq!(raw.rest_of_bytes(), [0; 0], "nothing comes after the goodbye");
            return u16::from_be_bytes(payload[..2].try_into().unwrap());
        }
    }
}

const MARK_ALL_READ: &[u8] = br#"{"type":"mark_all_read"}"#;

/// Whether the session still does what it is told: nonsense is answered.
#[track_caller]
fn lives(raw: &mut Raw) {
    raw.send(frame(FIN | TEXT, b"nonsense"));
    let (opcode, payload) = next(raw);
    assert_eq!(opcode, TEXT);
    assert!(payload.windows(14).any(|part| part == b"malformed_json"), "{}", String::from_utf8_lossy(&payload));
}

#[test]
fn what_is_allowed_is_taken() {
    let (_office, admin) = Office::open();
    let mut raw = open(&admin);
    let (one, two) = MARK_ALL_READ.split_at(7);
    raw.send(frame(TEXT, one)).send(frame(CONTINUATION, b"")).send(frame(FIN | PING, b"between"));
    assert_eq!(next(&mut raw), (PONG, b"between".to_vec()), "control frames come between the parts of a message");
    raw.send(frame(FIN | CONTINUATION, two));
    lives(&mut raw);
    for byte in frame(FIN | TEXT, MARK_ALL_READ) {
        raw.send([byte]);
    }
    lives(&mut raw);
    raw.send(frame(FIN | PONG, b"nobody asked")).send(frame(FIN | PING, &[7; 125]));
    assert_eq!(next(&mut raw), (PONG, vec![7; 125]));
    // A letter may be cut in two, as long as the message has it whole.
    let (one, two) = "{\"é".as_bytes().split_at(3);
    raw.send(frame(TEXT, one)).send(frame(FIN | CONTINUATION, two));
    assert_eq!(next(&mut raw).0, TEXT, "refused as JSON, not as text");
    raw.send(with_length(FIN | TEXT, &[126, 0, 2], b"{}"));
    assert_eq!(next(&mut raw).0, TEXT, "a length may be written longer than it must");
    raw.send(frame(FIN | BINARY, b"\xff\xfe"));
    assert_eq!(next(&mut raw).0, TEXT, "told that frames are text");
    lives(&mut raw);
}

#[test]
fn what_is_not_is_closed_with_its_code() {
    let (_office, admin) = Office::open();
    let unmasked = [vec![FIN | TEXT, 2], b"{}".to_vec()].concat();
    let long = vec![b' '; 64 * 1024 + 1];
    let halves = [frame(TEXT, &long[..40_000]), frame(FIN | CONTINUATION, &long[40_000..])].concat();
    let attacks: Vec<(&str, Vec<u8>, u16)> = vec![
        ("not masked", unmasked, 1002),
        ("a reserved bit", frame(FIN | 0x40 | TEXT, b"{}"), 1002),
        ("another reserved bit", frame(FIN | 0x10 | TEXT, b"{}"), 1002),
        ("a reserved bit of a ping", frame(FIN | 0x20 | PING, b""), 1002),
        ("an unknown kind of data", frame(FIN | 0x3, b"{}"), 1002),
        ("an unknown control frame", frame(FIN | 0xb, b""), 1002),
        ("a part of nothing", frame(FIN | CONTINUATION, b"{}"), 1002),
        ("two messages in one", [frame(TEXT, b"{"), frame(FIN | TEXT, b"{}")].concat(), 1002),
        ("a ping in parts", frame(PING, b"x"), 1002),
        ("a goodbye in parts", frame(CLOSE, &1000_u16.to_be_bytes()), 1002),
        ("a long ping", frame(FIN | PING, &[0; 126]), 1002),
        ("a long goodbye", close(1000, &[b'x'; 124]), 1002),
        ("half a code", frame(FIN | CLOSE, &[3]), 1002),
        ("no text", frame(FIN | TEXT, b"{\"\xff\"}"), 1007),
        ("an overlong letter", frame(FIN | TEXT, b"\xc0\xaf"), 1007),
        ("half a pair of surrogates", frame(FIN | TEXT, b"\xed\xa0\x80"), 1007),
        ("no text in the second part", [frame(TEXT, b"{"), frame(FIN | CONTINUATION, b"\xfe")].concat(), 1007),
        ("a cut letter", frame(FIN | TEXT, b"{\xc3"), 1007),
        ("over 64 KiB", frame(FIN | TEXT, &long), 1009),
        ("over 64 KiB in parts", halves, 1009),
        ("4 GiB to come", with_length(FIN | TEXT, &[127, 0, 0, 0, 1, 0, 0, 0, 0], b""), 1009),
        ("more than there can be", with_length(FIN | TEXT, &[127, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], b""), 1009),
    ];
    for (what, bytes, code) in attacks {
        let mut raw = open(&admin);
        assert_eq!(closed(raw.send(bytes)), code, "{what}");
    }
    admin.get("/api/me").expect(200);
}

#[test]
fn a_goodbye_is_answered_and_ends_it() {
    let (_office, admin) = Office::open();
    for code in [1000, 1001, 1003, 1007, 1008, 1009, 1011, 3000, 4999] {
        assert_eq!(closed(open(&admin).send(close(code, b"bye"))), code);
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        assert_eq!(closed(open(&admin).send(close(code, b""))), 1002, "{code} must not be sent");
    }
    let mut raw = open(&admin);
    raw.send(frame(FIN | CLOSE, b"")).send(frame(FIN | TEXT, b"nonsense"));
    assert_eq!(next(&mut raw).0, CLOSE, "what comes after a goodbye is not read");
    assert_eq!(raw.rest_of_bytes(), [0; 0]);
}

#[test]
fn an_upgrade_that_is_none_is_refused() {
    let (_office, admin) = Office::open();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (headers, what) in [
        ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n".to_owned(), "no key"),
        (format!("Connection: Upgrade\r\nUpgrade: websocket\r\n{key}"), "no version"),
        (format!("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n{key}"), "an old version"),
        (format!("Connection: close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{key}"), "no upgrade"),
        (format!("Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\n{key}"), "another protocol"),
    ] {
        let mut raw = admin.connect();
        raw.send(format!(
            "GET /ws/notifications/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
            admin.host(),
            admin.token
        ));
        let head = raw.head();
        assert!(head.starts_with("HTTP/1.1 4"), "{what}: {head}");
    }
}
