//! What the window is answered while the hub is away: as the hub would, as far as that is kept here.
//! Nothing can be changed but what its person chooses of notifications.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::Uri;
use rappel_core::arm::{Purpose, State as ArmedState};
use rappel_core::event::Event;
use rappel_core::notification::Offset;
use rappel_core::{EventId, NotificationId, Timestamp};
use rappel_store::{ShownAway, Wish};
use serde_json::{Value, json};

use super::{Replica, State};
use crate::{Answer, LinkError, Request};

/// The status of what cannot be done before the hub is back.
const UNAVAILABLE: u16 = 503;
/// As the hub's own calls have them.
const EVENTS_AT_ONCE: usize = 100;
const NOTIFICATIONS_AT_ONCE: usize = 50;
const SNOOZE_MINUTES_MAX: u64 = 10_080;

impl Replica {
    /// The answer to a call of the API while the hub is away; `None` where nothing was ever kept.
    ///
    /// # Errors
    /// [`LinkError::BadRequest`], as any link says it; [`LinkError::Unwritten`] when a choice cannot be
    /// written down.
    pub fn recall(&self, request: &Request) -> Result<Option<Answer>, LinkError> {
        request.check()?;
        if self.synced_at().is_none() {
            return Ok(None);
        }
        let uri: Uri = request.path.parse().map_err(|_| LinkError::BadRequest("this is no path".into()))?;
        let query = Query::<HashMap<String, String>>::try_from_uri(&uri).map(|Query(query)| query).unwrap_or_default();
        let path = uri.path().trim_end_matches('/').trim_start_matches("/api/");
        let parts: Vec<&str> = path.split('/').collect();
        if let ("POST", ["notifications", id, what @ ("dismiss" | "snooze")]) = (request.method.as_str(), &*parts) {
            return self.choose(id, what, request.body.as_ref()).map(Some);
        }
        let body = if request.method == "GET" { self.state().read(&parts, &query)? } else { None };
        Ok(Some(body.map_or_else(hub_away, |body| Answer { status: 200, body })))
    }

    /// What its person chose in the window.
    fn choose(&self, id: &str, what: &str, body: Option<&Value>) -> Result<Answer, LinkError> {
        let Ok(id) = id.parse::<NotificationId>() else { return Ok(hub_away()) };
        let is_done = if what == "dismiss" {
            self.dismiss(id)?
        } else {
            let minutes =
                body.and_then(|body| body["minutes"].as_u64()).filter(|minutes| *minutes <= SNOOZE_MINUTES_MAX);
            match minutes.and_then(|minutes| u32::try_from(minutes).ok()).filter(|minutes| *minutes > 0) {
                Some(minutes) => self.snooze(id, minutes)?.is_some(),
                None => false,
            }
        };
        let row = if is_done { self.state().notification(id)? } else { None };
        Ok(row.map_or_else(hub_away, |body| Answer { status: 200, body }))
    }
}

impl State {
    fn read(&self, parts: &[&str], query: &HashMap<String, String>) -> Result<Option<Value>, LinkError> {
        let Some(kept) = &self.kept else { return Ok(None) };
        let told = &kept.content.told;
        Ok(match parts {
            ["me"] | ["user", "current"] => Some(told["me"].clone()),
            ["people"] => Some(json!({ "people": told["people"] })),
            ["events"] => Some(self.events(query)),
            ["events", id] => listed(told, id).cloned(),
            ["events", id, "reminders"] => id.parse().ok().and_then(|id| self.reminders(id)),
            ["notifications"] => Some(self.notifications(query)?),
            ["notifications", "unread-count"] => Some(json!({ "unread_count": self.unread(&self.rows()?) })),
            _ => None,
        })
    }

    /// Events by start, as the hub's list has them.
    fn events(&self, query: &HashMap<String, String>) -> Value {
        let Some(kept) = &self.kept else { return Value::Null };
        let content = &kept.content;
        let given = |name: &str| query.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let instant = |name: &str| given(name).and_then(Timestamp::parse_rfc3339);
        let (from, to) = (instant("from"), instant("to"));
        let after: Option<(Timestamp, EventId)> = given("cursor").and_then(|text| {
            let (ms, id) = text.split_once('.')?;
            Some((Timestamp::from_ms(ms.parse().ok()?)?, id.parse().ok()?))
        });
        let searched = given("q").map(str::to_lowercase);
        let limit = given("limit").and_then(|text| text.parse().ok()).unwrap_or(EVENTS_AT_ONCE);
        let place = |event: &Event| (event.schedule.starts_at(), event.id);
        let mut events: Vec<&Event> = content
            .events
            .values()
            .filter(|event| {
                from.is_none_or(|from| event.schedule.over_at() > from || event.schedule.starts_at() >= from)
            })
            .filter(|event| to.is_none_or(|to| event.schedule.starts_at() < to))
            .filter(|event| given("assignee").is_none_or(|id| event.assignees.iter().any(|one| one.to_string() == id)))
            .filter(|event| given("status").is_none_or(|status| event.status.as_str() == status))
            .filter(|event| searched.as_deref().is_none_or(|text| says(event, text)))
            .filter(|event| after.is_none_or(|after| place(event) > after))
            .collect();
        events.sort_by_key(|event| place(event));
        let has_more = events.len() > limit;
        events.truncate(limit);
        let last = events.last().filter(|_| has_more).map(|event| place(event));
        let items: Vec<&Value> =
            events.iter().filter_map(|event| listed(&content.told, &event.id.to_string())).collect();
        json!({ "events": items, "next_cursor": last.map(|(at, id)| format!("{}.{id}", at.as_ms())) })
    }

    /// What is armed for an event, and what was decided of it here.
    fn reminders(&self, event: EventId) -> Option<Value> {
        let kept = self.kept.as_ref()?;
        kept.content.events.get(&event)?;
        let mut rows: Vec<_> = kept.content.armed.iter().filter(|row| row.event == event).collect();
        rows.sort_by_key(|row| row.armed.due);
        let fates = rows.iter().filter_map(|row| {
            let Purpose::Reminder(offset) = row.armed.purpose else { return None };
            let (minutes, days) = match offset {
                Offset::Minutes(minutes) => (Some(minutes), None),
                Offset::Days(days) => (None, Some(days)),
            };
            let decided = self.decided.get(&row.id);
            let told = decided.filter(|row| row.state == ArmedState::Fired);
            Some(json!({
                "minutes_before": minutes,
                "days_before": days,
                "due_at": row.armed.due.to_string(),
                "state": decided.map_or(ArmedState::Pending, |row| row.state).as_str(),
                "told_at": told.map(|row| row.at.to_string()),
                "told_by": told.map(|row| row.id.to_string()),
            }))
        });
        Some(json!({ "reminders": fates.collect::<Vec<Value>>() }))
    }

    fn notifications(&self, query: &HashMap<String, String>) -> Result<Value, LinkError> {
        let Some(kept) = &self.kept else { return Ok(Value::Null) };
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
        let limit = number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(NOTIFICATIONS_AT_ONCE);
        let rows = self.rows()?;
        let page = |row: &&Value| {
            number("before").is_none_or(|before| (1..before).contains(&row["seq"].as_u64().unwrap_or(0)))
        };
        let list = &kept.content.told["notifications"];
        Ok(json!({
            "notifications": rows.iter().filter(page).take(limit).collect::<Vec<_>>(),
            "unread_count": self.unread(&rows),
            "seq": list["seq"],
            "change": list["change"],
        }))
    }

    pub(super) fn notification(&self, id: NotificationId) -> Result<Option<Value>, LinkError> {
        let id = id.to_string();
        Ok(self.rows()?.into_iter().find(|row| row["id"] == id))
    }

    /// What was told here, then what the hub gave out, newest first, each with what was chosen here.
    pub(super) fn rows(&self) -> Result<Vec<Value>, LinkError> {
        let Some(kept) = &self.kept else { return Ok(Vec::new()) };
        let listed = kept.content.told["notifications"]["notifications"].as_array().cloned().unwrap_or_default();
        let is_listed = |id: &NotificationId| listed.iter().any(|row| row["id"] == id.to_string());
        let mut own: Vec<_> =
            self.decided.values().filter(|row| row.notification.is_some() && !is_listed(&row.id)).collect();
        own.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        let own = own.into_iter().filter_map(|row| serde_json::from_str(row.notification.as_deref()?).ok());
        let reports = self.file.reports(usize::MAX >> 1).map_err(super::unwritten)?;
        let mut rows: Vec<Value> = own.chain(listed).collect();
        for report in &reports {
            let id = report.id.to_string();
            if let Some(row) = rows.iter_mut().find(|row| row["id"] == id) {
                mark(row, report, self.now());
            }
        }
        Ok(rows)
    }

    /// Those that the hub counted are less by what was chosen here, and more by what was told here.
    pub(super) fn unread(&self, rows: &[Value]) -> u64 {
        let Some(kept) = &self.kept else { return 0 };
        let list = &kept.content.told["notifications"];
        let unread = |rows: &mut dyn Iterator<Item = &Value>| rows.filter(|row| row["is_read"] == false).count() as u64;
        let before = unread(&mut list["notifications"].as_array().into_iter().flatten());
        let counted = list["unread_count"].as_u64().unwrap_or(0);
        (counted + unread(&mut rows.iter())).saturating_sub(before)
    }
}

/// Puts what was chosen here into a row.
fn mark(row: &mut Value, report: &ShownAway, now: Option<Timestamp>) {
    let now = now.map(|now| now.to_string());
    match report.wish {
        Some(Wish::Dismissed) => row["dismissed_at"] = json!(now),
        Some(Wish::Snoozed { due, .. }) => row["snoozed_until"] = json!(due.to_string()),
        None => return,
    }
    row["is_read"] = json!(true);
}

/// An event as the hub wrote it.
fn listed<'a>(told: &'a Value, id: &str) -> Option<&'a Value> {
    told["events"].as_array()?.iter().find(|event| event["id"] == id)
}

fn says(event: &Event, text: &str) -> bool {
    let contact = event.contact.as_ref().and_then(|contact| contact.name.as_deref());
    [Some(event.title.as_str()), event.comment.as_deref(), event.location.as_deref(), contact]
        .into_iter()
        .flatten()
        .any(|part| part.to_lowercase().contains(text))
}

fn hub_away() -> Answer {
    let message = "the computer with the office's events is off: changes are possible again when it is on";
    Answer { status: UNAVAILABLE, body: json!({ "error": { "code": "hub_away", "message": message, "field": null } }) }
}
