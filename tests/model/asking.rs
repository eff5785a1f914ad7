//! Commands as calls of the contract, and the hub's list of notifications as the oracle has it.

use rappel_link::Request;
use serde_json::{Value, json};

use crate::office::Office;
use crate::oracle::history::{Change, Command, When};
use crate::oracle::world::{Row, World};
use crate::oracle::zone::read;

/// A row as the hub lists it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) seq: u64,
    pub(crate) row: Row,
}

/// A person's list.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    /// Oldest first.
    pub(crate) rows: Vec<Listed>,
    pub(crate) unread: u64,
    pub(crate) seq: u64,
    pub(crate) change: u64,
}

impl Inbox {
    pub(crate) fn of(office: &Office, world: &World, who: usize) -> Self {
        let admin = &office.members[who];
        let listed = office.program().done(admin, &Request::get("/api/notifications?limit=200"));
        let all = listed["notifications"].as_array().expect("a list");
        let ids: Vec<&str> = all.iter().rev().map(|item| text(&item["id"])).collect();
        let rows = all.iter().rev().map(|item| Listed {
            id: text(&item["id"]).to_owned(),
            seq: number(&item["seq"]),
            row: row(item, world, &ids),
        });
        Self {
            rows: rows.collect(),
            unread: number(&listed["unread_count"]),
            seq: number(&listed["seq"]),
            change: number(&listed["change"]),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("not a number: {value}"))
}

/// A row of the contract. `ids` are the person's, by their place.
pub(crate) fn row(item: &Value, world: &World, ids: &[&str]) -> Row {
    let instant = |value: &Value| value.as_str().map(read);
    let event = text(&item["event_id"]);
    let kind = text(&item["notification_type"]).to_owned();
    Row {
        event: world.ids.iter().position(|id| id == event).unwrap_or_else(|| panic!("an event nobody made: {item}")),
        begins: read(text(&item["event"]["datetime"])),
        fired: text(&item["outcome"]) == "fired",
        late: item["late"] == json!(true),
        due: (kind != "missed").then(|| read(text(&item["due_at"]))),
        created: read(text(&item["created_at"])),
        parent: item["parent_id"].as_str().map(|parent| {
            ids.iter().position(|id| *id == parent).unwrap_or_else(|| panic!("a parent nobody was told: {item}"))
        }),
        change: number(&item["change"]),
        read: item["is_read"] == json!(true),
        dismissed: instant(&item["dismissed_at"]),
        snoozed: instant(&item["snoozed_until"]),
        withdrawn: instant(&item["withdrawn_at"]),
        kind,
    }
}

impl Office {
    /// Who gives a command, and the call that it is. `row_id` names a row of a person.
    pub(crate) fn call_for(
        &self,
        world: &World,
        command: &Command,
        row_id: impl Fn(usize, usize) -> String,
    ) -> (usize, Request) {
        let post = |path: String, body: Option<Value>| Request::post(path, body);
        let patch = |path: String, body: Value| with("PATCH", path, Some(body));
        let event_path = |event: usize| format!("/api/events/{}", world.ids[event]);
        let notification = |who, row, what| format!("/api/notifications/{}/{what}", row_id(who, row));
        match command {
            Command::Create { by, event } => (*by, post("/api/events".into(), Some(self.written(event)))),
            Command::Change { by, event, change } => {
                (*by, patch(event_path(*event), self.written_change(world, *event, change)))
            }
            Command::Delete { by, event } => (*by, with("DELETE", event_path(*event), None)),
            Command::Restore { by, event } => (*by, post(format!("{}/restore", event_path(*event)), None)),
            Command::Snooze { who, row, minutes } => {
                (*who, post(notification(*who, *row, "snooze"), Some(json!({ "minutes": minutes }))))
            }
            Command::Dismiss { who, row } => (*who, post(notification(*who, *row, "dismiss"), None)),
            Command::Read { who, row } => (*who, post(notification(*who, *row, "read"), None)),
            Command::ReadAll { who } => (*who, post("/api/notifications/mark-all-read".into(), None)),
            Command::Prefer { who, minutes } => (*who, patch("/api/me".into(), json!({ "reminders": minutes }))),
            Command::Travel { who, zone } => (*who, patch("/api/me".into(), json!({ "time_zone": zone.name() }))),
            Command::Leave { who } => (0, with("DELETE", format!("/api/people/{}", self.members[*who].id), None)),
            Command::Return { who } => {
                (0, patch(format!("/api/people/{}", self.members[*who].id), json!({ "active": true })))
            }
        }
    }

    fn written_change(&self, world: &World, event: usize, change: &Change) -> Value {
        let mut body = json!({});
        if let Some(title) = change.title {
            body["title"] = json!(format!("Visit {title}"));
        }
        if let Some(place) = change.place {
            body["location"] = json!(format!("Place {place}"));
        }
        if let Some(when) = change.when {
            self.write_when(&mut body, when);
            let is_all_day = matches!(when, When::Days { .. });
            if is_all_day != world.is_all_day(event) {
                body["all_day"] = json!(is_all_day);
            }
        }
        if let Some(zone) = change.zone {
            body["time_zone"] = json!(zone.name());
        }
        if let Some(status) = change.status {
            body["status"] = json!(status.name());
        }
        if let Some(assignees) = &change.assignees {
            body["assignees"] = json!(self.ids(assignees.iter()));
        }
        if let Some(minutes) = &change.minutes
            && !world.is_all_day(event)
        {
            body["reminders"] = json!(minutes);
        }
        if let Some(days) = &change.days
            && world.is_all_day(event)
        {
            body["reminder_days"] = json!(days);
        }
        body
    }
}

fn with(method: &str, path: String, body: Option<Value>) -> Request {
    Request { method: method.into(), ..Request::post(path, body) }
}
