//! What must be true after a history: told from its beginning, line by line, with nothing kept but what
//! the specification speaks of.

use std::collections::{BTreeMap, BTreeSet};

use super::clock::Trust;
use super::history::{Command, Event, Fact, Line, PEOPLE, Person, Start, Status, When};
use super::zone::{DAY, HOUR, MINUTE, Zone};

/// A notification, as everybody may check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) event: usize,
    /// `assigned`, `30min_before`, …
    pub(crate) kind: String,
    /// The event's first instant at that time.
    pub(crate) begins: i64,
    pub(crate) fired: bool,
    pub(crate) late: bool,
    /// `None`: not predicted, since several reminders make one `missed`.
    pub(crate) due: Option<i64>,
    pub(crate) created: i64,
    /// Of a snooze: the row that is told again.
    pub(crate) parent: Option<usize>,
    pub(crate) change: u64,
    pub(crate) read: bool,
    pub(crate) dismissed: Option<i64>,
    pub(crate) snoozed: Option<i64>,
    pub(crate) withdrawn: Option<i64>,
}

impl Row {
    /// Its person has not settled it, nor the hub taken it back.
    pub(crate) fn is_open(&self) -> bool {
        self.dismissed.is_none() && self.snoozed.is_none() && self.withdrawn.is_none()
    }

    pub(crate) fn is_notice(&self) -> bool {
        self.parent.is_none() && matches!(self.kind.as_str(), "assigned" | "unassigned" | "moved" | "cancelled")
    }
}

/// One reminder: at most one outcome for each, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) event: usize,
    pub(crate) start: Start,
    pub(crate) who: usize,
    /// Minutes, or days of an all-day event.
    pub(crate) offset: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fired,
    Collapsed,
    Skipped,
    Missed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Snooze {
    who: usize,
    row: usize,
    event: usize,
    start: Start,
    due: i64,
}

/// Everything that can be said after a history.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) events: Vec<Event>,
    pub(crate) ids: Vec<String>,
    pub(crate) people: Vec<Person>,
    /// Each person's notifications, in their order.
    pub(crate) told: Vec<Vec<Row>>,
    /// Each person's count of changes.
    pub(crate) changes: Vec<u64>,
    /// The reminders that will be decided, with their due times.
    pub(crate) armed: BTreeMap<Key, i64>,
    pub(crate) settled: BTreeMap<Key, Outcome>,
    snoozes: Vec<Snooze>,
    /// Who was told `missed`, of what.
    missed_starts: BTreeSet<(usize, usize, Start)>,
    pub(crate) trust: Trust,
    /// What time it was for the hub when it looked last.
    pub(crate) now: i64,
}

impl World {
    /// Tells a history from its beginning.
    pub(crate) fn after(history: &[Line]) -> Self {
        let person = Person { minutes: BTreeSet::from([30, 5]), zone: Zone::Paris, is_here: true };
        let mut world = Self {
            people: vec![person; PEOPLE.len()],
            told: vec![Vec::new(); PEOPLE.len()],
            changes: vec![0; PEOPLE.len()],
            ..Self::default()
        };
        for line in history {
            world.tell(line);
        }
        world
    }

    /// Goes on by one line.
    pub(crate) fn tell(&mut self, line: &Line) {
        match &line.fact {
            Fact::Restored(trust) => self.trust = trust.clone(),
            // The machine stays on, and with it what the hub makes of its clocks.
            Fact::Started | Fact::Done(..) | Fact::Awake | Fact::Looked => {}
        }
        let now = self.trust.time(line.wall, line.boot);
        self.now = now;
        match &line.fact {
            Fact::Awake => self.decide(now),
            Fact::Started | Fact::Restored(_) | Fact::Looked => {}
            Fact::Done(command, id) => {
                self.ids.extend(id.clone());
                self.obey(command, now);
            }
        }
    }

    /// When something will be due.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.armed.values().copied().chain(self.snoozes.iter().map(|snooze| snooze.due)).min()
    }

    pub(crate) fn unread(&self, who: usize) -> usize {
        self.told[who].iter().filter(|row| !row.read).count()
    }

    fn obey(&mut self, command: &Command, now: i64) {
        match command {
            Command::Create { by, event } => {
                self.events.push(event.clone());
                self.changed(*by, self.events.len() - 1, None, now);
            }
            Command::Change { by, event, change } => {
                let before = self.events[*event].clone();
                let after = change.of(&before);
                if after != before {
                    self.events[*event] = after;
                    self.changed(*by, *event, Some(&before), now);
                }
            }
            Command::Delete { by, event } => {
                let before = self.events[*event].clone();
                self.events[*event].deleted = Some(now);
                self.changed(*by, *event, Some(&before), now);
            }
            Command::Restore { by, event } => {
                let before = self.events[*event].clone();
                if self.events[*event].deleted.take().is_some() {
                    self.changed(*by, *event, Some(&before), now);
                }
            }
            Command::Snooze { who, row, minutes } => self.snooze(*who, *row, now + i64::from(*minutes) * MINUTE),
            Command::Dismiss { who, row } => {
                if self.told[*who][*row].dismissed.is_none() {
                    self.snoozes.retain(|snooze| (snooze.who, snooze.row) != (*who, *row));
                    self.touch(*who, *row).dismissed = Some(now);
                }
            }
            Command::Read { who, row } => {
                if !self.told[*who][*row].read {
                    self.touch(*who, *row);
                }
            }
            Command::ReadAll { who } => {
                for row in 0..self.told[*who].len() {
                    if !self.told[*who][row].read {
                        self.touch(*who, row);
                    }
                }
            }
            Command::Prefer { who, minutes } => self.person(*who, now, |person| person.minutes.clone_from(minutes)),
            Command::Travel { who, zone } => self.person(*who, now, |person| person.zone = *zone),
            Command::Leave { who } => self.person(*who, now, |person| person.is_here = false),
            Command::Return { who } => self.person(*who, now, |person| person.is_here = true),
        }
    }

    /// One change of a row: whatever it is, it makes it read.
    fn touch(&mut self, who: usize, row: usize) -> &mut Row {
        self.changes[who] += 1;
        let row = &mut self.told[who][row];
        row.read = true;
        row.change = self.changes[who];
        row
    }

    fn snooze(&mut self, who: usize, row: usize, due: i64) {
        // Of several wishes for one row the latest due wins.
        self.snoozes.retain(|other| (other.who, other.row) != (who, row) || other.due > due);
        if self.snoozes.iter().any(|other| (other.who, other.row) == (who, row)) {
            return;
        }
        let event = self.told[who][row].event;
        let start = self.events[event].start();
        self.snoozes.push(Snooze { who, row, event, start, due });
        self.touch(who, row).snoozed = Some(due);
    }

    fn person(&mut self, who: usize, now: i64, change: impl FnOnce(&mut Person)) {
        let before = self.people[who].clone();
        change(&mut self.people[who]);
        if self.people[who] == before {
            return;
        }
        for event in 0..self.events.len() {
            // Of an event that is over nothing is armed any more.
            let is_armed = self.armed.keys().any(|key| (key.event, key.who) == (event, who));
            let is_put_off = self.snoozes.iter().any(|snooze| (snooze.event, snooze.who) == (event, who));
            if self.events[event].ends() > now || is_armed || is_put_off {
                self.arm(event, who, now);
            }
        }
    }

    /// An event is not as it was: its reminders, what it makes untrue, and who is told.
    fn changed(&mut self, by: usize, event: usize, before: Option<&Event>, now: i64) {
        let after = self.events[event].clone();
        for who in 0..self.people.len() {
            let put_off = |snooze: &&Snooze| (snooze.event, snooze.who) == (event, who);
            let put_off: BTreeSet<usize> = self.snoozes.iter().filter(put_off).map(|snooze| snooze.row).collect();
            self.arm(event, who, now);
            let was_theirs = before.is_some_and(|before| before.is_on() && before.assignees.contains(&who));
            let is_theirs = after.is_on() && after.assignees.contains(&who);
            let is_moved = before.is_some_and(|before| before.start() != after.start());
            let is_done = after.status == Status::Done && after.deleted.is_none();
            let notice = match (was_theirs, is_theirs) {
                (false, false) => continue,
                (true, true) if !is_moved => continue,
                (true, true) => Some("moved"),
                (false, true) => Some("assigned"),
                (true, false) if is_done => None,
                (true, false) if after.assignees.contains(&who) => Some("cancelled"),
                (true, false) => Some("unassigned"),
            };
            if before.is_some() {
                for row in 0..self.told[who].len() {
                    let is_open = self.told[who][row].event == event && self.told[who][row].is_open();
                    if is_open || put_off.contains(&row) {
                        self.touch(who, row).withdrawn = Some(now);
                    }
                }
            }
            let was_over = before.unwrap_or(&after).ends() <= now;
            if let Some(kind) = notice
                && who != by
                && !was_over
                && self.people[who].is_here
            {
                self.notify(who, event, kind, true, Some(now), now, None);
                if let (Some(before), "unassigned" | "cancelled") = (before, kind) {
                    // They are told of what they knew.
                    self.told[who].last_mut().expect("it was told").begins = before.begins();
                }
            }
        }
    }

    /// Which reminders a person has of an event: what is right already, and what was decided, stays.
    fn arm(&mut self, event: usize, who: usize, now: i64) {
        let (it, person) = (&self.events[event], &self.people[who]);
        let start = it.start();
        let is_wanted = it.is_on() && it.assignees.contains(&who) && person.is_here;
        let wanted: BTreeMap<Key, i64> = match is_wanted {
            true => it.dues(person).into_iter().map(|(offset, due)| (Key { event, start, who, offset }, due)).collect(),
            false => BTreeMap::new(),
        };
        self.armed.retain(|key, due| (key.event, key.who) != (event, who) || wanted.get(key) == Some(due));
        for (key, due) in wanted {
            if self.settled.contains_key(&key) || self.armed.contains_key(&key) {
                continue;
            }
            if due <= now {
                self.settled.insert(key, Outcome::Skipped);
            } else {
                self.armed.insert(key, due);
            }
        }
        self.snoozes
            .retain(|snooze| (snooze.event, snooze.who) != (event, who) || (is_wanted && snooze.start == start));
    }

    /// The hub looks at its clock.
    fn decide(&mut self, now: i64) {
        let armed = self.armed.iter().map(|(key, due)| (*due, key.event, key.who));
        let put_off = self.snoozes.iter().map(|snooze| (snooze.due, snooze.event, snooze.who));
        let mut due: Vec<_> = armed.chain(put_off).filter(|(due, ..)| *due <= now).collect();
        // Whatever has waited longest is told first.
        due.sort_by_key(|(due, event, who)| (*due, self.ids[*event].clone(), *who));
        let mut seen = BTreeSet::new();
        for (_, event, who) in due {
            if seen.insert((event, who)) {
                self.decide_for(event, who, now);
            }
        }
    }

    fn decide_for(&mut self, event: usize, who: usize, now: i64) {
        let armed: Vec<(Key, i64)> = self.armed.iter().map(|(key, due)| (*key, *due)).collect();
        let (due, waiting): (Vec<_>, Vec<_>) =
            armed.into_iter().filter(|(key, _)| (key.event, key.who) == (event, who)).partition(|(_, due)| *due <= now);
        let is_too_late = now >= self.events[event].too_late(&self.people[who]);
        let speaks_soon = waiting.iter().any(|(_, due)| *due <= now + MINUTE);
        let smallest = due.iter().map(|(_, due)| *due).max();
        let mut speaks = speaks_soon;
        for (key, due) in due {
            let is_late = now - due > 2_000;
            let outcome = if is_too_late {
                Outcome::Missed
            } else if Some(due) != smallest || (is_late && speaks_soon) {
                Outcome::Collapsed
            } else {
                Outcome::Fired
            };
            self.armed.remove(&key);
            self.settled.insert(key, outcome);
            match outcome {
                Outcome::Missed => self.miss(who, event, now),
                Outcome::Fired => {
                    let unit = if matches!(key.start, Start::At(_)) { "min" } else { "d" };
                    let kind = format!("{}{unit}_before", key.offset);
                    self.notify(who, event, &kind, true, Some(due), now, None);
                    speaks = true;
                }
                Outcome::Collapsed | Outcome::Skipped => {}
            }
        }
        self.decide_snoozes(event, who, now, speaks);
    }

    fn decide_snoozes(&mut self, event: usize, who: usize, now: i64, reminder_speaks: bool) {
        let is_due = |snooze: &Snooze| (snooze.event, snooze.who) == (event, who) && snooze.due <= now;
        let due: Vec<Snooze> = self.snoozes.iter().filter(|snooze| is_due(snooze)).cloned().collect();
        self.snoozes.retain(|snooze| !is_due(snooze));
        let (missed, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|snooze| now - snooze.due > 24 * HOUR);
        if !missed.is_empty() {
            self.miss(who, event, now);
        }
        if let Some(latest) = due.into_iter().max_by_key(|snooze| snooze.due)
            && !reminder_speaks
        {
            let kind = self.told[who][latest.row].kind.clone();
            self.notify(who, event, &kind, true, Some(latest.due), now, Some(latest.row));
        }
    }

    /// One `missed` for each start.
    fn miss(&mut self, who: usize, event: usize, now: i64) {
        let start = self.events[event].start();
        if self.missed_starts.insert((who, event, start)) {
            self.notify(who, event, "missed", false, None, now, None);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a row has that many parts")]
    fn notify(
        &mut self,
        who: usize,
        event: usize,
        kind: &str,
        fired: bool,
        due: Option<i64>,
        now: i64,
        parent: Option<usize>,
    ) {
        self.changes[who] += 1;
        self.told[who].push(Row {
            event,
            kind: kind.to_owned(),
            begins: self.events[event].begins(),
            fired,
            late: due.is_none_or(|due| now - due > 2_000),
            due,
            created: now,
            parent,
            change: self.changes[who],
            read: false,
            dismissed: None,
            snoozed: None,
            withdrawn: None,
        });
    }

    /// The status that a command must be answered with, `None` for success.
    pub(crate) fn refusal(&self, command: &Command, now: i64) -> Option<u16> {
        let is_here = |who: usize| self.people[who].is_here;
        match command {
            Command::Create { by, event } => {
                let stranger = event.assignees.iter().any(|who| !is_here(*who));
                (!is_here(*by)).then_some(401).or(stranger.then_some(422))
            }
            Command::Change { by, event, change } => {
                if !is_here(*by) {
                    return Some(401);
                }
                let before = &self.events[*event];
                if before.deleted.is_some() {
                    return Some(404);
                }
                let after = change.of(before);
                if !self.may(*by, before, &after) {
                    return Some(403);
                }
                let newcomers = after.assignees.difference(&before.assignees);
                newcomers.into_iter().any(|who| !is_here(*who)).then_some(422)
            }
            Command::Delete { by, event } => {
                let it = &self.events[*event];
                let is_theirs = *by == super::history::ADA || it.creator == *by;
                match (is_here(*by), it.deleted, is_theirs) {
                    (false, ..) => Some(401),
                    (_, Some(_), _) => Some(404),
                    (.., false) => Some(403),
                    _ => None,
                }
            }
            Command::Restore { by, event } => {
                let it = &self.events[*event];
                let is_theirs = *by == super::history::ADA || it.creator == *by;
                match (is_here(*by), is_theirs, it.deleted) {
                    (false, ..) => Some(401),
                    (_, false, _) => Some(403),
                    (.., Some(deleted)) if now - deleted > 30 * DAY => Some(404),
                    _ => None,
                }
            }
            Command::Snooze { who, row, .. } => {
                let row = &self.told[*who][*row];
                let it = &self.events[row.event];
                let is_ahead = it.is_on() && it.assignees.contains(who);
                let tells = !matches!(row.kind.as_str(), "unassigned" | "cancelled" | "missed");
                let is_refused = row.withdrawn.is_some() || row.dismissed.is_some() || !is_ahead || !tells;
                (!is_here(*who)).then_some(401).or(is_refused.then_some(409))
            }
            Command::Dismiss { who, .. }
            | Command::Read { who, .. }
            | Command::ReadAll { who }
            | Command::Prefer { who, .. }
            | Command::Travel { who, .. } => (!is_here(*who)).then_some(401),
            Command::Leave { .. } | Command::Return { .. } => None,
        }
    }

    /// Who made it, and an admin, may change anything; an assignee sets the status and hands it on.
    fn may(&self, by: usize, before: &Event, after: &Event) -> bool {
        let handed_on = !after.assignees.contains(&by)
            && before.assignees.iter().all(|who| *who == by || after.assignees.contains(who));
        let rest = Event { status: before.status, assignees: before.assignees.clone(), ..after.clone() };
        by == super::history::ADA
            || before.creator == by
            || (before.assignees.contains(&by) && rest == *before && (after.assignees == before.assignees || handed_on))
    }

    /// Whether the start of an event is in whole days.
    pub(crate) fn is_all_day(&self, event: usize) -> bool {
        matches!(self.events[event].when, When::Days { .. })
    }
}
