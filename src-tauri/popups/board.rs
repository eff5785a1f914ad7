//! Which notifications pop up, and how: alone, or together on the "while you were away" card.
//!
//! Pure: told what the hub sent and what is on screen, it answers what to show, what to close and
//! how far the cursor may move. The cursor stays behind the oldest notification that waits, so
//! that none is lost when the desktop stops before it could be shown.

use std::collections::{BTreeMap, HashMap};

use rappel_link::frame::{Notification, Outcome};
use rappel_link::{Cursor, NotificationId, Resume, Timestamp};

/// What is older is in the list only.
const CARD_REACHES_BACK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// As long as its words are true to the minute, a notification that had to wait still pops up.
const FRESH_FOR_MS: i64 = 60 * 1000;

/// What is to be shown now.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Due {
    /// Together on one card.
    pub(crate) card: Vec<Notification>,
    /// Each on its own.
    pub(crate) alone: Vec<Notification>,
}

struct Waiting {
    row: Notification,
    /// It came while nobody could be shown it.
    away: bool,
}

/// The popups of one desktop: waiting, on screen, and dealt with.
#[derive(Default)]
pub(crate) struct Board {
    /// Where the hub stands, as far as this desktop has been told.
    told: Option<Cursor>,
    /// Rows up to this `seq` are a replay that is still coming in.
    replaying: Option<u64>,
    /// This desktop has been connected before, since it started.
    was_connected: bool,
    waiting: BTreeMap<u64, Waiting>,
    /// Ids by `seq` from the oldest that waits, to name where the cursor stands.
    ids: BTreeMap<u64, NotificationId>,
    /// With the event that each is about.
    on_screen: HashMap<NotificationId, Option<String>>,
    on_card: BTreeMap<u64, Notification>,
}

impl Board {
    /// Takes up where the ledger says that this desktop had come to.
    pub(crate) fn new(cursor: Option<Cursor>) -> Self {
        let ids = cursor.iter().filter_map(|cursor| Some((cursor.seq, cursor.last_id?))).collect();
        Self { told: cursor, ids, ..Self::default() }
    }

    /// What to ask the hub for. A desktop that was never there has missed nothing.
    pub(crate) fn resume(&self) -> Resume {
        self.told.as_ref().map_or_else(Resume::default, |cursor| Resume {
            since: Some(cursor.seq),
            last_id: cursor.last_id,
            changes_since: Some(cursor.change),
        })
    }

    /// The hub has taken the session and stands at `seq` and `change`.
    pub(crate) fn connected(&mut self, seq: u64, change: u64) {
        match &self.told {
            None => self.told = Some(Cursor { seq, last_id: None, change }),
            Some(told) => self.replaying = (seq > told.seq).then_some(seq),
        }
        if self.replaying.is_none() {
            self.was_connected = true;
        }
    }

    /// A notification that this session was not told of. `seen` says that this desktop has shown
    /// it already, `held` that nothing is shown at the moment.
    pub(crate) fn arrived(&mut self, row: Notification, seen: bool, held: bool, now: Timestamp) {
        if self.told.is_some_and(|told| row.seq <= told.seq) {
            return;
        }
        let away = held || (self.replaying.is_some() && !self.was_connected);
        self.move_told(&row);
        if self.replaying.is_some_and(|last| row.seq >= last) {
            self.replaying = None;
            self.was_connected = true;
        }
        if !seen && is_worth_showing(&row, now) {
            self.waiting.insert(row.seq, Waiting { row, away });
        }
    }

    /// A row changed.
    pub(crate) fn updated(&mut self, row: &Notification) {
        if let Some(told) = &mut self.told {
            told.change = told.change.max(row.change);
        }
        if row.is_read || row.is_settled() {
            self.waiting.remove(&row.seq);
        }
    }

    /// A row of the card was settled elsewhere. Answers whether that was the last one.
    pub(crate) fn settled_on_card(&mut self, row: &Notification) -> bool {
        row.is_settled() && self.on_card.remove(&row.seq).is_some() && self.on_card.is_empty()
    }

    /// Everything was read: what waits has been seen in a list. Popups on screen stay.
    pub(crate) fn all_read(&mut self, change: u64) {
        if let Some(told) = &mut self.told {
            told.change = told.change.max(change);
        }
        self.waiting.clear();
    }

    /// The hub does not know the cursor: start from where it stands, with what it lists.
    pub(crate) fn restarted(&mut self, seq: u64, change: u64, listed: Vec<(Notification, bool)>, now: Timestamp) {
        self.waiting.clear();
        self.ids.clear();
        self.replaying = None;
        self.was_connected = true;
        for (row, seen) in listed {
            self.ids.insert(row.seq, row.id);
            if !seen && is_worth_showing(&row, now) {
                self.waiting.insert(row.seq, Waiting { row, away: true });
            }
        }
        self.told = Some(Cursor { seq, last_id: self.ids.get(&seq).copied(), change });
    }

    /// What waits is to come on a card, whatever its age: notifications were paused.
    pub(crate) fn hold(&mut self) {
        for waiting in self.waiting.values_mut() {
            waiting.away = true;
        }
    }

    /// What to show now. Nothing while a replay is coming in, so that it makes one card.
    pub(crate) fn due(&self, now: Timestamp) -> Due {
        if self.replaying.is_some() {
            return Due::default();
        }
        let mut due = Due::default();
        for Waiting { row, away } in self.waiting.values() {
            let stale = now.as_ms() - row.created_at.as_ms() > FRESH_FOR_MS;
            if *away || stale { due.card.push(row.clone()) } else { due.alone.push(row.clone()) }
        }
        due
    }

    /// A popup of its own is on screen.
    pub(crate) fn shown_alone(&mut self, row: &Notification) {
        self.waiting.remove(&row.seq);
        self.on_screen.insert(row.id, row.event.id.clone());
    }

    /// What the card on screen stands for, oldest first.
    pub(crate) fn on_card(&self) -> impl Iterator<Item = &Notification> {
        self.on_card.values()
    }

    /// The card on screen stands for these too.
    pub(crate) fn shown_on_card(&mut self, rows: Vec<Notification>) {
        for row in rows {
            self.waiting.remove(&row.seq);
            self.on_card.insert(row.seq, row);
        }
    }

    /// What waited is not to be shown after all.
    pub(crate) fn drop_waiting(&mut self, row: &Notification) {
        self.waiting.remove(&row.seq);
    }

    /// A popup has left the screen. Answers the event it was about.
    pub(crate) fn closed(&mut self, id: NotificationId) -> Option<String> {
        self.on_screen.remove(&id).flatten()
    }

    /// The card has left the screen. Answers what it stood for.
    pub(crate) fn card_closed(&mut self) -> Vec<NotificationId> {
        std::mem::take(&mut self.on_card).into_values().map(|row| row.id).collect()
    }

    /// How far this desktop is done: what is to be remembered.
    pub(crate) fn cursor(&mut self) -> Option<Cursor> {
        let told = self.told?;
        let Some(oldest) = self.waiting.keys().next().copied() else {
            self.ids.retain(|seq, _| *seq >= told.seq);
            return Some(told);
        };
        let seq = oldest.saturating_sub(1).min(told.seq);
        self.ids.retain(|known, _| *known >= seq);
        Some(Cursor { seq, last_id: self.ids.get(&seq).copied(), change: told.change })
    }

    fn move_told(&mut self, row: &Notification) {
        self.ids.insert(row.seq, row.id);
        let told = self.told.get_or_insert(Cursor { seq: 0, last_id: None, change: 0 });
        if row.seq > told.seq {
            told.seq = row.seq;
            told.last_id = Some(row.id);
        }
        // In a replay the changes of earlier rows come after the new ones: if it breaks off before
        // they do, they must be asked for again.
        if self.replaying.is_none() {
            told.change = told.change.max(row.change);
        }
    }
}

/// Fired, not yet seen anywhere, not taken back, and of the last days.
fn is_worth_showing(row: &Notification, now: Timestamp) -> bool {
    row.outcome == Outcome::Fired
        && !row.is_read
        && !row.is_settled()
        && now.as_ms() - row.created_at.as_ms() <= CARD_REACHES_BACK_MS
}

#[cfg(test)]
pub(crate) mod example {
    //! Notifications as the hub sends them.

    use rappel_link::frame::Notification;
    use serde_json::json;

    /// When the examples were decided.
    pub(crate) const DECIDED_MS: i64 = 1_795_422_600_000;

    /// The 30-minute reminder of a visit, as row `seq`.
    pub(crate) fn reminder(seq: u64) -> Notification {
        serde_json::from_value(json!({
            "id": format!("00000000-0000-8000-8000-{seq:012}"), "seq": seq, "change": seq, "type": "event",
            "notification_type": "30min_before", "outcome": "fired", "title": "Rappel événement",
            "message": "Votre événement commence dans 30 minutes (23/11/2026 à 10:00) - Marie Dupont\nApporter les plans",
            "minutes_before": 30, "event_id": "01930000-0000-7000-8000-000000000001",
            "event": {
                "id": "01930000-0000-7000-8000-000000000001", "datetime": "2026-11-23T09:00:00.000Z",
                "contactId": "c-17", "contactName": "Marie Dupont", "comment": "Apporter les plans",
                "title": "Visite de chantier", "location": "12 rue des Lilas", "endsAt": "2026-11-23T10:00:00.000Z",
                "allDay": false, "timeZone": "Europe/Paris",
            },
            "data": {"notification_type": "30min_before", "minutes_before": 30},
            "due_at": "2026-11-23T08:30:00.000Z", "created_at": "2026-11-23T08:30:00.000Z", "late": false,
            "parent_id": null, "is_read": false, "dismissed_at": null, "snoozed_until": null, "withdrawn_at": null,
        }))
        .expect("a notification as the hub writes it")
    }
}

#[cfg(test)]
mod tests {
    use super::example::{DECIDED_MS, reminder};
    use super::*;

    fn after(ms: i64) -> Timestamp {
        Timestamp::from_ms(DECIDED_MS + ms).expect("an instant")
    }

    /// How a row of another state is made.
    type Settling = fn(&mut Notification);

    fn seqs(rows: &[Notification]) -> Vec<u64> {
        rows.iter().map(|row| row.seq).collect()
    }

    fn cursor_at(seq: u64) -> Cursor {
        Cursor { seq, last_id: (seq > 0).then(|| reminder(seq).id), change: seq }
    }

    /// A board that is connected and was told everything up to `seq`.
    fn connected_at(seq: u64) -> Board {
        let mut board = Board::new(Some(cursor_at(seq)));
        board.connected(seq, seq);
        board
    }

    #[test]
    fn the_examples_are_of_the_instant_they_say() {
        assert_eq!(reminder(1).created_at, after(0));
    }

    #[test]
    fn a_desktop_that_was_never_there_has_missed_nothing() {
        let mut board = Board::new(None);
        assert_eq!(board.resume(), Resume::default());
        board.connected(40, 90);
        assert_eq!(board.cursor(), Some(Cursor { seq: 40, last_id: None, change: 90 }));
        board.arrived(reminder(41), false, false, after(5));
        assert_eq!(seqs(&board.due(after(5)).alone), [41], "what comes from then on pops up");
    }

    #[test]
    fn what_comes_while_it_is_there_pops_up_alone() {
        let mut board = connected_at(7);
        board.arrived(reminder(8), false, false, after(10));
        let due = board.due(after(10));
        assert_eq!((seqs(&due.alone), due.card), (vec![8], vec![]));
        board.shown_alone(&due.alone[0]);
        assert_eq!(board.due(after(20)), Due::default(), "a popup on screen is not asked for again");
    }

    #[test]
    fn what_came_while_it_was_away_is_one_card_once_all_is_there() {
        let mut board = Board::new(Some(cursor_at(3)));
        assert_eq!(board.resume(), Resume { since: Some(3), last_id: Some(reminder(3).id), changes_since: Some(3) });
        board.connected(5, 5);
        board.arrived(reminder(4), false, false, after(10));
        assert_eq!(board.due(after(10)), Due::default(), "half a replay would make two cards");
        board.arrived(reminder(5), false, false, after(10));
        assert_eq!(seqs(&board.due(after(10)).card), [4, 5]);
        board.arrived(reminder(6), false, false, after(11));
        assert_eq!(seqs(&board.due(after(11)).alone), [6], "what comes after the replay is live");
    }

    #[test]
    fn a_short_loss_of_the_session_makes_no_card() {
        let mut board = connected_at(7);
        board.connected(8, 8);
        board.arrived(reminder(8), false, false, after(30_000));
        assert_eq!(seqs(&board.due(after(30_000)).alone), [8], "its words are still true");
        assert_eq!(seqs(&board.due(after(61_000)).card), [8], "after a minute they are not");
    }

    #[test]
    fn only_what_is_new_to_the_person_is_shown() {
        let settle: [(&str, Settling); 6] = [
            ("missed", |row| row.outcome = Outcome::Missed),
            ("read", |row| row.is_read = true),
            ("dismissed", |row| row.dismissed_at = Some("2026-11-23T08:31:00.000Z".into())),
            ("snoozed", |row| row.snoozed_until = Some("2026-11-23T08:36:00.000Z".into())),
            ("withdrawn", |row| row.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into())),
            ("of last week", |row| row.created_at = after(-CARD_REACHES_BACK_MS)),
        ];
        for (what, change) in settle {
            let mut board = connected_at(7);
            let mut row = reminder(8);
            change(&mut row);
            board.arrived(row, false, false, after(1));
            assert_eq!(board.due(after(1)), Due::default(), "{what}");
            assert_eq!(board.cursor().map(|cursor| cursor.seq), Some(8), "{what}: it is dealt with");
        }
    }

    #[test]
    fn what_this_desktop_has_shown_is_never_shown_again() {
        let mut board = Board::new(Some(cursor_at(3)));
        board.connected(4, 4);
        board.arrived(reminder(4), true, false, after(10));
        assert_eq!(board.due(after(10)), Due::default());
    }

    #[test]
    fn the_cursor_waits_for_what_is_not_shown_yet() {
        let mut board = connected_at(7);
        board.arrived(reminder(8), false, true, after(1));
        board.arrived(reminder(9), true, false, after(1));
        assert_eq!(board.cursor(), Some(Cursor { seq: 7, last_id: Some(reminder(7).id), change: 9 }));
        let due = board.due(after(2));
        board.shown_on_card(due.card);
        assert_eq!(board.cursor(), Some(Cursor { seq: 9, last_id: Some(reminder(9).id), change: 9 }));
    }

    #[test]
    fn paused_popups_come_on_a_card() {
        let mut board = connected_at(7);
        board.arrived(reminder(8), false, false, after(1));
        board.hold();
        board.arrived(reminder(9), false, true, after(2));
        assert_eq!(seqs(&board.due(after(3)).card), [8, 9]);
    }

    #[test]
    fn what_is_settled_elsewhere_before_it_was_shown_does_not_come() {
        let mut board = connected_at(7);
        for seq in [8, 9] {
            board.arrived(reminder(seq), false, false, after(1));
        }
        let mut read = reminder(8);
        read.is_read = true;
        board.updated(&read);
        let mut withdrawn = reminder(9);
        withdrawn.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into());
        board.updated(&withdrawn);
        assert_eq!(board.due(after(2)), Due::default());
    }

    #[test]
    fn a_card_closes_with_the_last_of_its_rows_and_grows_with_new_ones() {
        let mut board = Board::new(Some(cursor_at(3)));
        board.connected(5, 5);
        for seq in [4, 5] {
            board.arrived(reminder(seq), false, false, after(10));
        }
        board.shown_on_card(board.due(after(10)).card);
        let mut settled = reminder(4);
        settled.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into());
        assert!(!board.settled_on_card(&settled));
        board.arrived(reminder(6), false, true, after(20));
        assert_eq!(seqs(&board.due(after(20)).card), [6]);
        board.shown_on_card(board.due(after(20)).card);
        let on_card: Vec<u64> = board.on_card().map(|row| row.seq).collect();
        assert_eq!(on_card, [5, 6], "one card, that says all that still holds");
        let mut second = reminder(6);
        second.withdrawn_at.clone_from(&settled.withdrawn_at);
        assert!(!board.settled_on_card(&second));
        let mut last = reminder(5);
        last.withdrawn_at = settled.withdrawn_at;
        assert!(board.settled_on_card(&last));
    }

    #[test]
    fn a_restored_hub_brings_back_nothing_that_was_shown() {
        let mut board = connected_at(50);
        board.restarted(9, 12, vec![(reminder(9), false), (reminder(8), true)], after(10));
        assert_eq!(seqs(&board.due(after(10)).card), [9]);
        assert_eq!(board.resume().since, Some(9));
    }
}
