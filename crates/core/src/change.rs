//! What a change of an event means for its people: who is told, and what stops being true.
//!
//! Each row of the table of changes has a test named after it. Which reminders are armed or
//! cancelled follows from the event alone: see [`crate::arm`].

use crate::event::{Event, Status};
use crate::schedule::StartKey;
use crate::{PersonId, Timestamp};

/// What a notice tells somebody about a change that somebody else made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The event is now yours, or is to take place after all.
    Assigned,
    /// The event is no longer yours. Never worded as "cancelled".
    Unassigned,
    /// The event starts at another time.
    Moved {
        /// The start it had.
        from: StartKey,
    },
    /// The event will not take place.
    Cancelled,
}

/// What a change means for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequence {
    /// Who.
    pub person: PersonId,
    /// What they are told; `None` for whoever made the change.
    pub notice: Option<Notice>,
    /// Their earlier notifications of the event are no longer true: what is open of them closes.
    pub withdraw: bool,
}

/// The consequences of one change for everybody it touches; `before` is `None` for a new event.
///
/// Notices go to everybody but `actor`, and only if the event was not over before the change.
/// Notifications are withdrawn in any case.
#[must_use]
pub fn consequences(now: Timestamp, actor: PersonId, before: Option<&Event>, after: &Event) -> Vec<Consequence> {
    let was_over = before.unwrap_or(after).schedule.over_at() <= now;
    let assigned_before = before.map_or(&[][..], |event| &event.assignees);
    let newcomers = after.assignees.iter().filter(|person| !assigned_before.contains(person));
    assigned_before
        .iter()
        .chain(newcomers)
        .filter_map(|person| {
            let effect = effect_on(*person, before, after)?;
            let notice = effect.filter(|_| *person != actor && !was_over);
            Some(Consequence { person: *person, notice, withdraw: before.is_some() })
        })
        .collect()
}

/// What happened to one person: `None` if nothing did, `Some(None)` if there is nothing to say.
fn effect_on(person: PersonId, before: Option<&Event>, after: &Event) -> Option<Option<Notice>> {
    let was_theirs = before.is_some_and(|event| event.is_active() && event.is_assigned(person));
    let is_assigned = after.is_assigned(person);
    match (was_theirs, after.is_active()) {
        (false, true) if is_assigned => Some(Some(Notice::Assigned)),
        (true, true) if !is_assigned => Some(Some(Notice::Unassigned)),
        (true, true) => {
            let from = before?.schedule.start_key();
            (from != after.schedule.start_key()).then_some(Some(Notice::Moved { from }))
        }
        (true, false) if after.deleted_at.is_none() && after.status == Status::Done => Some(None),
        (true, false) if !is_assigned => Some(Some(Notice::Unassigned)),
        (true, false) => Some(Some(Notice::Cancelled)),
        (false, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{ann, at, bob, event, timed};

    const NOW: &str = "2026-11-23T08:00:00Z";

    fn carl() -> PersonId {
        PersonId::from_bytes([3; 16])
    }

    /// What Bob's change means: each person with their notice and whether something is withdrawn.
    fn changed(before: Option<&Event>, after: &Event) -> Vec<(PersonId, Option<Notice>, bool)> {
        changed_at(NOW, before, after)
    }

    fn changed_at(now: &str, before: Option<&Event>, after: &Event) -> Vec<(PersonId, Option<Notice>, bool)> {
        let all = consequences(at(now), bob(), before, after);
        all.into_iter().map(|one| (one.person, one.notice, one.withdraw)).collect()
    }

    fn assigned_to(assignees: &[PersonId]) -> Event {
        Event { assignees: assignees.to_vec(), ..event() }
    }

    fn moved_to(start: &str) -> Event {
        Event { schedule: timed(start), ..event() }
    }

    #[test]
    fn assigned_well_before() {
        assert_eq!(changed(None, &event()), [(ann(), Some(Notice::Assigned), false)]);
    }

    #[test]
    fn assigned_20_min_before() {
        assert_eq!(changed_at("2026-11-23T09:40:00Z", None, &event()), [(ann(), Some(Notice::Assigned), false)]);
    }

    #[test]
    fn assigned_after_the_start() {
        assert_eq!(changed_at("2026-11-23T10:20:00Z", None, &event()), [(ann(), Some(Notice::Assigned), false)]);
        assert_eq!(changed_at("2026-11-23T11:00:00Z", None, &event()), [(ann(), None, false)], "it was over");
    }

    #[test]
    fn self_assignment() {
        assert_eq!(changed(None, &assigned_to(&[bob()])), [(bob(), None, false)]);
    }

    #[test]
    fn reassigned_from_a_to_b() {
        assert_eq!(
            changed(Some(&assigned_to(&[ann()])), &assigned_to(&[carl()])),
            [(ann(), Some(Notice::Unassigned), true), (carl(), Some(Notice::Assigned), true)]
        );
    }

    #[test]
    fn reassigned_from_a_to_b_to_a() {
        let back = changed(Some(&assigned_to(&[carl()])), &assigned_to(&[ann()]));
        assert_eq!(back[1], (ann(), Some(Notice::Assigned), true), "the unread \"no longer yours\" is withdrawn");
    }

    #[test]
    fn several_assignees() {
        let before = assigned_to(&[ann(), bob()]);
        assert_eq!(
            changed(Some(&before), &assigned_to(&[ann(), bob(), carl()])),
            [(carl(), Some(Notice::Assigned), true)]
        );
        assert_eq!(changed(Some(&before), &assigned_to(&[bob()])), [(ann(), Some(Notice::Unassigned), true)]);
    }

    #[test]
    fn creator_not_an_assignee() {
        assert_eq!(changed(None, &assigned_to(&[])), []);
    }

    #[test]
    fn moved() {
        let from = event().schedule.start_key();
        assert_eq!(
            changed(Some(&event()), &moved_to("2026-11-24T10:00:00Z")),
            [(ann(), Some(Notice::Moved { from }), true)]
        );
    }

    #[test]
    fn moved_into_the_past() {
        let from = event().schedule.start_key();
        assert_eq!(
            changed(Some(&event()), &moved_to("2026-11-22T10:00:00Z")),
            [(ann(), Some(Notice::Moved { from }), true)]
        );
    }

    #[test]
    fn moved_after_it_was_over() {
        let changed = changed_at("2026-11-23T11:00:00Z", Some(&event()), &moved_to("2026-11-24T10:00:00Z"));
        assert_eq!(changed, [(ann(), None, true)]);
    }

    #[test]
    fn title_place_comment_contact_end() {
        let mut edited = event();
        edited.title = "Call".into();
        edited.location = Some("Here".into());
        edited.comment = Some("Bring the plans".into());
        let crate::schedule::Schedule::Timed { duration, .. } = &mut edited.schedule else { unreachable!() };
        *duration = Some(chrono::TimeDelta::minutes(90));
        assert_eq!(changed(Some(&event()), &edited), []);
    }

    #[test]
    fn cancelled_or_deleted() {
        let cancelled = Event { status: Status::Cancelled, ..event() };
        let deleted = Event { deleted_at: Some(at(NOW)), ..event() };
        assert_eq!(changed(Some(&event()), &cancelled), [(ann(), Some(Notice::Cancelled), true)]);
        assert_eq!(changed(Some(&event()), &deleted), [(ann(), Some(Notice::Cancelled), true)]);
        let cancelled_and_deleted = Event { deleted_at: Some(at(NOW)), ..cancelled.clone() };
        assert_eq!(changed(Some(&cancelled), &cancelled_and_deleted), [], "they have been told");
    }

    #[test]
    fn done() {
        let done = Event { status: Status::Done, ..event() };
        assert_eq!(changed(Some(&event()), &done), [(ann(), None, true)]);
    }

    #[test]
    fn planned_again() {
        let cancelled = Event { status: Status::Cancelled, ..event() };
        assert_eq!(changed(Some(&cancelled), &event()), [(ann(), Some(Notice::Assigned), true)]);
        let deleted = Event { deleted_at: Some(at(NOW)), ..event() };
        assert_eq!(changed(Some(&deleted), &event()), [(ann(), Some(Notice::Assigned), true)]);
    }

    #[test]
    fn offsets_changed() {
        let mut other = event();
        other.reminders = Some(crate::event::ReminderMinutes::parse("reminders", vec![10]).unwrap());
        assert_eq!(changed(Some(&event()), &other), []);
    }

    #[test]
    fn whoever_acts_gets_no_notice_but_what_they_have_on_screen_closes() {
        let mine = assigned_to(&[bob()]);
        let moved = Event { schedule: timed("2026-11-24T10:00:00Z"), ..mine.clone() };
        assert_eq!(changed(Some(&mine), &moved), [(bob(), None, true)]);
    }
}
