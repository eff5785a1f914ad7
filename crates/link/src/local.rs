//! The hub in this process. Calls go to its router without a socket, sessions to its dispatch
//! without a WebSocket; the rules for both are the hub's own.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use rappel_core::person::{Locale, parse_name};
use rappel_core::{Invalid, PersonId, Timestamp, Zone};
use rappel_hub::{Clock, Error, Hub, HubConfig, HubIdentity, Lan, LocalDevice, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::calls::ANSWER_MAX;
use crate::{Answer, LinkError, Request, Resume, Session};

/// The status of a call whose token the hub does not know.
const UNAUTHORIZED: u16 = 401;

/// What is said when an office is created.
#[derive(Debug, Clone)]
pub struct NewOffice {
    /// The first person: whoever sits here.
    pub name: String,
    /// The office's language.
    pub locale: Locale,
    /// The office's zone, by its IANA name.
    pub time_zone: String,
}

/// Another machine is the hub in place of the one in this process.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MovedTo {
    /// What that computer is called, where that is known.
    pub computer: Option<String>,
    /// Where it was found, `HOST:PORT`.
    pub address: Option<String>,
    /// This desktop is a member there and comes along by itself.
    pub follows: bool,
}

/// The hub in this process, signed in to. Cheap to clone.
#[derive(Clone)]
pub struct LocalHub {
    hub: Hub,
    router: Router,
    signed_in: Arc<Mutex<SignedIn>>,
    signing_in: Arc<tokio::sync::Mutex<()>>,
}

/// This desktop, as the hub knows it.
#[derive(Clone)]
struct SignedIn {
    device: LocalDevice,
    /// What this desktop is called there.
    name: Arc<str>,
    /// The hub that last took the token: restored from a backup, it may know nothing of it.
    hub: HubIdentity,
}

impl LocalHub {
    /// Whether an office has been created in this folder.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        rappel_hub::has_store(folder)
    }

    /// Opens the office in this folder. `device` is what this desktop is called there.
    ///
    /// # Errors
    /// [`LinkError::Unreachable`] when another hub has it open, or it cannot be read.
    pub async fn open(folder: PathBuf, device: &str) -> Result<Self, LinkError> {
        Self::start(HubConfig { data_dir: folder, ..HubConfig::default() }, device, Arc::new(SystemClock)).await
    }

    /// Creates an office in this folder, and its first person.
    ///
    /// # Errors
    /// [`LinkError::Refused`] when what was said cannot be taken; then nothing is created.
    pub async fn create(folder: PathBuf, office: NewOffice, device: &str) -> Result<Self, LinkError> {
        Self::create_with_clock(folder, office, device, Arc::new(SystemClock)).await
    }

    /// As [`LocalHub::create`], with clocks of the caller's.
    ///
    /// # Errors
    /// As [`LocalHub::create`].
    pub async fn create_with_clock(
        folder: PathBuf,
        office: NewOffice,
        device: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LinkError> {
        let refused = |invalid: Invalid| LinkError::Refused(invalid.to_string());
        let config = HubConfig {
            data_dir: folder,
            locale: Some(office.locale),
            time_zone: Some(Zone::parse("time_zone", &office.time_zone).map_err(refused)?),
            first_admin: Some(parse_name("name", &office.name).map_err(refused)?),
            ..HubConfig::default()
        };
        Self::start(config, device, clock).await
    }

    async fn start(config: HubConfig, device: &str, clock: Arc<dyn Clock>) -> Result<Self, LinkError> {
        let hub = Hub::open_with_clock(config, clock).await;
        let hub = hub.map_err(|error| LinkError::Unreachable(error.to_string()))?;
        let identity = hub.identity();
        let local = match hub.successor() {
            // It serves nobody and writes nothing: it says where the office is, without a sign-in.
            Some(successor) => Ok(LocalDevice { person: PersonId::from_uuid(successor.hub), token: String::new() }),
            None => hub.sign_in_desktop(device).await,
        };
        match local {
            Ok(local) => {
                let signed_in = SignedIn { device: local, name: device.into(), hub: identity };
                let signed_in = Arc::new(Mutex::new(signed_in));
                Ok(Self { router: hub.router(), hub, signed_in, signing_in: Arc::default() })
            }
            Err(error) => {
                hub.shutdown().await;
                Err(LinkError::Unreachable(error.to_string()))
            }
        }
    }

    /// Lets others in through `listener`, until `stop`. [`LocalHub::address`] knows it from the call on.
    ///
    /// # Errors
    /// When the listener fails.
    pub fn serve(
        &self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> impl Future<Output = io::Result<()>> + Send + use<> {
        self.hub.serve_until(listener, stop.cancelled_owned())
    }

    /// Lets others in on the office's network alone, on this port, until `stop`; where that is, is
    /// told to `lan`, each time it changes.
    pub async fn serve_lan(&self, port: u16, lan: &watch::Sender<Lan>, stop: CancellationToken) {
        self.hub.serve_lan(port, lan, stop).await;
    }

    /// Where the hub is instead; `None` as long as it is this one.
    #[must_use]
    pub fn moved_to(&self) -> Option<MovedTo> {
        self.hub.successor().map(|successor| MovedTo {
            computer: successor.computer,
            address: successor.addresses.into_iter().next(),
            follows: successor.handover.is_some(),
        })
    }

    /// Puts what this desktop is at the hub that followed by a handover into `file`. False where it is
    /// nothing there: that hub was found, and not handed to.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn follow_successor(folder: &Path, file: &Path) -> Result<bool, LinkError> {
        let Some(membership) = rappel_hub::succession::membership_at_successor(folder)? else { return Ok(false) };
        membership.write(file)?;
        Ok(true)
    }

    /// Where others find the hub while it serves.
    #[must_use]
    pub fn address(&self) -> String {
        self.hub.base_url()
    }

    /// Since when it has been known that other machines can reach the hub where it now is: one has.
    #[must_use]
    pub fn reached_since(&self) -> watch::Receiver<Option<Timestamp>> {
        self.hub.reached_since()
    }

    /// Writes all data of the office into one file.
    ///
    /// # Errors
    /// [`LinkError::Refused`] with the reason.
    pub async fn backup(&self, file: &Path) -> Result<(), LinkError> {
        self.hub.backup(file).await.map_err(|error| LinkError::Refused(error.to_string()))
    }

    /// Puts a backup in the place of all data of the office; the answer is where they are kept.
    ///
    /// # Errors
    /// [`LinkError::Refused`] with the reason; then nothing is changed.
    pub async fn restore(&self, file: &Path) -> Result<Option<PathBuf>, LinkError> {
        let restored = self.hub.restore(file).await;
        restored.map(|restored| restored.kept).map_err(|error| LinkError::Refused(error.to_string()))
    }

    /// Has the hub look at once, after a sleep of the machine.
    pub fn look_again(&self) {
        self.hub.look_again();
    }

    /// Ends the hub: sessions are told, and what was acknowledged is on disk.
    pub async fn shutdown(&self) {
        self.hub.shutdown().await;
    }

    /// Who is signed in here.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.signed_in().device.person
    }

    fn signed_in(&self) -> SignedIn {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The hub has taken the token: should it refuse it later, then not for want of knowing it.
    fn taken_by(&self, hub: HubIdentity, as_known: &SignedIn) {
        let mut signed_in = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
        if signed_in.device.token == as_known.device.token {
            signed_in.hub = hub;
        }
    }

    /// Signs in again where a backup was restored since: false when none was. Whoever was signed in
    /// stays so, if the backup knows them.
    async fn signed_in_again(&self, before: &SignedIn) -> Result<bool, LinkError> {
        // One at a time: each makes the token of the one before worthless.
        let _turn = self.signing_in.lock().await;
        if self.signed_in().hub != before.hub {
            return Ok(true);
        }
        let hub = self.hub.identity();
        if hub == before.hub {
            return Ok(false);
        }
        let device = match self.hub.sign_in_desktop_of(Some(before.device.person), &before.name).await {
            Err(Error::NotFound | Error::Conflict(_)) => self.hub.sign_in_desktop(&before.name).await,
            signed_in => signed_in,
        };
        let device = device.map_err(|error| LinkError::Unreachable(error.to_string()))?;
        let mut signed_in = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
        *signed_in = SignedIn { device, name: Arc::clone(&before.name), hub };
        Ok(true)
    }

    pub(crate) async fn call(&self, request: Request) -> Result<Answer, LinkError> {
        let (signed_in, asked) = (self.signed_in(), self.hub.identity());
        let answer = self.call_with(&signed_in.device.token, &request).await?;
        if answer.status != UNAUTHORIZED {
            self.taken_by(asked, &signed_in);
        } else if self.signed_in_again(&signed_in).await? {
            return self.call_with(&self.signed_in().device.token, &request).await;
        }
        Ok(answer)
    }

    async fn call_with(&self, token: &str, request: &Request) -> Result<Answer, LinkError> {
        request.check()?;
        let answer = self.router.clone().oneshot(request.to_http(Some(token))?).await;
        let answer = answer.unwrap_or_else(|never| match never {});
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), ANSWER_MAX)
            .await
            .map_err(|error| LinkError::Unreachable(error.to_string()))?;
        Answer::read(status, &bytes)
    }

    pub(crate) async fn open_session(&self, resume: Resume) -> Result<Session, LinkError> {
        let resume = resume.into_hub();
        let (signed_in, asked) = (self.signed_in(), self.hub.identity());
        let mut opened = self.hub.open_session(&signed_in.device.token, resume).await;
        if opened.is_ok() {
            self.taken_by(asked, &signed_in);
        } else if matches!(opened, Err(Error::Forbidden)) && self.signed_in_again(&signed_in).await? {
            opened = self.hub.open_session(&self.signed_in().device.token, resume).await;
        }
        opened.map(Session::local).map_err(|error| LinkError::Unreachable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Incoming, Link};

    fn office(name: &str) -> NewOffice {
        NewOffice { name: name.into(), locale: Locale::Fr, time_zone: "Europe/Paris".into() }
    }

    async fn created(folder: &tempfile::TempDir) -> LocalHub {
        LocalHub::create(folder.path().join("office"), office("Camille"), "here").await.expect("an office")
    }

    #[tokio::test]
    async fn an_office_is_created_once_and_opened_again_with_its_person() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!LocalHub::exists(&folder.path().join("office")));
        let hub = created(&folder).await;
        let me = hub.call(Request::get("/api/me")).await.expect("an answer");
        assert_eq!((me.status, &me.body["name"]), (200, &json!("Camille")));
        hub.shutdown().await;
        drop(hub);

        assert!(LocalHub::exists(&folder.path().join("office")));
        let again = LocalHub::open(folder.path().join("office"), "here").await.expect("opened");
        assert_eq!(json!(again.person()), me.body["id"]);
        let devices = again.call(Request::get("/api/devices")).await.expect("an answer");
        assert_eq!(devices.body["devices"].as_array().map(Vec::len), Some(1), "{}", devices.body);
    }

    #[tokio::test]
    async fn an_office_that_cannot_be_taken_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, zone) in [("", "Europe/Paris"), ("Ca\u{7}mille", "Europe/Paris"), ("Camille", "Europe/Nowhere")] {
            let office = NewOffice { time_zone: zone.into(), ..office(name) };
            let refused = LocalHub::create(folder.path().join("office"), office, "here").await;
            assert!(matches!(refused, Err(LinkError::Refused(_))), "{name:?}, {zone}");
            assert!(!folder.path().join("office").exists(), "{name:?}, {zone}");
        }
    }

    #[tokio::test]
    async fn a_second_hub_on_the_same_office_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = created(&folder).await;
        let Err(LinkError::Unreachable(reason)) = LocalHub::open(folder.path().join("office"), "here").await else {
            panic!("two hubs on one office");
        };
        assert!(reason.contains("another Rappel is running"), "{reason}");
    }

    #[tokio::test]
    async fn a_desktop_can_tell_its_hub_the_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let mut session = Link::Local(hub.clone()).open_session(Resume::default()).await.expect("a session");
        session.tell_time(rappel_core::Timestamp::clamped_from_ms(0)).await.expect("the hub takes it");
        session.send(r#"{"type":"clock","now":"noon"}"#).await.expect("sent");
        let Incoming::Frame(_) = session.next().await else { panic!("it ended") };
        let Incoming::Frame(error) = session.next().await else { panic!("it ended") };
        let error: serde_json::Value = serde_json::from_str(&error).expect("JSON");
        assert_eq!(error["error"]["field"], "now", "the first error is of the second frame");
        hub.shutdown().await;
    }

    #[tokio::test]
    async fn whoever_says_much_before_listening_is_heard_and_hears_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let mut session = Link::Local(hub.clone()).open_session(Resume::default()).await.expect("a session");
        let count = 300; // more than wait on both ways together
        for n in 0..count {
            session.send(&format!(r#"{{"type":"dismiss","notification_id":"{n}"}}"#)).await.expect("the hub takes it");
        }
        let Incoming::Frame(_) = session.next().await else { panic!("it ended") };
        for n in 0..count {
            let Incoming::Frame(error) = session.next().await else { panic!("it ended after {n}") };
            assert!(error.contains("not_found"), "the answer to each comes, and nothing else: {error}");
        }
        hub.shutdown().await;
    }

    #[tokio::test]
    async fn headers_of_a_call_reach_the_hub() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let event = json!({"title": "Visite", "starts_at": "2027-01-11T09:00:00Z"});
        let mut request = Request::post("/api/events", Some(event));
        request.idempotency_key = Some("once".into());
        let first = hub.call(request.clone()).await.expect("an answer");
        let second = hub.call(request).await.expect("an answer");
        assert_eq!((first.status, &first.body), (201, &second.body), "one key, one event");

        let id = first.body["id"].as_str().expect("an id");
        let mut change = Request::get(format!("/api/events/{id}"));
        (change.method, change.body, change.if_match) = ("PATCH".into(), Some(json!({"title": "Autre"})), Some(7));
        assert_eq!(hub.call(change).await.expect("an answer").status, 412);
    }

    /// The person's own device is not in a backup from before its first sign-in; here, because
    /// another office's backup is restored.
    #[tokio::test]
    async fn a_desktop_gets_back_in_by_itself_after_a_restore() {
        let folder = tempfile::tempdir().expect("a folder");
        let other =
            LocalHub::create(folder.path().join("other"), office("Dominique"), "there").await.expect("an office");
        let file = folder.path().join("backup.db");
        other.backup(&file).await.expect("a backup");
        let hub = created(&folder).await;
        let mut session = hub.open_session(Resume::default()).await.expect("a session");
        hub.restore(&file).await.expect("restored");
        let closed = loop {
            if let Incoming::Closed(code) = session.next().await {
                break code;
            }
        };
        assert_eq!(closed, 1001);
        // At once, as the window and the popups do.
        let (me, people, session) = tokio::join!(
            hub.call(Request::get("/api/me")),
            hub.call(Request::get("/api/people")),
            hub.open_session(Resume::default())
        );
        let me = me.expect("an answer");
        assert_eq!((me.status, &me.body["name"]), (200, &json!("Dominique")), "who sat here is not in the backup");
        assert_eq!(people.expect("an answer").status, 200);
        assert_eq!(json!(hub.person()), me.body["id"]);
        session.expect("a session");
    }

    #[tokio::test]
    async fn the_window_brings_a_backup_and_goes_back_to_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let file = folder.path().join("backup.db");
        hub.backup(&file).await.expect("a backup");
        let person = Request::post("/api/people", Some(json!({ "name": "Dora" })));
        assert_eq!(hub.call(person).await.expect("an answer").status, 201);
        let bytes = std::fs::read(&file).expect("the backup");
        let encoded = base64::engine::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        let bring = Request { file: Some(encoded), ..Request::post("/api/copies/uploads", None) };
        let brought = hub.call(bring).await.expect("an answer");
        assert_eq!((brought.status, &brought.body["kind"]), (201, &json!("uploaded")));
        let name = brought.body["name"].as_str().expect("a name");
        let restored = hub.call(Request::post(format!("/api/copies/{name}/restore"), None)).await.expect("an answer");
        assert_eq!(restored.status, 200, "{restored:?}");
        let people = hub.call(Request::get("/api/people")).await.expect("an answer");
        assert_eq!(people.body["people"].as_array().map(Vec::len), Some(1), "Dora came later");
        let copies = hub.call(Request::get("/api/copies")).await.expect("an answer").body;
        assert_eq!(copies["folder"], json!(folder.path().join("office/backups")), "it is this machine");
    }

    #[tokio::test]
    async fn whoever_sits_here_stays_signed_in_when_an_earlier_backup_is_restored() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let person = hub.person();
        let file = folder.path().join("backup.db");
        hub.backup(&file).await.expect("a backup");
        // As a start does: another token than the one in the backup.
        hub.shutdown().await;
        drop(hub);
        let hub = LocalHub::open(folder.path().join("office"), "here").await.expect("opened");
        hub.restore(&file).await.expect("restored");
        assert_eq!(hub.call(Request::get("/api/me")).await.expect("an answer").status, 200);
        assert_eq!(hub.person(), person);

        let device = hub.call(Request::get("/api/devices")).await.expect("an answer").body["devices"][0]["id"].clone();
        let revoked = Request {
            method: "DELETE".into(),
            ..Request::get(format!("/api/devices/{}", device.as_str().expect("an id")))
        };
        assert_eq!(hub.call(revoked).await.expect("an answer").status, 204);
        let refused = hub.call(Request::get("/api/me")).await.expect("an answer");
        assert_eq!(refused.status, 401, "who is signed out by somebody does not sign in again by themselves");
        assert!(hub.open_session(Resume::default()).await.is_err());

        let office = std::fs::read_dir(folder.path().join("office/backups")).expect("a folder");
        let mut files = office.map(|entry| entry.expect("an entry").path());
        let kept = files.find(|path| path.to_string_lossy().contains("before-restore")).expect("a copy");
        hub.restore(&kept).await.expect("restored");
        let again = hub.call(Request::get("/api/me")).await.expect("an answer");
        assert_eq!(again.status, 200, "a restore is a start for this desktop");
        assert_eq!(hub.person(), person);
    }

    #[tokio::test]
    async fn a_session_says_where_the_hub_stands_and_ends_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = created(&folder).await;
        let mut session = Link::Local(hub.clone()).open_session(Resume::default()).await.expect("a session");
        let Incoming::Frame(first) = session.next().await else { panic!("it ended") };
        let first: serde_json::Value = serde_json::from_str(&first).expect("JSON");
        assert_eq!(first["type"], "connection_established");
        let unreadable = session.send(r#"{"type":"rumour"}"#).await;
        assert!(matches!(unreadable, Err(LinkError::BadRequest(_))));
        session.send(r#"{"type":"mark_all_read"}"#).await.expect("sent");

        let ending = tokio_util::task::TaskTracker::new().spawn(async move { hub.shutdown().await });
        let closed = loop {
            if let Incoming::Closed(code) = session.next().await {
                break code;
            }
        };
        assert_eq!(closed, 1001);
        ending.await.expect("ended");
    }
}
