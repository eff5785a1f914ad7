//! Somebody who calls the hub, with a token or without.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use ureq::http;

use super::{Answer, PATIENCE, Raw, Refused, Session};

/// Where the hub is; a restart changes it for everybody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Address(Arc<Mutex<Option<SocketAddr>>>);

impl Address {
    pub(crate) fn get(&self) -> SocketAddr {
        self.0.lock().unwrap().expect("the hub is not running")
    }

    /// Where it is, if it is running.
    pub(crate) fn known(&self) -> Option<SocketAddr> {
        *self.0.lock().unwrap()
    }

    pub(crate) fn set(&self, address: Option<SocketAddr>) {
        *self.0.lock().unwrap() = address;
    }
}

/// Somebody who calls the hub as a program does: with their token, without an `Origin`.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    address: Address,
    /// The person's id; empty for nobody.
    pub(crate) id: String,
    /// Their device's id; empty for nobody.
    pub(crate) device: String,
    /// Their token; empty for nobody.
    pub(crate) token: String,
}

impl Client {
    /// Somebody whom the hub does not know.
    pub(crate) fn nobody(address: Address) -> Self {
        Self { address, id: String::new(), device: String::new(), token: String::new() }
    }

    /// The same person, calling elsewhere.
    pub(crate) fn with_address(&self, address: Address) -> Self {
        Self { address, ..self.clone() }
    }

    /// Turns an invitation's secret or short code into a program's device.
    #[track_caller]
    pub(crate) fn pair(&self, code: &str) -> Client {
        let nobody = Self::nobody(self.address.clone());
        let paired = nobody.post("/api/pair", &json!({ "code": code, "device_name": "test" })).expect(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Client {
            address: self.address.clone(),
            id: text(&paired["person"]["id"]),
            device: text(&paired["device"]["id"]),
            token: text(&paired["token"]),
        }
    }

    /// Adds somebody to the office, and signs them in. Only an admin can.
    #[track_caller]
    pub(crate) fn add(&self, name: &str) -> Client {
        self.add_with(&json!({ "name": name }))
    }

    /// As [`Client::add`], with more than a name.
    #[track_caller]
    pub(crate) fn add_with(&self, person: &Value) -> Client {
        let person = self.post("/api/people", person).expect(201);
        self.pair(&self.invite(person["id"].as_str().unwrap()))
    }

    /// The secret of a fresh invitation link for a person.
    #[track_caller]
    pub(crate) fn invite(&self, person: &str) -> String {
        let invitation = self.post(&format!("/api/people/{person}/invitations"), &json!({})).expect(201);
        secret_of(invitation["link"].as_str().unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send()
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send()
    }

    /// A request to be made to measure; it brings the token, if there is one.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        self.request_at(self.address.get(), method, path)
    }

    /// As [`Client::request`], where the hub may not be running.
    pub(crate) fn try_request(&self, method: &str, path: &str) -> Option<Request> {
        self.address.known().map(|address| self.request_at(address, method, path))
    }

    fn request_at(&self, address: SocketAddr, method: &str, path: &str) -> Request {
        let builder = http::Request::builder().method(method);
        let request = Request { address, builder, path: path.to_owned(), body: Vec::new() };
        if self.token.is_empty() { request } else { request.header("authorization", &format!("Bearer {}", self.token)) }
    }

    /// Opens a session that hears only what comes from now on, and reads its first frame.
    #[track_caller]
    pub(crate) fn session(&self) -> Session {
        self.session_at("").0
    }

    /// Opens a session with a cursor such as `since=3`; with its first frame.
    #[track_caller]
    pub(crate) fn session_at(&self, cursor: &str) -> (Session, Value) {
        let mut session = self.upgrade(&format!("/ws/notifications/?{cursor}")).unwrap();
        let first = session.next();
        assert_eq!(first["type"], "connection_established");
        (session, first)
    }

    /// Opens a session at a path, unless the hub is gone.
    pub(crate) fn try_session(&self, path: &str) -> Option<Session> {
        let bearer = format!("Bearer {}", self.token);
        Session::try_open(self.address.known()?, path, &[("authorization", &bearer)])
    }

    /// Returns when the hub is running, or is said to be: who comes back has nothing else to wait for.
    pub(crate) fn wait_for_hub(&self) {
        while self.address.known().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Asks for a WebSocket with the token in the header.
    pub(crate) fn upgrade(&self, path: &str) -> Result<Session, Refused> {
        self.upgrade_with(path, &[])
    }

    /// As [`Client::upgrade`], with further headers.
    pub(crate) fn upgrade_with(&self, path: &str, headers: &[(&str, &str)]) -> Result<Session, Refused> {
        let bearer = format!("Bearer {}", self.token);
        let mut all = headers.to_vec();
        if !self.token.is_empty() {
            all.push(("authorization", &bearer));
        }
        Session::open(self.address.get(), path, &all)
    }

    /// A connection on which nothing has been said.
    pub(crate) fn connect(&self) -> Raw {
        Raw::connect(self.address.get())
    }

    /// As [`Client::connect`], from another address of this machine: `127.0.0.n`.
    pub(crate) fn connect_from(&self, n: u8) -> Raw {
        Raw::connect_from(self.address.get(), n)
    }

    /// Host and port of the hub, as `Host` has them.
    pub(crate) fn host(&self) -> String {
        self.address.get().to_string()
    }

    /// The hub's own origin, as its page has it.
    pub(crate) fn own_origin(&self) -> String {
        format!("http://{}", self.address.get())
    }

    /// Creates an event.
    #[track_caller]
    pub(crate) fn create(&self, event: &Value) -> Value {
        self.post("/api/events", event).expect(201)
    }

    /// Their notifications, oldest first.
    #[track_caller]
    pub(crate) fn inbox(&self) -> Vec<Value> {
        let mut page = self.get("/api/notifications?limit=500").expect(200);
        let mut rows: Vec<Value> = page["notifications"].as_array_mut().unwrap().drain(..).collect();
        rows.reverse();
        rows
    }
}

/// The secret in an invitation link's fragment.
pub(crate) fn secret_of(link: &str) -> String {
    let fragment = link.split_once("/join#").unwrap_or_else(|| panic!("no invitation: {link}")).1;
    fragment.split_once('.').unwrap_or_else(|| panic!("no fingerprint: {link}")).0.to_owned()
}

/// A request on its way.
pub(crate) struct Request {
    address: SocketAddr,
    builder: http::request::Builder,
    path: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    pub(crate) fn bytes(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// A body of which nothing says what it is.
    pub(crate) fn untyped(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it on a connection of its own, and reads the answer.
    pub(crate) fn send(self) -> Answer {
        self.try_send().unwrap()
    }

    /// As [`Request::send`], where the hub may be gone before it has answered.
    pub(crate) fn try_send(self) -> Result<Answer, ureq::Error> {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let request = self.builder.uri(format!("http://{}{}", self.address, self.path)).body(self.body).unwrap();
        let mut response = agent.run(request)?;
        let bytes = response.body_mut().read_to_vec()?;
        Ok(Answer::new(response.status(), response.headers().clone(), bytes))
    }
}
