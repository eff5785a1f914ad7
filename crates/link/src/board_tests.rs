//! What the board decides, told row by row.

use rappel_core::Timestamp;

use super::example::reminder;
use super::*;

/// When the examples were decided.
const DECIDED_MS: i64 = 1_795_422_600_000;
/// What is older is in the list only.
const CARD_REACHES_BACK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How long the desktop had been on by then, in milliseconds.
const ON_FOR_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

fn hub_at(ms: i64) -> Timestamp {
    Timestamp::from_ms(DECIDED_MS + ms).expect("an instant")
}

fn on_for(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ON_FOR_MS + ms).expect("it was on"))
}

/// So long after they were decided.
fn after(ms: i64) -> Moment {
    Moment { since_boot: on_for(ms), hub: hub_at(ms) }
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
    assert_eq!(reminder(1).created_at, hub_at(0));
}

#[test]
fn a_desktop_that_was_never_there_has_missed_nothing() {
    let mut board = Board::new(None);
    assert_eq!(board.resume(), Resume::default());
    board.connected(40, 90);
    assert_eq!(board.cursor(), Some(Cursor { seq: 40, last_id: None, change: 90 }));
    board.arrived(reminder(41), false, false, after(5));
    assert_eq!(seqs(&board.due(on_for(5)).alone), [41], "what comes from then on pops up");
}

#[test]
fn what_comes_while_it_is_there_pops_up_alone() {
    let mut board = connected_at(7);
    board.arrived(reminder(8), false, false, after(10));
    let due = board.due(on_for(10));
    assert_eq!((seqs(&due.alone), due.card), (vec![8], vec![]));
    board.shown_alone(&due.alone[0]);
    assert_eq!(board.due(on_for(20)), Due::default(), "a popup on screen is not asked for again");
}

#[test]
fn what_came_while_it_was_away_is_one_card_once_all_is_there() {
    let mut board = Board::new(Some(cursor_at(3)));
    assert_eq!(board.resume(), Resume { since: Some(3), last_id: Some(reminder(3).id), changes_since: Some(3) });
    board.connected(5, 5);
    board.arrived(reminder(4), false, false, after(10));
    assert_eq!(board.due(on_for(10)), Due::default(), "half a replay would make two cards");
    board.arrived(reminder(5), false, false, after(10));
    assert_eq!(seqs(&board.due(on_for(10)).card), [4, 5]);
    board.arrived(reminder(6), false, false, after(11));
    assert_eq!(seqs(&board.due(on_for(11)).alone), [6], "what comes after the replay is live");
}

#[test]
fn a_short_loss_of_the_session_makes_no_card() {
    let mut board = connected_at(7);
    board.connected(8, 8);
    board.arrived(reminder(8), false, false, after(30_000));
    assert_eq!(seqs(&board.due(on_for(30_000)).alone), [8], "its words are still true");
    assert_eq!(seqs(&board.due(on_for(61_000)).card), [8], "after a minute they are not");
}

#[test]
fn what_comes_as_it_is_decided_is_of_that_moment_whatever_the_clocks_say() {
    for hub_clock in [-3_600_000, 0, 30 * 24 * 3_600_000] {
        let mut board = connected_at(7);
        // As when the hub's clock was set since it said what time it is.
        let now = Moment { since_boot: on_for(0), hub: hub_at(hub_clock) };
        board.arrived(reminder(8), false, false, now);
        assert_eq!(seqs(&board.due(on_for(60_000)).alone), [8], "{hub_clock}: its words are true for a minute");
        assert_eq!(seqs(&board.due(on_for(60_001)).card), [8], "{hub_clock}: and no longer");
    }
}

#[test]
fn what_the_hub_did_before_its_clock_was_set_back_is_not_older_than_this_moment() {
    let mut board = connected_at(7);
    board.connected(8, 8);
    board.arrived(reminder(8), false, false, after(-3_600_000));
    assert_eq!(seqs(&board.due(on_for(-3_600_000)).alone), [8]);
    assert_eq!(seqs(&board.due(on_for(-3_539_999)).card), [8]);
}

#[test]
fn only_what_is_new_to_the_person_is_shown() {
    let settle: [(&str, Settling); 5] = [
        ("read", |row| row.is_read = true),
        ("dismissed", |row| row.dismissed_at = Some("2026-11-23T08:31:00.000Z".into())),
        ("snoozed", |row| row.snoozed_until = Some("2026-11-23T08:36:00.000Z".into())),
        ("withdrawn", |row| row.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into())),
        ("of last week", |row| row.created_at = hub_at(-CARD_REACHES_BACK_MS)),
    ];
    for (what, change) in settle {
        let mut board = connected_at(7);
        board.connected(8, 8);
        let mut row = reminder(8);
        change(&mut row);
        board.arrived(row, false, false, after(1));
        assert_eq!(board.due(on_for(1)), Due::default(), "{what}");
        assert_eq!(board.cursor().map(|cursor| cursor.seq), Some(8), "{what}: it is dealt with");
    }
}

#[test]
fn what_was_missed_is_on_the_card_alone() {
    let missed = |seq| Notification { outcome: Outcome::Missed, ..reminder(seq) };
    let mut board = connected_at(7);
    board.arrived(missed(8), false, false, after(1));
    let due = board.due(on_for(1));
    assert_eq!((seqs(&due.card), due.alone), (vec![8], vec![]), "as it is decided: the hub's machine slept");
    board.shown_on_card(due.card);
    board.connected(10, 10);
    board.arrived(missed(9), false, false, after(2));
    board.arrived(reminder(10), false, false, after(2));
    let due = board.due(on_for(2));
    assert_eq!((seqs(&due.card), seqs(&due.alone)), (vec![9], vec![10]), "also after a short loss of the session");
    board.shown_on_card(due.card);
    board.arrived(missed(11), false, true, after(3));
    assert_eq!(seqs(&board.due(on_for(3)).card), [11], "while popups are held back, too");
}

#[test]
fn what_this_desktop_has_shown_is_never_shown_again() {
    let mut board = Board::new(Some(cursor_at(3)));
    board.connected(4, 4);
    board.arrived(reminder(4), true, false, after(10));
    assert_eq!(board.due(on_for(10)), Due::default());
}

#[test]
fn the_cursor_waits_for_what_is_not_shown_yet() {
    let mut board = connected_at(7);
    board.arrived(reminder(8), false, true, after(1));
    board.arrived(reminder(9), true, false, after(1));
    assert_eq!(board.cursor(), Some(Cursor { seq: 7, last_id: Some(reminder(7).id), change: 9 }));
    let due = board.due(on_for(2));
    board.shown_on_card(due.card);
    assert_eq!(board.cursor(), Some(Cursor { seq: 9, last_id: Some(reminder(9).id), change: 9 }));
}

#[test]
fn paused_popups_come_on_a_card() {
    let mut board = connected_at(7);
    board.arrived(reminder(8), false, false, after(1));
    board.hold();
    board.arrived(reminder(9), false, true, after(2));
    assert_eq!(seqs(&board.due(on_for(3)).card), [8, 9]);
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
    assert_eq!(board.due(on_for(2)), Due::default());
}

#[test]
fn a_card_closes_with_the_last_of_its_rows_and_grows_with_new_ones() {
    let mut board = Board::new(Some(cursor_at(3)));
    board.connected(5, 5);
    for seq in [4, 5] {
        board.arrived(reminder(seq), false, false, after(10));
    }
    board.shown_on_card(board.due(on_for(10)).card);
    let mut settled = reminder(4);
    settled.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into());
    board.updated(&settled);
    assert_eq!(board.card(), Card::Outdated, "it is to be drawn again, without that row");
    board.arrived(reminder(6), false, true, after(20));
    assert_eq!(seqs(&board.due(on_for(20)).card), [6]);
    board.shown_on_card(board.due(on_for(20)).card);
    let on_card: Vec<u64> = board.on_card().map(|row| row.seq).collect();
    assert_eq!(on_card, [5, 6], "one card, that says all that still holds");
    assert_eq!(board.card(), Card::Right);
    let mut second = reminder(6);
    second.withdrawn_at.clone_from(&settled.withdrawn_at);
    board.updated(&second);
    assert_eq!(board.card(), Card::Outdated);
    let mut last = reminder(5);
    last.withdrawn_at = settled.withdrawn_at;
    board.updated(&last);
    assert_eq!(board.card(), Card::Over);
    board.card_closed();
    assert_eq!(board.card(), Card::Right);
}

#[test]
fn what_is_no_longer_true_of_an_event_leaves_the_screen() {
    for kind in ["cancelled", "moved", "unassigned"] {
        let mut board = connected_at(7);
        let mut other = reminder(10);
        other.event.id = Some("another event".into());
        for row in [reminder(8), other.clone()] {
            assert_eq!(board.arrived(row.clone(), false, false, after(1)), []);
            board.shown_alone(&row);
        }
        board.shown_on_card(vec![reminder(9), other]);
        let mut waiting = reminder(11);
        waiting.notification_type = "5min_before".into();
        board.arrived(waiting, false, false, after(2));
        let mut notice = reminder(12);
        notice.notification_type = kind.into();
        let superseded = board.arrived(notice.clone(), false, false, after(3));
        assert_eq!(superseded, [reminder(8).id, reminder(9).id], "{kind}");
        assert_eq!(board.card(), Card::Outdated, "{kind}");
        assert_eq!(seqs(&board.due(on_for(3)).alone), [12], "{kind}: the notice itself comes");
        board.shown_alone(&notice);
        assert_eq!(board.arrived(notice, false, false, after(4)), [], "{kind}: told twice, it closes nothing");
    }
}

#[test]
fn a_restored_hub_brings_back_nothing_that_was_shown() {
    let mut board = connected_at(50);
    board.restarted(9, 12, vec![(reminder(9), false), (reminder(8), true)], after(10));
    assert_eq!(seqs(&board.due(on_for(10)).card), [9]);
    assert_eq!(board.resume().since, Some(9));
}

#[test]
fn a_card_from_before_a_restore_is_not_mistaken_for_what_has_its_numbers_now() {
    let mut board = connected_at(3);
    for seq in [4, 5] {
        board.arrived(reminder(seq), false, true, after(1));
    }
    board.shown_on_card(board.due(on_for(1)).card);
    // The first is not in the backup, the second came again under another number.
    let again = Notification { seq: 4, ..reminder(5) };
    board.restarted(4, 4, vec![(again.clone(), true)], after(10));
    let other = Notification { seq: 5, id: reminder(99).id, ..reminder(5) };
    board.arrived(other.clone(), false, true, after(11));
    let mut settled = other.clone();
    settled.dismissed_at = Some("2026-11-23T08:31:00.000Z".into());
    board.updated(&settled);
    assert_eq!(board.card(), Card::Right, "none of it is on the card");
    board.arrived(Notification { seq: 6, id: reminder(98).id, ..reminder(6) }, false, true, after(12));
    board.shown_on_card(board.due(on_for(12)).card);
    let ids: Vec<NotificationId> = board.on_card().map(|row| row.id).collect();
    assert_eq!(ids, [reminder(4).id, reminder(5).id, reminder(98).id], "each once");
    let settled = Notification { dismissed_at: settled.dismissed_at, ..again };
    board.updated(&settled);
    assert_eq!(board.card(), Card::Outdated, "by its present number, too");
}

#[test]
fn what_the_list_says_is_settled_leaves_the_screen() {
    let mut board = connected_at(3);
    for seq in [4, 5] {
        board.arrived(reminder(seq), false, false, after(1));
        board.shown_alone(&reminder(seq));
    }
    board.shown_on_card(vec![reminder(6)]);
    let settled = |seq| Notification { dismissed_at: Some("2026-11-23T08:31:00.000Z".into()), ..reminder(seq) };
    let listed = vec![(settled(7), false), (settled(6), true), (settled(5), true), (reminder(4), true)];
    let over = board.restarted(7, 9, listed, after(10));
    assert_eq!(over, [7, 6, 5].map(|seq| reminder(seq).id), "what never was on the screen is never to be, either");
    assert_eq!(board.card(), Card::Over);
}

#[test]
fn a_row_that_is_told_again_leaves_the_screen_when_it_is_settled() {
    let mut board = connected_at(7);
    board.arrived(reminder(8), false, false, after(1));
    board.shown_alone(&reminder(8));
    let cursor = board.cursor();
    assert_eq!(board.arrived(reminder(8), true, false, after(2)), [], "as it was");
    let mut withdrawn = reminder(8);
    withdrawn.withdrawn_at = Some("2026-11-23T08:31:00.000Z".into());
    withdrawn.change = 9;
    assert_eq!(board.arrived(withdrawn, true, false, after(3)), [reminder(8).id]);
    assert_eq!(board.cursor(), cursor, "changes of other rows may be on their way");
}

#[test]
fn a_notice_that_was_put_off_takes_nothing_off_the_screen_when_it_comes_again() {
    let mut board = connected_at(7);
    board.arrived(reminder(8), false, false, after(1));
    board.shown_alone(&reminder(8));
    let moved = Notification { notification_type: "moved".into(), parent_id: Some(reminder(7).id), ..reminder(9) };
    assert_eq!(board.arrived(moved, false, false, after(2)), [], "the reminder is of the start that holds");
    assert_eq!(seqs(&board.due(on_for(2)).alone), [9]);
}

/// As [`reminder`], without a place in the history.
fn own(number: u64) -> Notification {
    Notification { seq: 0, change: 0, ..reminder(number) }
}

#[test]
fn what_it_decides_without_its_hub_pops_up_and_moves_no_cursor() {
    let mut board = connected_at(7);
    board.decided(own(8), false, on_for(0));
    board.decided(own(8), false, on_for(0));
    let due = board.due(on_for(10));
    assert_eq!((due.alone.len(), due.card), (1, vec![]), "once");
    assert_eq!(board.cursor(), Some(cursor_at(7)), "where the hub stands is the hub's to say");
    board.shown_alone(&due.alone[0]);
    board.decided(own(8), false, on_for(0));
    assert_eq!(board.due(on_for(20)), Due::default(), "a popup on screen is not asked for again");
}

#[test]
fn what_it_decides_late_comes_on_the_card() {
    let mut board = connected_at(7);
    board.decided(own(8), true, on_for(0));
    board.decided(own(9), true, on_for(0));
    let due = board.due(on_for(10));
    assert_eq!((due.alone, due.card.len()), (vec![], 2));
}

#[test]
fn what_the_hub_tells_too_is_one() {
    let mut board = connected_at(7);
    board.decided(own(8), false, on_for(0));
    board.arrived(reminder(8), false, false, after(10));
    assert_eq!(seqs(&board.due(on_for(10)).alone), [8], "it has its place now");
    board.shown_alone(&reminder(8));
    assert_eq!(board.due(on_for(10)), Due::default());
}

#[test]
fn a_line_that_breaks_in_a_replay_keeps_nothing_of_its_own_back() {
    let mut board = connected_at(3);
    board.connected(9, 9);
    board.arrived(reminder(4), false, false, after(5));
    board.decided(own(8), false, on_for(0));
    let due = board.due(on_for(10));
    assert_eq!((due.alone, due.card), (vec![own(8)], vec![]), "the replay goes on when there is a line again");
}

#[test]
fn what_it_showed_without_its_hub_goes_when_the_event_has_moved() {
    let mut board = connected_at(7);
    board.decided(own(8), false, on_for(0));
    board.shown_alone(&own(8));
    let moved = Notification { notification_type: "moved".into(), ..reminder(9) };
    assert_eq!(board.arrived(moved, false, false, after(10)), [own(8).id]);

    board.decided(own(8), true, on_for(0));
    board.shown_on_card(vec![own(8), own(10)]);
    board.withdrawn(own(8).id);
    assert_eq!((board.card(), board.on_card().count()), (Card::Outdated, 1));
    board.withdrawn(own(10).id);
    assert_eq!(board.card(), Card::Over);
}

#[test]
fn while_paused_what_it_decides_waits_for_the_card() {
    let mut board = connected_at(7);
    board.decided(own(8), false, on_for(0));
    board.hold();
    assert_eq!(board.due(on_for(10)).card, [own(8)]);
    board.drop_waiting(&own(8));
    assert_eq!(board.due(on_for(10)), Due::default());
}
