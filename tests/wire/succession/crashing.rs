//! A handover in which one of the two dies, at each point of its work. Started again, there is exactly
//! one hub, and it has all that was ever acknowledged.

use super::{Two, until, until_or};
use crate::harness::event_in;

const DAY: i64 = 86_400;

/// Who dies, where, and who is the hub afterwards.
fn survives(who: Dies, point: &str, heir_is_hub: bool) {
    let mut two = Two::open();
    two.admin.create(&event_in(DAY, &[&two.ann.id]));
    let inbox = two.ann.inbox();
    let dying = match who {
        Dies::Hub => &mut two.hub,
        Dies::Heir => &mut two.heir,
    };
    dying.kill();
    dying.dies_at(point);
    match who {
        Dies::Hub => drop(two.hub.serve()),
        Dies::Heir => {
            two.heir.stand_by(None);
            two.heir.line("standing by as ");
        }
    }
    let mut handing_over = None;
    until(&format!("{point}: the handover has begun, and somebody died"), || {
        let begun = handing_over.get_or_insert_with(|| two.hub.begin(&["handover", &two.device]));
        // Too early: the other one had not been heard yet.
        if begun.is_finished() && !two.hub.has_died() && !two.heir.has_died() {
            handing_over = None;
        }
        match who {
            Dies::Hub => two.hub.has_died(),
            Dies::Heir => two.heir.has_died(),
        }
    });
    match who {
        Dies::Hub => {
            two.hub.wait_for_death();
            two.hub.lives();
            two.hub.serve();
        }
        Dies::Heir => {
            two.heir.wait_for_death();
            two.heir.lives();
            two.heir.stand_by(None);
        }
    }
    let (one, other) = if heir_is_hub { (&two.heir, &two.hub) } else { (&two.hub, &two.heir) };
    let writes_again = || {
        let admin = one.client(&two.admin);
        let event =
            admin.try_request("POST", "/api/events").map(|request| request.json(&event_in(DAY, &[&two.ann.id])));
        event.and_then(|event| event.try_send().ok()).is_some_and(|answer| answer.status == 201)
    };
    until_or(&format!("{point}: one is the hub"), writes_again, || two.logs());
    assert!(!other.reigns(), "{point}: and the other one is not");
    let now = one.client(&two.ann).inbox();
    assert_eq!(now[..inbox.len()], inbox[..], "{point}: with all that was there");
    assert_eq!(now.len(), inbox.len() + 1, "{point}: and what was written since, once");
    if !heir_is_hub {
        // It works the next time.
        let handed_over = || two.hub.run(&["handover", &two.device]).code == 0;
        until_or(&format!("{point}: it is handed over later"), handed_over, || two.logs());
        until_or(&format!("{point}: the heir serves"), || two.heir.reigns(), || two.logs());
        assert!(!two.hub.reigns());
    }
}

/// The other computer is gone for good while nothing is written: whoever sits at the hub need not wait.
#[cfg(debug_assertions)]
#[test]
fn a_handover_is_given_up_and_the_hub_goes_on() {
    let mut two = Two::open();
    two.heir.kill();
    two.heir.dies_at("heir-accepted");
    two.heir.stand_by(None);
    two.heir.line("standing by as ");
    let mut handing_over = None;
    until("the heir died", || {
        let begun = handing_over.get_or_insert_with(|| two.hub.begin(&["handover", &two.device]));
        if begun.is_finished() && !two.heir.has_died() {
            handing_over = None;
        }
        two.heir.has_died()
    });
    let refused = two.admin.post("/api/events", &event_in(DAY, &[&two.ann.id]));
    assert_eq!((refused.refusal(503), refused.header("retry-after")), ("hub_moving".into(), Some("1")));
    two.admin.get("/api/events").expect(200);
    let people = two.admin.get("/api/devices").expect(200)["devices"].as_array().unwrap().len();
    two.hub.run(&["handover", "--cancel"]).out();
    two.admin.create(&event_in(DAY, &[&two.ann.id]));
    assert_eq!(two.admin.get("/api/devices").expect(200)["devices"].as_array().unwrap().len(), people);
    two.heir.wait_for_death();
    two.heir.lives();
    two.heir.stand_by(None);
    two.heir.line("standing by as ");
    until_or("it stands by as before", || two.hub.run(&["keeper"]).out.contains("\tonline\t"), || two.logs());
    assert!(two.hub.reigns() && !two.heir.reigns());
}

#[derive(Clone, Copy)]
enum Dies {
    Hub,
    Heir,
}

macro_rules! crashes {
    ($($name:ident: $who:expr, $point:literal, $heir_is_hub:literal;)*) => {
        $(
            #[cfg(debug_assertions)]
            #[test]
            fn $name() {
                survives($who, $point, $heir_is_hub);
            }
        )*
    };
}

crashes! {
    the_hub_dies_before_it_is_frozen: Dies::Hub, "handover-accepting", false;
    the_hub_dies_when_it_is_frozen: Dies::Hub, "handover-accepted", false;
    the_hub_dies_before_it_has_decided: Dies::Hub, "handover-committing", false;
    the_hub_dies_when_it_has_decided: Dies::Hub, "handover-committed", true;
    the_heir_dies_when_it_has_accepted: Dies::Heir, "heir-accepted", true;
    the_heir_dies_when_it_has_fetched: Dies::Heir, "heir-fetched", true;
    the_heir_dies_when_it_is_ready: Dies::Heir, "heir-ready", true;
    the_heir_dies_before_it_has_heard_the_decision: Dies::Heir, "heir-committed", true;
    the_heir_dies_when_everything_is_in_place: Dies::Heir, "heir-installed", true;
}
