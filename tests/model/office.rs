//! The real hub of a small office, on a real file, with clocks of its own. It can be crashed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http;
use rappel_hub::{Clock, CloseReason, Deciding, Hub, HubConfig, LocalSession, Locale, SessionEvent, Timestamp};
use rappel_link::{Answer, PersonId, Request, Resume, Zone};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::oracle::history::{Event, PEOPLE, When};
use crate::oracle::zone::{DAY, date, written};

/// The clocks of a machine: the wall clock, and the time since it was switched on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    /// Time passes for all machines.
    boot: Arc<AtomicI64>,
    /// How far the wall clock is ahead of that.
    ahead: Arc<AtomicI64>,
}

impl Clocks {
    pub(crate) fn wall(&self) -> i64 {
        self.boot() + self.ahead.load(Relaxed)
    }

    pub(crate) fn boot(&self) -> i64 {
        self.boot.load(Relaxed)
    }

    /// Time passes, awake or asleep.
    pub(crate) fn pass(&self, ms: i64) {
        self.boot.fetch_add(ms, Relaxed);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set(&self, wall: i64) {
        self.ahead.store(wall - self.boot(), Relaxed);
    }

    /// Those of another machine: they show the same until they are set.
    pub(crate) fn of_another_machine(&self) -> Self {
        Self { boot: Arc::clone(&self.boot), ahead: Arc::new(AtomicI64::new(self.ahead.load(Relaxed))) }
    }
}

impl Clock for Clocks {
    fn now(&self) -> Timestamp {
        Timestamp::clamped_from_ms(self.wall())
    }

    fn since_boot(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.boot()).unwrap_or(0))
    }

    /// The machine is never switched off, only its hub is.
    fn boot(&self) -> Option<String> {
        Some("since the history began".to_owned())
    }
}

/// Who is there, with a token each.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// Where files are quickest: nothing here has to outlive the machine.
pub(crate) fn scratch() -> tempfile::TempDir {
    let shm = Path::new("/dev/shm");
    let made = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
    made.expect("a folder for the office")
}

/// An office in which everybody is signed in and nothing has happened yet.
struct Template {
    folder: tempfile::TempDir,
    members: Vec<Member>,
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = scratch();
        let clocks = Clocks::default();
        clocks.set(crate::oracle::zone::utc(2026, 9, 1));
        let program = Program::start(&folder.path().join("office"), &clocks);
        let desktop = program.runtime.block_on(program.hub.sign_in_desktop("desk")).expect("the admin's desktop");
        let admin = Member { id: desktop.person.to_string(), token: desktop.token };
        let mut members = vec![admin.clone()];
        for name in &PEOPLE[1..] {
            let made =
                program.done(&admin, &Request::post("/api/people", Some(json!({ "name": name, "role": "member" }))));
            members.push(program.pair(&admin, made["id"].as_str().expect("an id")));
        }
        program.end();
        Template { folder, members }
    })
}

/// The way to a hub for one device: calls as over HTTP, sessions as over a WebSocket.
pub(crate) struct Link {
    hub: Hub,
    router: Router,
    member: Member,
}

impl Link {
    pub(crate) fn person(&self) -> PersonId {
        self.member.id.parse().expect("an id of a person")
    }

    pub(crate) async fn call(&self, request: &Request) -> Answer {
        let body = request.body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let http = http::Request::builder()
            .method(request.method.as_str())
            .uri(&request.path)
            .header(http::header::AUTHORIZATION, format!("Bearer {}", self.member.token))
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body)
            .expect("a request");
        let answer = self.router.clone().oneshot(http).await.unwrap_or_else(|never| match never {});
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a whole answer");
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("JSON") };
        Answer { status, body }
    }

    /// A session, unless the hub does not let this device in.
    pub(crate) async fn open_session(&self, resume: &Resume) -> Option<Session> {
        let resume =
            resume.since.map(|seq| rappel_hub::Resume { seq, last_id: resume.last_id, change: resume.changes_since });
        self.hub.open_session(&self.member.token, resume).await.ok().map(Session)
    }
}

/// An open session. Dropping it cuts it.
pub(crate) struct Session(LocalSession);

impl Session {
    /// The next frame, or why there is none any more.
    pub(crate) async fn next(&mut self) -> Result<String, Option<CloseReason>> {
        match self.0.next().await {
            Some(SessionEvent::Frame(frame)) => Ok(serde_json::to_string(&frame).expect("a frame is JSON")),
            Some(SessionEvent::Closed(reason)) => Err(Some(reason)),
            None => Err(None),
        }
    }
}

/// The hub's program while it runs.
pub(crate) struct Program {
    pub(crate) hub: Hub,
    /// It takes longer to make than to use.
    router: Router,
    // Last, so that the hub is still there while its tasks end.
    pub(crate) runtime: Runtime,
}

impl Program {
    pub(crate) fn start(data_dir: &Path, clocks: &Clocks) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let config = HubConfig {
            data_dir: data_dir.to_owned(),
            locale: Some(Locale::En),
            time_zone: Some(Zone::parse("time_zone", "Europe/Paris").expect("a zone")),
            first_admin: Some(PEOPLE[0].to_owned()),
            deciding: Deciding::WhenAsked,
            ..HubConfig::default()
        };
        let hub = runtime.block_on(Hub::open_with_clock(config, Arc::new(clocks.clone()))).expect("the hub opens");
        Self { router: hub.router(), hub, runtime }
    }

    /// The way to the hub for somebody's device.
    pub(crate) fn link(&self, member: &Member) -> Link {
        Link { hub: self.hub.clone(), router: self.router.clone(), member: member.clone() }
    }

    pub(crate) fn call(&self, member: &Member, request: &Request) -> Answer {
        let answer = self.runtime.block_on(self.link(member).call(request));
        assert!(answer.status < 500, "the hub broke: {} of {request:?}", answer.status);
        answer
    }

    /// The answer to something that cannot be refused.
    pub(crate) fn done(&self, member: &Member, request: &Request) -> Value {
        let answer = self.call(member, request);
        assert!(answer.is_success(), "{} {} of {request:?}", answer.status, answer.body);
        answer.body
    }

    /// A new device of somebody.
    pub(crate) fn pair(&self, admin: &Member, person: &str) -> Member {
        let invited = self.done(admin, &Request::post(format!("/api/people/{person}/invitations"), None));
        let link = invited["link"].as_str().and_then(|link| link.split_once('#')).expect("a link").1.to_owned();
        let body = json!({ "code": link, "device_name": "a device" });
        let paired = self.done(admin, &Request::post("/api/pair", Some(body)));
        Member { id: person.to_owned(), token: paired["token"].as_str().expect("a token").to_owned() }
    }

    /// Decides what is due; answers when the next will be.
    pub(crate) fn decide(&self) -> Option<i64> {
        self.runtime.block_on(self.hub.decide_due()).expect("the store can be used").map(Timestamp::as_ms)
    }

    /// Ends as it should.
    pub(crate) fn end(self) {
        self.runtime.block_on(self.hub.shutdown());
    }
}

/// An office: its folder, its machine's clocks, its people, and its hub while it runs.
pub(crate) struct Office {
    folder: tempfile::TempDir,
    pub(crate) clocks: Clocks,
    pub(crate) members: Vec<Member>,
    program: Option<Program>,
}

impl Office {
    pub(crate) fn open(now: i64) -> Self {
        let template = template();
        let folder = scratch();
        let data = folder.path().join("office");
        std::fs::create_dir(&data).expect("a folder");
        std::fs::copy(template.folder.path().join("office/rappel.db"), data.join("rappel.db")).expect("a store");
        let clocks = Clocks::default();
        clocks.set(now);
        clocks.pass(DAY - now % DAY);
        clocks.set(now);
        let mut office = Self { folder, clocks, members: template.members.clone(), program: None };
        office.start();
        office
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn program(&self) -> &Program {
        self.program.as_ref().expect("the hub runs")
    }

    pub(crate) fn start(&mut self) {
        self.program = Some(Program::start(&self.path("office"), &self.clocks));
    }

    /// The program ends as it should: sessions are told.
    pub(crate) fn end(&mut self) {
        self.program.take().expect("the hub runs").end();
    }

    /// The program is killed: nobody is told anything.
    pub(crate) fn crash(&mut self) {
        drop(self.program.take());
    }

    /// What a client writes to make an event.
    pub(crate) fn written(&self, event: &Event) -> Value {
        let mut body = json!({
            "title": format!("Visit {}", event.title),
            "location": format!("Place {}", event.place),
            "time_zone": event.zone.name(),
            "assignees": self.ids(event.assignees.iter()),
        });
        self.write_when(&mut body, event.when);
        match event.when {
            When::Timed { .. } => body["reminders"] = json!(event.minutes),
            When::Days { .. } => body["reminder_days"] = json!(event.days),
        }
        body
    }

    pub(crate) fn write_when(&self, body: &mut Value, when: When) {
        match when {
            When::Timed { start, lasts } => {
                body["starts_at"] = json!(written(start));
                body["ends_at"] = json!(lasts.map(|lasts| written(start + lasts)));
            }
            When::Days { first, count } => {
                body["starts_on"] = json!(date(first));
                body["ends_on"] = json!(date(first + (count - 1) * DAY));
            }
        }
    }

    pub(crate) fn ids<'a>(&self, people: impl Iterator<Item = &'a usize>) -> Vec<&str> {
        people.map(|who| self.members[*who].id.as_str()).collect()
    }
}
