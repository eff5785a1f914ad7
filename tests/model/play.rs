//! Plays a history: asks the real office, writes down what it acknowledged, tells the oracle, and has
//! the checks compare.

use rappel_hub::CloseReason;
use rappel_link::Request;

use crate::asking::Inbox;
use crate::checks;
use crate::device::Device;
use crate::office::Office;
use crate::op::{Choice, Op};
use crate::oracle::history::{ANN, BOB, Command, Fact, Line, When};
use crate::oracle::world::World;
use crate::oracle::zone::{DAY, HOUR, MINUTE, utc};

/// Ann's desktop, the laptop that she seldom opens, and Bob's desktop.
const DEVICES: [usize; 3] = [ANN, ANN, BOB];

pub(crate) struct Play {
    pub(crate) office: Office,
    pub(crate) history: Vec<Line>,
    pub(crate) world: World,
    pub(crate) devices: Vec<Device>,
    /// The ids of each person's rows, in their order.
    pub(crate) rows: Vec<Vec<String>>,
    /// How far each person's list has been compared.
    compared: Vec<u64>,
    /// The starts that each event has had.
    pub(crate) starts: Vec<Vec<When>>,
    /// The last command changed something, and nothing of what is armed.
    pub(crate) was_edited: bool,
    /// How far the wall clock was set ahead.
    set_by: i64,
    /// The length of the history when it was last backed up.
    backed_up: Option<usize>,
}

/// Plays a whole history and everything that still comes of it.
pub(crate) fn play(begins: usize, ops: &[Op]) {
    let now = [utc(2026, 11, 23) + 8 * HOUR, utc(2026, 10, 24) + 22 * HOUR, utc(2027, 3, 27) + 23 * HOUR][begins % 3];
    let mut play = Play::new(now);
    for op in ops {
        play.office.clocks.pass(1);
        play.take(op);
        play.sync();
    }
    play.finish();
}

impl Play {
    fn new(now: i64) -> Self {
        let office = Office::open(now);
        let devices = DEVICES.iter().enumerate();
        let device = |(place, who): (usize, &usize)| {
            Device::new(*who, office.path(&format!("{place}.db")), office.clocks.of_another_machine())
        };
        let devices = devices.map(device).collect();
        let world = World::after(&[]);
        let people = world.people.len();
        let mut play = Self {
            office,
            history: Vec::new(),
            world,
            devices,
            rows: vec![Vec::new(); people],
            compared: vec![0; people],
            starts: Vec::new(),
            was_edited: false,
            set_by: 0,
            backed_up: None,
        };
        play.note(Fact::Started);
        play.step();
        for device in 0..play.devices.len() {
            play.devices[device].start();
        }
        play.connect(0, None);
        play.connect(2, None);
        play.sync();
        play
    }

    fn note(&mut self, fact: Fact) {
        let line = Line { wall: self.office.clocks.wall(), boot: self.office.clocks.boot(), fact };
        self.world.tell(&line);
        self.history.push(line);
    }

    /// The hub looks at its clock once.
    fn step(&mut self) {
        self.note(Fact::Awake);
        let next = self.office.program().decide();
        checks::next_due(self, next, self.world.next_due());
    }

    /// The hub is awake until an instant of its wall clock.
    fn awake_until(&mut self, until: i64) {
        self.step();
        self.sync();
        loop {
            let (wall, boot) = (self.office.clocks.wall(), self.office.clocks.boot());
            // What the wall clock will show when something is due, or when it is believed again.
            let due = self.world.next_due().map(|due| wall + (due - self.world.now));
            let believed = self.world.trust.believed_at().map(|believed_at| wall + (believed_at - boot));
            let next = due.into_iter().chain(believed).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.office.clocks.pass((next - wall).max(0));
            self.step();
            self.sync();
        }
        self.office.clocks.pass((until - self.office.clocks.wall()).max(0));
        self.step();
    }

    /// The hub is asked something that changes nothing.
    fn look(&mut self) {
        self.office.program().done(&self.office.members[0], &Request::get("/api/me"));
        self.note(Fact::Looked);
    }

    fn take(&mut self, op: &Op) {
        self.look();
        let now = self.office.clocks.wall();
        match op {
            Op::Ask { who, ask, twice, crash } => {
                let Some(command) = self.command(*who, ask) else { return };
                self.ask(&command);
                if *twice && !matches!(command, Command::Create { .. }) {
                    self.ask(&command);
                }
                if *crash {
                    self.crash(0);
                }
                if let Command::Leave { who } = command {
                    self.left(who);
                }
            }
            Op::Wait { ms } => self.awake_until(now + ms),
            Op::WaitFor { event, edge, plus } => {
                if let Some(edge) = self.edge(*event, *edge) {
                    self.awake_until(edge + plus);
                }
            }
            Op::Sleep { ms } => self.sleep(*ms),
            Op::SleepUntil { event, edge, plus } => {
                if let Some(edge) = self.edge(*event, *edge) {
                    self.sleep(edge + plus - now);
                }
            }
            Op::SetClock { by } => self.set_clock(*by),
            Op::SetDeviceClock { device, by } => {
                let clocks = &self.devices[*device].clocks;
                clocks.set(clocks.wall() + by);
            }
            Op::RightClock => self.set_clock(-self.set_by),
            Op::Restart { down } => self.restart(*down),
            Op::Crash { down } => {
                self.step();
                self.crash(*down);
            }
            Op::Backup => {
                let program = self.office.program();
                program.runtime.block_on(program.hub.backup(&self.office.path("backup.db"))).expect("a backup");
                self.backed_up = Some(self.history.len());
            }
            Op::RestoreBackup => self.restore_backup(),
            Op::Connect { device, older } => self.connect(*device, *older),
            Op::Cut { device, arrive, late } => self.cut(*device, *arrive, *late),
            Op::Hold { device } => self.devices[*device].is_held = self.devices[*device].is_connected(),
            Op::Release { device, times } => {
                self.devices[*device].is_held = false;
                self.deliver(*device, usize::MAX, *times);
            }
            Op::App { device, runs } => match (self.devices[*device].is_running(), runs) {
                (true, false) => self.devices[*device].end(),
                (false, true) => self.devices[*device].start(),
                _ => {}
            },
            Op::Die { device, death } => {
                let device = &mut self.devices[*device];
                device.death = device.is_running().then_some(*death);
            }
            Op::Pause { device, is_paused } => {
                self.pause(*device, *is_paused);
            }
            Op::Choose { device, place, choice } => self.choose(*device, *place, *choice),
        }
    }

    /// Asks the hub; what it acknowledges is written down.
    fn ask(&mut self, command: &Command) {
        self.note(Fact::Looked);
        let expected = self.world.refusal(command, self.world.now);
        let row_id = |who: usize, row: usize| self.rows[who].get(row).cloned().unwrap_or_else(|| "none".to_owned());
        let (who, request) = self.office.call_for(&self.world, command, row_id);
        let answer = self.office.program().call(&self.office.members[who], &request);
        checks::answer(command, &answer, expected);
        if !answer.is_success() {
            return;
        }
        let id =
            matches!(command, Command::Create { .. }).then(|| answer.body["id"].as_str().expect("an id").to_owned());
        let armed = self.world.armed.clone();
        self.note(Fact::Done(command.clone(), id));
        let is_change = matches!(command, Command::Change { .. } | Command::Prefer { .. } | Command::Travel { .. });
        self.was_edited = is_change && self.world.armed == armed;
        self.starts.resize(self.world.events.len(), Vec::new());
        for (starts, event) in self.starts.iter_mut().zip(&self.world.events) {
            if !starts.contains(&event.when) {
                starts.push(event.when);
            }
        }
        if let Command::Return { who } = command {
            self.pair(*who);
        }
    }

    /// Somebody has left: their devices are signed out.
    fn left(&mut self, who: usize) {
        for device in 0..self.devices.len() {
            if self.devices[device].who == who && self.devices[device].is_connected() {
                let ended = self.office.program().runtime.block_on(self.devices[device].ended());
                assert_eq!(ended, Some(CloseReason::Revoked), "whoever has left is signed out");
                self.devices[device].cut(0);
            }
        }
    }

    fn sleep(&mut self, ms: i64) {
        self.office.clocks.pass(ms.max(0));
    }

    fn set_clock(&mut self, by: i64) {
        self.set_by += by;
        self.office.clocks.set(self.office.clocks.wall() + by);
        // It does not sleep for longer than a second.
        self.step();
    }

    /// The `edge`-th instant at which something about an event may change, from now on.
    fn edge(&self, event: usize, edge: usize) -> Option<i64> {
        let now = self.office.clocks.wall();
        let event = self.world.events.len().checked_sub(1 + event)?;
        let it = &self.world.events[event];
        let mut edges = vec![it.begins(), it.ends()];
        for person in &self.world.people {
            edges.push(it.too_late(person));
            for (_, due) in it.dues(person) {
                edges.extend([due, due + 2_000, due - MINUTE, due + MINUTE, due + 10_000]);
            }
        }
        edges.extend(self.world.next_due());
        edges.retain(|edge| *edge > now && *edge < now + 4 * DAY);
        edges.sort_unstable();
        edges.dedup();
        edges.get(edge % edges.len().max(1)).copied()
    }

    fn restart(&mut self, down: i64) {
        let connected = self.connected();
        self.office.end();
        self.begin_again(&connected, down);
    }

    /// Killed after what was committed last: nothing of it was sent.
    fn crash(&mut self, down: i64) {
        let connected = self.connected();
        for device in &mut self.devices {
            device.cut(0);
        }
        self.office.crash();
        self.begin_again(&connected, down);
    }

    fn begin_again(&mut self, connected: &[usize], down: i64) {
        for device in &mut self.devices {
            device.cut(0);
        }
        self.office.clocks.pass(down);
        self.office.start();
        self.note(Fact::Started);
        self.step();
        for device in connected {
            self.connect(*device, None);
        }
    }

    /// What came after the backup has not happened.
    fn restore_backup(&mut self) {
        let Some(length) = self.backed_up else { return };
        let connected = self.connected();
        let program = self.office.program();
        program.runtime.block_on(program.hub.restore(&self.office.path("backup.db"))).expect("restored");
        for device in &connected {
            let ended = program.runtime.block_on(self.devices[*device].ended());
            assert_eq!(ended, Some(CloseReason::GoingAway), "sessions of another history are closed");
        }
        self.history.truncate(length);
        let trust = self.world.trust.clone();
        self.world = World::after(&self.history);
        self.note(Fact::Restored(trust));
        self.starts.truncate(self.world.events.len());
        self.compared.fill(u64::MAX);
        for device in &mut self.devices {
            device.cut(0);
            device.stale.clear();
            device.was_restored = device.joined_at.is_some();
            let known = self.world.told[device.who].len() as u64;
            device.joined_at = device.joined_at.map(|joined| joined.min(known));
        }
        // A device that was paired since the backup is unknown, one that was revoked stays so.
        for who in 1..self.world.people.len() {
            if self.world.people[who].is_here {
                self.pair(who);
            }
        }
        self.sync();
        self.step();
        for device in connected {
            self.connect(device, None);
        }
    }

    /// Somebody signs in anew.
    fn pair(&mut self, who: usize) {
        let (admin, person) = (self.office.members[0].clone(), self.office.members[who].id.clone());
        self.office.members[who] = self.office.program().pair(&admin, &person);
    }

    fn connected(&self) -> Vec<usize> {
        (0..self.devices.len()).filter(|device| self.devices[*device].is_connected()).collect()
    }

    fn connect(&mut self, device: usize, older: Option<usize>) {
        let who = self.devices[device].who;
        if self.devices[device].is_connected() || !self.world.people[who].is_here {
            return;
        }
        let program = self.office.program();
        let link = program.link(&self.office.members[who]);
        program.runtime.block_on(self.devices[device].connect(&link, older));
    }

    /// The connection breaks after some frames; of the others some come late.
    fn cut(&mut self, device: usize, arrive: usize, late: usize) {
        self.deliver(device, arrive, 1);
        self.devices[device].cut(late);
    }

    fn deliver(&mut self, device: usize, count: usize, times: usize) {
        let program = self.office.program();
        let who = self.devices[device].who;
        let link = program.link(&self.office.members[who]);
        program.runtime.block_on(self.devices[device].deliver(&link, count, times));
        checks::shown(self, device);
    }

    fn pause(&mut self, device: usize, is_paused: bool) {
        self.devices[device].pause(is_paused);
        self.devices[device].show_due();
        checks::shown(self, device);
    }

    fn choose(&mut self, device: usize, place: usize, choice: Choice) {
        let who = self.devices[device].who;
        let gone = self.devices[device].close(place);
        if !self.devices[device].is_connected() {
            return;
        }
        for id in gone {
            let Some(row) = self.rows[who].iter().position(|row| *row == id.to_string()) else { continue };
            // Two that are due in the same millisecond are told in no order.
            self.office.clocks.pass(1);
            match choice {
                Choice::Dismiss => self.ask(&Command::Dismiss { who, row }),
                Choice::Snooze(minutes) => self.ask(&Command::Snooze { who, row, minutes }),
                Choice::Close => {}
            }
        }
    }

    /// Compares what has changed, and lets every connected device come to where the hub is.
    pub(crate) fn sync(&mut self) {
        for who in 0..self.world.people.len() {
            if self.compared[who] != self.world.changes[who] && self.world.people[who].is_here {
                self.compare(who);
            }
        }
        for device in 0..self.devices.len() {
            let who = self.devices[device].who;
            if !self.devices[device].is_connected() || !self.world.people[who].is_here {
                continue;
            }
            let changes: Vec<u64> = self.world.told[who].iter().map(|row| row.change).collect();
            let program = self.office.program();
            program.runtime.block_on(self.devices[device].drain(&changes));
            if !self.devices[device].is_held {
                self.deliver(device, usize::MAX, 1);
                checks::caught_up(self, device);
            }
        }
    }

    fn compare(&mut self, who: usize) {
        let inbox = Inbox::of(&self.office, &self.world, who);
        self.rows[who] = inbox.rows.iter().map(|row| row.id.clone()).collect();
        checks::inbox(self, who, &inbox);
        self.compared[who] = self.world.changes[who];
    }

    /// Everybody is there and awake until nothing is left to come.
    fn finish(&mut self) {
        self.office.clocks.pass(1);
        self.set_clock(-self.set_by);
        for who in 1..self.world.people.len() {
            if !self.world.people[who].is_here {
                self.ask(&Command::Return { who });
            }
        }
        for device in 0..self.devices.len() {
            self.devices[device].is_held = false;
            if !self.devices[device].is_running() {
                self.devices[device].start();
            }
            self.devices[device].death = None;
            self.pause(device, false);
            self.connect(device, None);
        }
        self.sync();
        for _ in 0..100 {
            let Some(next) = self.world.next_due() else { break };
            self.awake_until(next.max(self.office.clocks.wall()) + 6 * MINUTE);
            self.sync();
        }
        self.step();
        self.sync();
        for who in 0..self.world.people.len() {
            self.compare(who);
        }
        checks::end(self);
    }
}
