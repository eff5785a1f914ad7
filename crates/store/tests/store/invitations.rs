//! Invitations: one pairing each, by a link for a week or by a short code for five minutes.

use chrono::TimeDelta;
use rappel_core::person::Role;
use rappel_core::{PersonId, Timestamp};
use rappel_store::{By, Caller, Conflict, DeviceKind, Error, Invited, Paired, PersonPatch};

use crate::fixture::{Office, at, new_person, open};

async fn invite(office: &Office, who: Caller, now: Timestamp) -> Invited {
    office.store.invite(By::Caller(office.ada), who.actor.person, now).await.unwrap()
}

async fn redeem(office: &Office, code: &str, now: Timestamp) -> Result<Paired, Error> {
    office.store.redeem(code.into(), DeviceKind::Browser, "Firefox".into(), now).await
}

fn is_refused(result: &Result<Paired, Error>) -> bool {
    matches!(result, Err(Error::InvitationRefused))
}

/// The code with its last sign changed: the right selector, a wrong proof.
fn wrong(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    format!("{rest}{}", if last == "0" { '1' } else { '0' })
}

#[tokio::test]
async fn a_link_pairs_one_device() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    let paired = redeem(&office, &invited.link_secret, at("08:01")).await.unwrap();
    assert_eq!(paired.person.id, office.ann.actor.person);
    assert_eq!((paired.device.kind, paired.device.name.as_str()), (DeviceKind::Browser, "Firefox"));
    let caller = office.store.authenticate(&paired.token, at("08:02")).await.unwrap().unwrap();
    assert_eq!((caller.actor.person, caller.device), (paired.person.id, paired.device.id));
    assert!(is_refused(&redeem(&office, &invited.link_secret, at("08:03")).await), "one use");
    assert!(is_refused(&redeem(&office, &invited.short_code, at("08:03")).await), "nor by its code");
}

#[tokio::test]
async fn a_link_works_for_seven_days() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    assert_eq!(invited.link_expires_at, at("08:00") + TimeDelta::days(7));
    assert!(is_refused(&redeem(&office, &invited.link_secret, invited.link_expires_at).await));
    let last = invited.link_expires_at - TimeDelta::milliseconds(1);
    assert!(redeem(&office, &invited.link_secret, last).await.is_ok());
}

#[tokio::test]
async fn a_short_code_works_for_five_minutes_however_it_is_typed() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    assert_eq!(invited.code_expires_at, at("08:05"));
    assert!(is_refused(&redeem(&office, &invited.short_code, at("08:05")).await));
    let typed = format!(" {} ", invited.short_code.to_lowercase().replace('-', " "));
    let last = at("08:05") - TimeDelta::milliseconds(1);
    assert!(redeem(&office, &typed, last).await.is_ok());
    assert!(is_refused(&redeem(&office, &invited.link_secret, at("08:04")).await), "it is used, its link too");
}

#[tokio::test]
async fn five_wrong_tries_void_that_code_and_nothing_else() {
    let office = Office::open().await;
    let anns = invite(&office, office.ann, at("08:00")).await;
    let carls = invite(&office, office.carl, at("08:00")).await;
    for _ in 0..5 {
        assert!(is_refused(&redeem(&office, &wrong(&anns.short_code), at("08:01")).await));
    }
    assert!(is_refused(&redeem(&office, &anns.short_code, at("08:02")).await), "void");
    assert!(redeem(&office, &carls.short_code, at("08:02")).await.is_ok(), "others are not touched");
    assert!(redeem(&office, &anns.link_secret, at("08:02")).await.is_ok(), "no wrong guess voids the link");
}

#[tokio::test]
async fn a_refused_code_costs_the_same_whatever_is_wrong_with_it() {
    let office = Office::open().await;
    let anns = invite(&office, office.ann, at("08:00")).await;
    let carls = invite(&office, office.carl, at("08:00")).await;
    redeem(&office, &carls.link_secret, at("08:00")).await.unwrap();
    let log = office.path().with_extension("db-wal");
    let written = || std::fs::metadata(&log).unwrap().len();
    let unknown = format!("{}{}", if anns.short_code.starts_with('0') { '1' } else { '0' }, &anns.short_code[1..]);
    let mut costs = Vec::new();
    for (code, now) in [
        (&unknown, "08:01"),
        (&wrong(&anns.short_code), "08:01"),
        (&carls.short_code, "08:01"),
        (&wrong(&carls.short_code), "08:01"),
        (&anns.short_code, "08:05"),
    ] {
        let before = written();
        assert!(is_refused(&redeem(&office, code, at(now)).await));
        costs.push(written() - before);
    }
    assert!(costs[0] > 0 && costs.iter().all(|cost| *cost == costs[0]), "the work would tell what is wrong: {costs:?}");
    assert_eq!(office.count("SELECT event_change FROM office"), 0, "and nothing came of it");
}

#[tokio::test]
async fn the_fifth_try_may_still_be_right() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    for _ in 0..4 {
        assert!(is_refused(&redeem(&office, &wrong(&invited.short_code), at("08:01")).await));
    }
    assert!(redeem(&office, &invited.short_code, at("08:01")).await.is_ok());
}

#[tokio::test]
async fn what_is_no_code_at_all_is_refused_alike() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    for code in ["", "-", "7KQ2-M4XW-9TDC", "é", "' OR 1=1 --", &invited.link_secret[..21], &"x".repeat(10_000)] {
        assert!(is_refused(&redeem(&office, code, at("08:01")).await), "{code}");
    }
    assert!(redeem(&office, &invited.link_secret, at("08:01")).await.is_ok());
}

#[tokio::test]
async fn each_invitation_of_a_person_pairs_a_device_of_its_own() {
    let office = Office::open().await;
    let phones = invite(&office, office.ann, at("08:00")).await;
    let laptops = invite(&office, office.ann, at("08:01")).await;
    for code in [&phones.link_secret, &laptops.short_code] {
        assert!(redeem(&office, code, at("08:02")).await.is_ok());
    }
    for used in [&phones.short_code, &laptops.link_secret] {
        assert!(is_refused(&redeem(&office, used, at("08:03")).await), "link and code are one invitation");
    }
}

#[tokio::test]
async fn an_invitation_ends_with_its_persons_leaving() {
    let office = Office::open().await;
    let invited = invite(&office, office.ann, at("08:00")).await;
    let active = |active| PersonPatch { active: Some(active), ..PersonPatch::default() };
    let (by, ann) = (By::Caller(office.ada), office.ann.actor.person);
    office.store.update_person(by, ann, active(false), at("08:01")).await.unwrap();
    assert!(is_refused(&redeem(&office, &invited.link_secret, at("08:02")).await));
    let again = office.store.invite(by, ann, at("08:02")).await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::InactivePerson))), "{again:?}");
    office.store.update_person(by, ann, active(true), at("08:03")).await.unwrap();
    assert!(is_refused(&redeem(&office, &invited.link_secret, at("08:04")).await), "coming back revives nothing");
    let nobody = office.store.invite(by, PersonId::from_bytes([7; 16]), at("08:02")).await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
}

#[tokio::test]
async fn the_first_sign_in_is_offered_at_each_start_until_there_is_a_device() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    let store = open(&path);
    assert!(matches!(store.first_sign_in(at("08:00")).await, Err(Error::NotFound)), "there is nobody yet");
    let ada = store.add_first_admin("Ada".into(), at("08:00")).await.unwrap().unwrap();
    let first = store.first_sign_in(at("08:00")).await.unwrap().unwrap();
    drop(store);

    let store = open(&path);
    let second = store.first_sign_in(at("09:00")).await.unwrap().unwrap();
    let redeem = |code: &str, now| store.redeem(code.to_owned(), DeviceKind::Browser, "Firefox".into(), now);
    assert!(
        is_refused(&redeem(&first.link_secret, at("09:01")).await),
        "a later start voids what an earlier one printed"
    );
    let paired = redeem(&second.link_secret, at("09:01")).await.unwrap();
    assert_eq!(paired.person, ada);
    assert!(store.first_sign_in(at("09:02")).await.unwrap().is_none());
}

#[tokio::test]
async fn the_printed_first_sign_in_outlives_a_token_but_not_a_paired_device() {
    for (kind, is_void) in [(DeviceKind::Token, false), (DeviceKind::Browser, true)] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir.path().join("rappel.db"));
        store.add_first_admin("Ada".into(), at("08:00")).await.unwrap();
        let printed = store.first_sign_in(at("08:00")).await.unwrap().unwrap();
        let bob = store.add_person(By::CommandLine, new_person("Bob", Role::Member), at("08:01")).await.unwrap();
        store.create_token(By::CommandLine, bob.id, kind, "first".into(), at("08:02")).await.unwrap();
        let late = store.redeem(printed.link_secret, DeviceKind::Browser, "Firefox".into(), at("08:03")).await;
        assert_eq!(is_refused(&late), is_void, "{kind:?}");
        assert!(store.first_sign_in(at("08:04")).await.unwrap().is_none(), "the next start prints none");
    }
}

#[tokio::test]
async fn a_proven_code_counts_as_long_as_it_is_open() {
    let office = Office::open().await;
    let carl = office.carl.actor.person;
    let invite = async || {
        let invited = office.store.invite(By::Caller(office.ada), carl, at("08:00")).await.unwrap();
        let (selector, hash) = rappel_store::typed_code(&invited.short_code).unwrap();
        let code = office.store.code_of(selector, at("08:01")).await.unwrap().unwrap();
        assert_eq!(code.hash, hash);
        (invited, code.invitation)
    };
    let proven = async |id, now| office.store.redeem_proven(id, [7; 32], "Laptop".into(), now).await;

    let (late, id) = invite().await;
    assert!(is_refused(&proven(id, late.code_expires_at).await), "too late");
    assert_eq!(proven(id, at("08:04")).await.unwrap().person.id, carl);
    assert!(is_refused(&proven(id, at("08:04")).await), "one use");

    let (_, id) = invite().await;
    for _ in 0..5 {
        office.store.count_wrong_code(id).await.unwrap();
    }
    assert!(is_refused(&proven(id, at("08:02")).await), "guessed wrong too often");
}
