//! A joined desktop whose line to its hub is cut. The hub goes on meanwhile, as one does whose cable
//! was pulled: what both tell must be one.

use std::time::Duration;

use rappel_link::{Link, NotificationId, RemoteHub, Request, Timestamp};
use serde_json::{Value, json};

use super::super::now;
use super::{Office, Run, Serving};
use crate::contact::Contact;
use crate::popups::Choice;
use crate::popups::recorder::Asked;

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("{what} did not come about"))
}

impl Office {
    /// An event whose reminder is due in so many seconds; its id, once the desktop keeps it.
    async fn reminds_in(&self, seconds: i64, title: &str, hub: &RemoteHub) -> String {
        let start = Timestamp::clamped_from_ms(now().as_ms() + 30 * 60_000 + seconds * 1_000);
        let event = json!({
            "title": title, "starts_at": start.to_string(), "reminders": [30], "assignees": [self.link().person()],
        });
        let made = self.ask(Request::post("/api/events", Some(event)), 201).await;
        let id = made["id"].as_str().expect("an id").to_owned();
        let replica = hub.replica().expect("a replica");
        let kept = Request::get(format!("/api/events/{id}"));
        eventually("the copy", async || replica.recall(&kept).expect("read").filter(|answer| answer.status == 200))
            .await;
        id
    }

    /// The notifications of this event, newest first.
    async fn about(&self, event: &str) -> Vec<Value> {
        let list = self.ask(Request::get("/api/notifications"), 200).await;
        let rows = list["notifications"].as_array().expect("a list").iter();
        rows.filter(|row| row["event_id"] == event).cloned().collect()
    }

    /// The reminder of this event, once the hub has told it.
    async fn reminder_of(&self, event: &str) -> Value {
        let is_reminder = |row: &Value| row["notification_type"] == "30min_before";
        eventually("the hub's reminder", async || self.about(event).await.into_iter().find(is_reminder)).await
    }
}

impl Run {
    /// The popup of an event's reminder, once it is asked for.
    async fn popup_about(&self, title: &str) -> String {
        let is_it = |asked: &Asked| match asked {
            Asked::Show(popup) if popup.summary.contains(title) => Some(popup.tag.clone()),
            _ => None,
        };
        eventually("the popup", async || self.popups.asked(0).await.iter().find_map(is_it)).await
    }

    async fn times_shown(&self, tag: &str) -> usize {
        let is_it = |asked: &&Asked| matches!(asked, Asked::Show(popup) if popup.tag == tag);
        self.popups.asked(0).await.iter().filter(is_it).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_comes_without_the_hub_and_once() {
    let office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let hub = office.joined().await;
    let run = office.run_joined(&hub).await;
    let event = office.reminds_in(5, "Site visit", &hub).await;
    let address = serving.end().await;
    run.until(|situation| matches!(situation.contact, Contact::Away { .. })).await;
    assert!(run.situation.borrow().synced_at.is_some(), "it can say how old its calendar is");
    let tag = run.popup_about("Site visit").await;
    let row = office.reminder_of(&event).await;
    assert_eq!(row["id"], tag.as_str(), "what the hub tells at the same time is the same");

    let serving = Serving::begin(&office, &address).await;
    run.until(|situation| situation.contact == Contact::Open).await;
    let history = Request::get(format!("/api/notifications/{tag}/history"));
    let seen = eventually("the receipt", async || {
        let history = office.ask(history.clone(), 200).await;
        history["seen"].as_array().expect("a list").iter().find(|seen| seen["name"] == "Laptop").cloned()
    });
    assert!(
        seen.await["at"].as_str() >= row["due_at"].as_str(),
        "when it was on the screen, and not before it was due"
    );
    assert!(!office.reminder_of(&event).await["is_read"].as_bool().expect("a state"), "being shown changes no state");
    office.reminds_in(3, "Signature", &hub).await;
    run.popup_about("Signature").await;
    assert_eq!(run.times_shown(&tag).await, 1, "what came after it is there, and it did not come again");
    run.end().await;
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_hold_any_more_leaves_the_screen_when_the_hub_is_back() {
    let office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let hub = office.joined().await;
    let run = office.run_joined(&hub).await;
    let event = office.reminds_in(5, "Site visit", &hub).await;
    let address = serving.end().await;
    run.until(|situation| matches!(situation.contact, Contact::Away { .. })).await;
    // By its own person, who is told nothing of it.
    let later = json!({ "starts_at": "2037-01-11T09:00:00Z" });
    let moved = Request { method: "PATCH".into(), body: Some(later), ..Request::get(format!("/api/events/{event}")) };
    office.ask(moved, 200).await;
    let tag = run.popup_about("Site visit").await;

    let serving = Serving::begin(&office, &address).await;
    let is_closed = |asked: &Asked| *asked == Asked::Close(tag.clone());
    eventually("its end", async || run.popups.asked(0).await.iter().any(is_closed).then_some(())).await;
    assert_eq!(run.times_shown(&tag).await, 1);
    run.end().await;
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_chosen_without_the_hub_is_told_to_it() {
    let office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let hub = office.joined().await;
    let run = office.run_joined(&hub).await;
    let visit = office.reminds_in(5, "Site visit", &hub).await;
    let call = office.reminds_in(5, "Call", &hub).await;
    let address = serving.end().await;
    run.until(|situation| matches!(situation.contact, Contact::Away { .. })).await;
    let (of_visit, of_call) = (run.popup_about("Site visit").await, run.popup_about("Call").await);
    run.choose(&of_visit, Choice::Dismiss).await;
    run.choose(&of_call, Choice::Snooze).await;
    let id: NotificationId = of_call.parse().expect("an id");
    let replica = hub.replica().expect("a replica");
    let listed = Request::get("/api/notifications");
    let kept = eventually("the choice", async || {
        let list = replica.recall(&listed).expect("read")?.body;
        let row = list["notifications"].as_array()?.iter().find(|row| row["id"] == id.to_string())?.clone();
        (!row["snoozed_until"].is_null()).then_some(row)
    });
    let kept = kept.await;

    let serving = Serving::begin(&office, &address).await;
    let settled = eventually("both choices", async || {
        let (visit, call) = (office.reminder_of(&visit).await, office.reminder_of(&call).await);
        (!visit["dismissed_at"].is_null() && !call["snoozed_until"].is_null()).then_some(call)
    });
    assert_eq!(settled.await["snoozed_until"], kept["snoozed_until"], "until when it was put off here");
    run.end().await;
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_starts_without_its_hub_reminds_and_shows_the_calendar() {
    let office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let hub = office.joined().await;
    let run = office.run_joined(&hub).await;
    let event = office.reminds_in(8, "Site visit", &hub).await;
    run.end().await;
    drop(hub);
    serving.end().await;

    let hub = RemoteHub::open(office.folder.path().join("membership.json")).expect("still a member");
    let run = office.start_over(Link::Remote(hub.clone()), &office.folder.path().join("joined.db"));
    run.until(|situation| matches!(situation.contact, Contact::Away { .. })).await;
    let link = Link::Remote(hub);
    let listed = link.call_or_recall(Request::get("/api/events")).await.expect("an answer");
    assert_eq!(listed.body["events"][0]["id"], event.as_str());
    let refused = link.call_or_recall(Request::post("/api/events", Some(json!({ "title": "x" })))).await;
    assert_eq!(refused.expect("an answer").body["error"]["code"], "hub_away");
    run.popup_about("Site visit").await;
    run.end().await;
}
