//! Another computer becomes the hub: because the hub is gone, or because it hands over. Whatever dies
//! meanwhile, there is exactly one.

mod crashing;
mod handing_over;
mod taking_over;

use std::time::Instant;

use serde_json::json;

use crate::harness::{Client, Machine, PATIENCE};

/// A hub, and a computer that stands by.
struct Two {
    hub: Machine,
    heir: Machine,
    admin: Client,
    ann: Client,
    /// The heir's device.
    device: String,
}

impl Two {
    #[track_caller]
    fn open() -> Self {
        let mut hub = Machine::new();
        hub.serve();
        let link = hub.line("first sign-in: ");
        let admin = hub.nobody().pair(&crate::harness::secret_of(&link));
        let ann = admin.add("Ann");
        let invited = admin.post(&format!("/api/people/{}/invitations", admin.id), &json!({})).expect(201);
        let mut heir = Machine::new();
        heir.stand_by(invited["link"].as_str());
        let device = heir.line("standing by as ");
        let two = Self { hub, heir, admin, ann, device };
        until_or("the heir was heard", || two.hub.run(&["keeper"]).out.contains("\tonline\t"), || two.logs());
        two
    }

    /// Has the heir keep a copy, and waits until it does.
    #[track_caller]
    fn with_copy(self) -> Self {
        self.hub.run(&["keeper", &self.device]).out();
        self.wait_for_copy();
        self
    }

    #[track_caller]
    fn wait_for_copy(&self) {
        until("a copy is kept", || {
            let keeper = self.admin.get("/api/hub/keeper").expect(200);
            keeper["keeper"]["kept_at"].is_string()
        });
    }

    /// What is said when this cannot be understood otherwise.
    fn logs(&self) -> String {
        format!("hub:\n{}\nheir:\n{}", self.hub.log(), self.heir.log())
    }
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, holds: impl FnMut() -> bool) {
    until_or(what, holds, String::new);
}

/// As [`until`], with more to say when it does not.
#[track_caller]
fn until_or(what: &str, mut holds: impl FnMut() -> bool, more: impl Fn() -> String) {
    let give_up_at = Instant::now() + PATIENCE * 2;
    while !holds() {
        assert!(Instant::now() < give_up_at, "{what}: {}", more());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
