//! What a desktop tells by itself: the hub's own decision, on what the hub had armed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rappel_core::arm::{Armed, Purpose, State as ArmedState};
use rappel_core::decide::{Situation, Verdict, decide};
use rappel_core::event::Event;
use rappel_core::notification::{self, Cause, EventSnapshot, Kind, Offset, Outcome, key};
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, Timestamp, text};
use rappel_hub::wire::notification::NotificationItem;
use rappel_store::ToldBefore;
use rappel_store::replica_file::Decided;
use serde_json::Value;

use super::content::{ArmedHere, Content, cause};
use super::{Known, OwnDecisions, State, unwritten};
use crate::LinkError;
use crate::frame::Notification;

/// What is later than this is told as having come while nobody was there, as the board has it.
const FRESH_FOR_MS: i64 = 60_000;
/// What is older is in the list only.
const REACHES_BACK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl State {
    /// What is armed and not decided, here and by the hub, by event.
    fn pending(&self) -> BTreeMap<EventId, Vec<ArmedHere>> {
        let mut pending: BTreeMap<EventId, Vec<ArmedHere>> = BTreeMap::new();
        let Some(kept) = &self.kept else { return pending };
        let put_off = self.put_off.iter().map(|row| {
            let (purpose, state) = (Purpose::Snooze(row.id), ArmedState::Pending);
            let armed = Armed { start: row.start, purpose, due: row.due, armed_at: row.armed_at, state };
            ArmedHere::new(self.person, row.event, armed, Some(row.told_before))
        });
        for row in kept.content.armed.iter().copied().chain(put_off) {
            let id = row.id;
            let is_answered = row.told_before.is_some_and(|told| self.is_put_off_again(told, &row));
            if !self.decided.contains_key(&id) && !self.pointless.contains(&id) && !is_answered {
                pending.entry(row.event).or_default().push(row);
            }
        }
        pending
    }

    /// A snooze of the hub's counts no more once its notification was dismissed or put off here.
    fn is_put_off_again(&self, told: ToldBefore, row: &ArmedHere) -> bool {
        let is_here = |id| self.put_off.iter().any(|here| Purpose::Snooze(here.id) == id);
        self.answered.contains(&told.id) && !is_here(row.armed.purpose)
    }

    /// When something is to be looked at: what was decided and is still to be handed out counts.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let now = self.now()?;
        let is_open = |row: &&Decided| {
            row.notification.is_some() && !row.is_settled && now.as_ms() - row.at.as_ms() <= REACHES_BACK_MS
        };
        let waiting = self.decided.values().filter(|row| !self.handed_out.contains(&row.id)).filter(is_open);
        self.pending().values().flatten().map(|row| row.armed.due).chain(waiting.map(|row| row.at)).min()
    }

    pub(super) fn decide(&mut self) -> Result<OwnDecisions, LinkError> {
        let mut own = OwnDecisions::default();
        let (Some(now), Some(kept)) = (self.now(), &self.kept) else { return Ok(own) };
        let (mut decided, mut pointless) = (Vec::new(), Vec::new());
        for (event, rows) in self.pending() {
            if rows.iter().all(|row| row.armed.due > now) {
                continue;
            }
            let Some(event) = kept.content.events.get(&event) else {
                pointless.extend(rows.iter().map(|row| row.id));
                continue;
            };
            let armed: Vec<Armed> = rows.iter().map(|row| row.armed).collect();
            let situation = Situation::of(event, self.person, true, &kept.content.preferences);
            for (row, verdict) in rows.iter().zip(decide(now, &situation, &armed)) {
                let (id, start) = (row.id, row.armed.start);
                let ended = |state| Decided {
                    id,
                    event: row.event,
                    start,
                    state,
                    at: now,
                    notification: None,
                    shown_at: None,
                    is_settled: false,
                };
                match verdict {
                    Verdict::Wait => {}
                    // The hub may arm it anew.
                    Verdict::Cancelled | Verdict::Skipped => pointless.push(id),
                    Verdict::Collapsed => decided.push(ended(ArmedState::Collapsed)),
                    Verdict::Missed => {
                        decided.push(ended(ArmedState::Missed));
                        let told = kept.content.telling(event, row, Cause::Missed, true, now);
                        decided.push(Decided {
                            id: told.id,
                            notification: Some(written(&told)),
                            ..ended(ArmedState::Missed)
                        });
                    }
                    Verdict::Fire { late } => {
                        let told = kept.content.telling(event, row, cause(row.armed.purpose), late, now);
                        decided.push(Decided { notification: Some(written(&told)), ..ended(ArmedState::Fired) });
                    }
                }
            }
        }
        self.pointless.extend(pointless);
        decided.retain(|row| !self.decided.contains_key(&row.id));
        if !decided.is_empty() {
            self.file.decide(&decided).map_err(unwritten)?;
            for row in decided {
                self.decided.entry(row.id).or_insert(row);
            }
        }
        self.hand_out(now, &mut own);
        Ok(own)
    }

    /// What was decided here and was not handed out since this program started, the first due first.
    fn hand_out(&mut self, now: Timestamp, own: &mut OwnDecisions) {
        let is_recent = |row: &&Decided| now.as_ms() - row.at.as_ms() <= REACHES_BACK_MS;
        let is_fresh = |row: &&Decided| !self.handed_out.contains(&row.id);
        let fresh: Vec<&Decided> = self.decided.values().filter(is_recent).filter(is_fresh).collect();
        let mut told = Vec::new();
        for row in &fresh {
            if self.is_all_said(row) {
                own.said.push(NotificationId::of_key(&key(row.event, row.start, self.person, Cause::Missed)));
            }
            let Some(notification) = row.notification.as_deref().and_then(|text| serde_json::from_str(text).ok())
            else {
                own.said.push(row.id);
                continue;
            };
            let Told { row: notification, due_at }: Told = notification;
            let due = Timestamp::parse_rfc3339(&due_at).unwrap_or(row.at);
            let is_away = row.state == ArmedState::Missed || now.as_ms() - due.as_ms() > FRESH_FOR_MS;
            if !row.is_settled {
                told.push((due, notification, is_away));
            }
        }
        let handed_out: Vec<NotificationId> = fresh.iter().map(|row| row.id).collect();
        self.handed_out.extend(handed_out);
        told.sort_by_key(|(due, row, _)| (*due, row.id));
        own.told.extend(told.into_iter().map(|(_, row, is_away)| (row, is_away)));
    }

    /// Whether every reminder of this start was told here in time: then nobody has missed it, whatever
    /// a hub that was off makes of it later.
    fn is_all_said(&self, row: &Decided) -> bool {
        let is_missed = |other: &&Decided| other.state == ArmedState::Missed;
        let of_start = |other: &&Decided| (other.event, other.start) == (row.event, row.start);
        let is_pending = |other: &ArmedHere| (other.event, other.armed.start) == (row.event, row.start);
        !self.decided.values().filter(of_start).any(|other| is_missed(&other))
            && !self.pending().values().flatten().any(is_pending)
    }

    /// A notification that was decided here, or that the hub gave out.
    pub(super) fn known(&self, id: NotificationId) -> Option<Known> {
        let content = &self.kept.as_ref()?.content;
        let here = self.decided.get(&id).and_then(|row| {
            let written: Value = serde_json::from_str(row.notification.as_deref()?).ok()?;
            Some((row.event, row.start, written))
        });
        let (event, start, written) = match here {
            Some(here) => here,
            None => {
                let listed = content.told["notifications"]["notifications"].as_array()?;
                let row = listed.iter().find(|row| row["id"] == id.to_string())?;
                let event: EventId = row["event_id"].as_str()?.parse().ok()?;
                (event, content.events.get(&event)?.schedule.start_key(), row.clone())
            }
        };
        let kind = match written["notification_type"].as_str()? {
            // Where it was is not on the wire: told again, it says how long it is until it starts.
            "moved" => Kind::Reminder(match start {
                StartKey::Timed(_) => Offset::Minutes(0),
                StartKey::AllDay(_) => Offset::Days(0),
            }),
            other => Kind::parse(other, None)?,
        };
        Some(Known { event, start, kind })
    }
}

/// As it is kept.
#[derive(serde::Deserialize)]
struct Told {
    #[serde(flatten)]
    row: Notification,
    due_at: String,
}

impl Content {
    /// The notification of a row, as the hub would have made it.
    fn telling(
        &self,
        event: &Event,
        row: &ArmedHere,
        cause: Cause,
        late: bool,
        now: Timestamp,
    ) -> notification::Notification {
        let kind = match (cause, row.armed.purpose, row.told_before) {
            (Cause::Missed, ..) => Kind::Missed,
            (_, Purpose::Reminder(offset), _) => Kind::Reminder(offset),
            (_, Purpose::Snooze(_), Some(told)) => told.kind,
            (_, Purpose::Snooze(_), None) => Kind::Assigned,
        };
        let text = text::write(kind, event, &self.preferences, now);
        let start: StartKey = row.armed.start;
        notification::Notification {
            id: NotificationId::of_key(&key(event.id, start, self.person, cause)),
            // Its place in the history is the hub's to give.
            seq: 0,
            change: 0,
            kind,
            outcome: if cause == Cause::Missed { Outcome::Missed } else { Outcome::Fired },
            title: text.title,
            message: text.message,
            event: Arc::new(EventSnapshot::from(event)),
            due_at: row.armed.due,
            created_at: now,
            late,
            parent: row.told_before.filter(|_| cause != Cause::Missed).map(|told| told.id),
            is_read: false,
            dismissed_at: None,
            snoozed_until: None,
            withdrawn_at: None,
        }
    }
}

fn written(row: &notification::Notification) -> String {
    serde_json::to_string(&NotificationItem::from(row)).expect("BUG: a notification is a map with text keys")
}
