use chrono::TimeDelta;
use futures_util::StreamExt;
use rappel_core::draft::Draft;
use rappel_core::event::Event;
use rappel_core::schedule::WrittenTime;
use rappel_store::{Caller, Created};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::fake_clock::FakeClock;
use crate::hub::{Deciding, Hub, HubConfig};
use crate::local_session::{LocalSession, LocalTransport, SessionEvent, local};
use crate::session::{CloseReason, Closed, Input, Transport};
use crate::wire::frame::{ClientFrame, HubFrame};

/// A whole hub, whose clocks the test moves.
struct Office {
    _dir: tempfile::TempDir,
    clock: Arc<FakeClock>,
    hub: Hub,
    caller: Caller,
    token: String,
}

/// A session in this process that says that it is none.
struct Elsewhere(LocalTransport);

impl Transport for Elsewhere {
    async fn send(&mut self, frame: HubFrame) -> Result<(), Closed> {
        self.0.send(frame).await
    }

    async fn receive(&mut self) -> Input {
        self.0.receive().await
    }

    async fn probe(&mut self) -> Result<(), Closed> {
        self.0.probe().await
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    async fn close(&mut self, reason: CloseReason) {
        self.0.close(reason).await;
    }
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::parse_rfc3339("2026-11-23T08:00:00Z").unwrap()));
        let config = HubConfig { data_dir: dir.path().join("data"), ..HubConfig::default() };
        let hub = Hub::open_with_clock(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let token = hub.sign_in_desktop("test").await.unwrap().token;
        let caller = hub.store().authenticate(&token, hub.now()).await.unwrap().unwrap();
        Self { _dir: dir, clock, hub, caller, token }
    }

    /// The admin's own event, so many minutes from what the hub takes for now.
    async fn event_in(&self, minutes: i64) -> Event {
        let now = self.hub.now();
        let draft = Draft {
            starts_at: Some(WrittenTime::Instant(now + TimeDelta::minutes(minutes))),
            title: Some("Visit".into()),
            assignees: vec![self.caller.actor.person],
            ..Draft::default()
        };
        match self.hub.store().create_event(self.caller, draft, None, now).await.unwrap() {
            Created::New(event) => *event,
            Created::Again(_) => unreachable!("there was no key"),
        }
    }

    /// A session of a device on another machine.
    async fn session_elsewhere(&self) -> LocalSession {
        let (mut session, transport) = local();
        let (hub, caller) = (self.hub.clone(), self.caller);
        self.hub
            .tasks()
            .spawn(async move { hub.run_session(caller, None, Elsewhere(transport), hub.stopping()).await });
        assert!(matches!(frame(&mut session).await, HubFrame::ConnectionEstablished { .. }));
        session
    }

    async fn session_here(&self) -> LocalSession {
        let mut session = self.hub.open_session(&self.token, None).await.unwrap();
        assert!(matches!(frame(&mut session).await, HubFrame::ConnectionEstablished { .. }));
        session
    }

    fn wall(&self) -> Timestamp {
        self.clock.now()
    }
}

async fn frame(session: &mut LocalSession) -> HubFrame {
    match session.next().await.expect("the session goes on") {
        SessionEvent::Frame(frame) => *frame,
        SessionEvent::Closed(reason) => panic!("the session ended: {reason:?}"),
    }
}

async fn says(session: &LocalSession, now: Timestamp) {
    session.sender().send(ClientFrame::Clock { now: now.to_string() }).await.unwrap();
}

/// The hub has dealt with all that was sent: the answer to nonsense comes after it.
async fn settle(session: &mut LocalSession) {
    session.sender().send(ClientFrame::Clock { now: "noon".into() }).await.unwrap();
    let HubFrame::Error { error } = frame(session).await else { panic!("nonsense was taken") };
    assert_eq!(error.field.as_deref(), Some("now"));
}

#[tokio::test]
async fn a_leap_that_another_machine_confirms_is_believed_at_once() {
    let office = Office::open().await;
    let mut session = office.session_elsewhere().await;
    let event = office.event_in(24 * 60 + 20).await;
    office.clock.is_set_by(TimeDelta::days(1));
    assert!(matches!(frame(&mut session).await, HubFrame::ClockWanted), "the hub asks by itself");
    says(&session, office.wall() + TimeDelta::seconds(90)).await;
    let HubFrame::EventNotification { notification, .. } = frame(&mut session).await else {
        panic!("what fell due in the leapt day is told now");
    };
    assert_eq!(notification.kind.type_name(), "30min_before");
    assert_eq!(notification.event.id, event.id);
    assert_eq!(office.hub.now(), office.wall());
    office.hub.shutdown().await;
}

#[tokio::test]
async fn whoever_joins_while_it_is_doubted_is_asked_too() {
    let office = Office::open().await;
    office.clock.is_set_by(TimeDelta::days(1));
    assert!(office.hub.clock().is_doubted());
    let mut session = office.session_elsewhere().await;
    assert!(matches!(frame(&mut session).await, HubFrame::ClockWanted));
    office.hub.shutdown().await;
}

#[tokio::test]
async fn a_clock_that_shows_the_earlier_time_or_another_confirms_nothing() {
    let office = Office::open().await;
    let mut session = office.session_elsewhere().await;
    office.clock.is_set_by(TimeDelta::days(1));
    assert!(matches!(frame(&mut session).await, HubFrame::ClockWanted));
    for off in [TimeDelta::days(-1), TimeDelta::minutes(-3), TimeDelta::minutes(3), TimeDelta::days(1)] {
        says(&session, office.wall() + off).await;
    }
    settle(&mut session).await;
    assert!(office.hub.clock().is_doubted());
    office.hub.shutdown().await;
}

#[tokio::test]
async fn a_session_on_the_hubs_own_machine_is_no_witness() {
    let office = Office::open().await;
    let mut session = office.session_here().await;
    office.clock.is_set_by(TimeDelta::days(1));
    says(&session, office.wall()).await;
    settle(&mut session).await; // and no question came before the answer to the nonsense
    assert!(office.hub.clock().is_doubted(), "it is the same clock");
    office.hub.shutdown().await;
}

#[tokio::test]
async fn what_is_written_while_the_clock_is_doubted_has_the_earlier_reckonings_time() {
    let office = Office::open().await;
    let mut session = office.session_here().await;
    let before = office.wall();
    office.clock.is_set_by(TimeDelta::days(1));
    office.clock.passes(TimeDelta::minutes(1));
    let event = office.event_in(30).await;
    assert_eq!(event.created_at, before + TimeDelta::minutes(1));
    office.clock.is_set_by(TimeDelta::days(-1));
    office.clock.passes(TimeDelta::minutes(25));
    let HubFrame::EventNotification { notification, .. } = frame(&mut session).await else {
        panic!("its reminder was armed as if the clock had never leapt");
    };
    assert_eq!(notification.kind.type_name(), "5min_before");
    assert!(!notification.late);
    office.hub.shutdown().await;
}

/// The hub's program, which is ended and started again.
struct Program {
    dir: tempfile::TempDir,
    clock: Arc<FakeClock>,
    hub: Option<Hub>,
}

impl Program {
    async fn start() -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::parse_rfc3339("2026-11-23T08:00:00Z").unwrap()));
        let mut program = Self { dir: tempfile::tempdir().unwrap(), clock, hub: None };
        program.restart().await;
        program
    }

    async fn restart(&mut self) {
        if let Some(hub) = self.hub.take() {
            hub.shutdown().await;
        }
        let data_dir = self.dir.path().join("data");
        let config = HubConfig { data_dir, deciding: Deciding::WhenAsked, ..HubConfig::default() };
        let hub = Hub::open_with_clock(config, Arc::clone(&self.clock) as Arc<dyn Clock>).await.unwrap();
        self.hub = Some(hub);
        self.ticks().await;
    }

    /// The scheduler looks; the answer is whether the wall clock is doubted.
    async fn ticks(&self) -> bool {
        let hub = self.hub.as_ref().unwrap();
        hub.decide_due().await.unwrap();
        hub.clock().is_doubted()
    }
}

#[tokio::test]
async fn a_restart_of_the_program_ends_no_doubt() {
    let mut program = Program::start().await;
    program.clock.is_set_by(TimeDelta::days(1));
    assert!(program.ticks().await);
    program.clock.passes(TimeDelta::minutes(4));
    program.restart().await;
    assert!(program.ticks().await);
    assert_eq!(program.hub.as_ref().unwrap().now(), program.clock.now() - TimeDelta::days(1));
    program.clock.passes(TimeDelta::minutes(1));
    assert!(!program.ticks().await, "it has held for five minutes, in two runs");
    program.restart().await;
    assert!(!program.ticks().await);
    program.hub.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_leap_while_the_program_is_off_is_one_unless_the_machine_was_off_too() {
    let mut program = Program::start().await;
    program.clock.is_set_by(TimeDelta::minutes(50));
    assert!(!program.ticks().await);
    program.clock.is_set_by(TimeDelta::minutes(59));
    program.restart().await;
    assert!(!program.ticks().await, "a correction, of the wall clock as it stood last");
    program.clock.is_set_by(TimeDelta::minutes(61));
    program.restart().await;
    assert!(program.ticks().await);
    program.clock.restarts(TimeDelta::days(1));
    program.restart().await;
    assert!(!program.ticks().await, "the boot clock counts anew: there is nothing to compare with");
    program.hub.unwrap().shutdown().await;
}

#[tokio::test]
async fn what_is_made_of_the_clocks_is_written_when_it_is_news() {
    let program = Program::start().await;
    let hub = program.hub.as_ref().unwrap();
    let kept = || async { hub.store().reckoning().await.unwrap().unwrap() };
    let first = kept().await;
    program.clock.is_set_by(TimeDelta::milliseconds(999));
    program.ticks().await;
    assert_eq!(kept().await, first, "no write for each tick of a clock that is slowly put right");
    program.clock.is_set_by(TimeDelta::milliseconds(1));
    program.ticks().await;
    assert_eq!(kept().await.believed, first.believed + TimeDelta::seconds(1));
    hub.shutdown().await;
}

#[tokio::test]
async fn how_long_the_hub_runs_does_not_follow_the_wall_clock() {
    let office = Office::open().await;
    office.clock.passes(TimeDelta::seconds(90));
    for set_by in [TimeDelta::days(1), TimeDelta::days(-10)] {
        office.clock.is_set_by(set_by);
        assert_eq!(office.hub.uptime_seconds(), 90);
    }
    office.hub.shutdown().await;
}

#[tokio::test]
async fn after_a_sleep_sessions_are_asked_whether_they_are_there() {
    let office = Office::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hub = office.hub.clone();
    let serving = office.hub.tasks().spawn(async move { hub.serve(listener).await });
    let url = format!("ws://{address}/ws/notifications?token={}", office.token);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))), "the first frame");

    office.hub.look_again();
    // The ordinary question would come later than this.
    let asked = tokio::time::timeout(Duration::from_secs(15), socket.next()).await;
    assert!(matches!(asked, Ok(Some(Ok(Message::Ping(_))))), "{asked:?}");
    drop(socket);
    office.hub.shutdown().await;
    serving.await.unwrap().unwrap();
}
