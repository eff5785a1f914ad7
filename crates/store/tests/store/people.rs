//! People: joining, changing, leaving; what they choose for themselves.

use rappel_core::PersonId;
use rappel_core::event::ReminderMinutes;
use rappel_core::person::{Locale, QuietHours, Role};
use rappel_store::{By, Committed, Conflict, Error, NewPerson, PersonPatch};

use crate::fixture::{Office, at, draft, minutes, new_person, open, zone};

fn active(active: bool) -> PersonPatch {
    PersonPatch { active: Some(active), ..PersonPatch::default() }
}

fn role(role: Role) -> PersonPatch {
    PersonPatch { role: Some(role), ..PersonPatch::default() }
}

fn is_last_admin<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict(Conflict::LastAdmin)))
}

#[tokio::test]
async fn somebody_who_joins_reads_back_whole() {
    let office = Office::open().await;
    let new = NewPerson {
        name: "Zoé".into(),
        role: Role::Member,
        email: Some("zoe@example.org".into()),
        locale: Some(Locale::En),
        time_zone: Some(zone("Europe/London")),
        reminders: Some(minutes(&[10])),
    };
    let zoe = office.store.add_person(By::Caller(office.ada), new, at("08:00")).await.unwrap();
    assert_eq!(office.store.person(zoe.id).await.unwrap(), zoe);
    assert!(zoe.active && zoe.locale == Some(Locale::En) && zoe.email.as_deref() == Some("zoe@example.org"));
    let names: Vec<_> = office.store.people().await.unwrap().into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["Ada", "Ann", "Bob", "Carl", "Zoé"]);
    assert!(matches!(office.store.person(PersonId::from_bytes([7; 16])).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_office_has_one_first_admin() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("rappel.db"));
    let (one, two) = tokio::join!(
        store.add_first_admin("Ada".into(), at("08:00")),
        store.add_first_admin("Eve".into(), at("08:00"))
    );
    let made: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "whoever is second finds somebody there");
    assert_eq!(made[0].role, Role::Admin);
    assert_eq!(store.people().await.unwrap(), made);
}

#[tokio::test]
async fn the_last_admin_can_neither_step_down_nor_leave() {
    let office = Office::open().await;
    let (ada, ann) = (office.ada.actor.person, office.ann.actor.person);
    for by in [By::Caller(office.ada), By::CommandLine] {
        for patch in [role(Role::Member), active(false)] {
            let refused = office.store.update_person(by, ada, patch, at("08:00")).await;
            assert!(is_last_admin(&refused), "{refused:?}");
        }
    }
    assert!(office.store.authenticate("", at("08:00")).await.unwrap().is_none());
    assert_eq!(office.store.person(ada).await.unwrap().role, Role::Admin);
    assert_eq!(office.store.devices(Some(ada)).await.unwrap().len(), 1, "a refused leave revokes nothing");

    office.store.update_person(By::Caller(office.ada), ann, role(Role::Admin), at("08:01")).await.unwrap();
    office.store.update_person(By::Caller(office.ada), ada, active(false), at("08:02")).await.unwrap();
    let refused = office.store.update_person(By::CommandLine, ann, role(Role::Member), at("08:03")).await;
    assert!(is_last_admin(&refused), "an admin who left does not count: {refused:?}");
}

#[tokio::test]
async fn an_office_without_an_admin_gets_one_and_is_not_stuck_until_then() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("rappel.db"));
    let ann = store.add_person(By::CommandLine, new_person("Ann", Role::Member), at("08:00")).await.unwrap();
    let renamed = PersonPatch { name: Some("Anne".into()), ..PersonPatch::default() };
    let ann = store.update_person(By::CommandLine, ann.id, renamed, at("08:01")).await.unwrap();
    assert_eq!(ann.name, "Anne", "she was not the last admin");
    assert!(store.add_first_admin("Ada".into(), at("08:02")).await.unwrap().is_some());
    assert!(store.add_first_admin("Eve".into(), at("08:03")).await.unwrap().is_none());
}

#[tokio::test]
async fn leaving_revokes_every_device_and_says_so() {
    let office = Office::open().await;
    let carl = office.carl.actor.person;
    office.announced();
    office.store.update_person(By::Caller(office.ada), carl, active(false), at("08:00")).await.unwrap();
    let revoked: Vec<_> = office.announced().into_iter().flat_map(|committed| committed.revoked).collect();
    assert_eq!(revoked, [office.carl.device]);
    assert_eq!(office.store.devices(Some(carl)).await.unwrap(), []);
    assert!(!office.store.person(carl).await.unwrap().active, "kept for the history");
    office.store.update_person(By::Caller(office.ada), carl, active(true), at("08:01")).await.unwrap();
    assert_eq!(office.store.devices(Some(carl)).await.unwrap(), [], "coming back revives no device");
}

#[tokio::test]
async fn who_leaves_is_reminded_of_nothing_more() {
    let office = Office::open().await;
    let ann = office.ann.actor.person;
    let over = office.create("08:00", draft("10:00", &[office.ann])).await;
    let ahead = office.create("08:00", draft("14:00", &[office.carl, office.ann])).await;
    office.claim("09:30").await;
    let told = office.latest(office.ann).await;
    office.store.snooze(ann, told.id, 600, at("09:31")).await.unwrap();
    // Nothing was decided since: the hub was off.
    office.store.update_person(By::Caller(office.ada), ann, active(false), at("11:30")).await.unwrap();
    assert_eq!(office.armed(over.id, office.ann), ["10:00-30 fired", "10:00-5 cancelled", "snooze cancelled"]);
    assert_eq!(office.armed(ahead.id, office.ann), ["14:00-30 cancelled", "14:00-5 cancelled"]);
    assert_eq!(office.armed(ahead.id, office.carl), ["14:00-30 pending", "14:00-5 pending"]);
}

#[tokio::test]
async fn own_preferences_are_own_and_nothing_more() {
    let office = Office::open().await;
    let quiet = QuietHours::parse("19:00".into(), "07:30".into()).unwrap();
    let patch = PersonPatch {
        name: Some("Eve".into()),
        role: Some(Role::Admin),
        email: Some(Some("eve@example.org".into())),
        active: Some(false),
        locale: Some(Some(Locale::En)),
        time_zone: Some(Some(zone("Europe/London"))),
        reminders: Some(Some(minutes(&[]))),
        quiet_hours: Some(Some(quiet.clone())),
    };
    let ann = office.store.update_own_preferences(office.ann, patch, at("08:00")).await.unwrap();
    assert_eq!((ann.name.as_str(), ann.role, ann.email.clone(), ann.active), ("Ann", Role::Member, None, true));
    assert_eq!((ann.locale, ann.quiet_hours.clone()), (Some(Locale::En), Some(quiet)));
    assert_eq!(ann.reminders.as_ref().map(ReminderMinutes::as_slice), Some(&[][..]), "none is a choice, not a default");
    assert_eq!(office.store.person(ann.id).await.unwrap(), ann);

    let back = PersonPatch {
        locale: Some(None),
        time_zone: Some(None),
        reminders: Some(None),
        quiet_hours: Some(None),
        ..PersonPatch::default()
    };
    let ann = office.store.update_own_preferences(office.ann, back, at("08:01")).await.unwrap();
    assert_eq!((ann.locale, ann.time_zone, ann.reminders, ann.quiet_hours), (None, None, None, None));
}

#[tokio::test]
async fn a_new_language_holds_for_what_is_told_from_then_on() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let english = PersonPatch { locale: Some(Some(Locale::En)), ..PersonPatch::default() };
    office.store.update_own_preferences(office.ann, english, at("08:01")).await.unwrap();
    office.claim("09:30").await;
    let titles: Vec<_> = office.inbox(office.ann).await.into_iter().map(|row| row.title.to_string()).collect();
    assert_eq!(titles, ["Nouvel événement assigné", "Event reminder"]);
}

#[tokio::test]
async fn the_offices_language_and_zone_fill_what_nobody_chose() {
    let office = Office::open().await;
    office.store.set_office_defaults(Some(Locale::En), Some(zone("America/New_York")), at("08:00")).await.unwrap();
    office.create("08:01", draft("10:00", &[office.ann])).await;
    assert_eq!(
        &*office.latest(office.ann).await.message,
        "You have been assigned to an event on 23/11/2026 at 05:00 - Visite de chantier"
    );
    office.store.set_office_defaults(None, None, at("08:02")).await.unwrap();
    let kept = office.store.office().await.unwrap();
    assert_eq!((kept.locale, kept.time_zone.name()), (Locale::En, "America/New_York"));
}

#[tokio::test]
async fn who_changed_people_is_kept() {
    let office = Office::open().await;
    let before = office.count("SELECT count(*) FROM audit");
    let zoe = office.store.add_person(By::Caller(office.ada), new_person("Zoé", Role::Member), at("08:00")).await;
    office.store.update_person(By::CommandLine, zoe.unwrap().id, role(Role::Admin), at("08:01")).await.unwrap();
    assert_eq!(office.count("SELECT count(*) FROM audit"), before + 2);
    assert_eq!(office.count("SELECT count(*) FROM audit WHERE action = 'person.update' AND person_id IS NULL"), 1);
}

#[tokio::test]
async fn only_admins_call_the_office_otherwise_and_it_is_told_once() {
    let office = Office::open().await;
    let rename = async |who, name: &str| office.store.rename_office(By::Caller(who), name.into(), at("08:00")).await;
    assert!(matches!(rename(office.carl, "Carl's").await, Err(Error::Forbidden)));
    office.announced();
    rename(office.ada, "Dupont").await.unwrap();
    assert_eq!(office.store.office().await.unwrap().name, "Dupont");
    assert_eq!(office.announced(), [Committed { renamed: true, ..Committed::default() }]);
    rename(office.ada, "Dupont").await.unwrap();
    assert_eq!(office.announced(), [], "it was called so already");
    assert_eq!(office.count("SELECT count(*) FROM audit WHERE action = 'office.update'"), 1);
}
