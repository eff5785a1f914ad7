//! The command line: the same words on a running hub and on one that is not, with effect at once.

use serde_json::{Value, json};

use crate::harness::{Office, secret_of};

/// The first admin's id, from the list.
fn admin_of(office: &Office) -> String {
    office.run(&["person", "list"]).out().split('\t').next().unwrap().to_owned()
}

/// A hub that is running, and one that has been: each command must do the same on both.
fn running_and_not() -> [Office; 2] {
    let (running, _) = Office::open();
    let (mut ended, _) = Office::open();
    ended.terminate();
    ended.wait();
    [running, ended]
}

#[test]
fn people_are_added_and_listed() {
    for office in running_and_not() {
        let add = office.run(&["person", "add", "Ann"]);
        let ann = add.out();
        let wishes =
            ["--role", "admin", "--locale", "en", "--time-zone", "Europe/London", "--email", "bob@office.example"];
        let bob = office.run(&[&["person", "add", "Bob Martin"][..], &wishes].concat());
        let bob = bob.out();
        let list = office.run(&["person", "list"]);
        let lines: Vec<&str> = list.out().lines().collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines.contains(&format!("{ann}\tmember\tAnn").as_str()), "{lines:?}");
        assert!(lines.contains(&format!("{bob}\tadmin\tBob Martin").as_str()), "{lines:?}");
    }
}

#[test]
fn a_hub_that_does_not_answer_is_not_waited_for_without_end() {
    let (office, _) = Office::open();
    office.signal("STOP");
    let status = office.run(&["status"]);
    office.signal("CONT");
    assert!(status.error(1).contains("the running hub does not answer"), "{status:?}");
    assert!(office.run(&["status"]).out().starts_with("hub\trunning"), "it goes on");
}

#[test]
fn tokens_are_created_listed_and_revoked() {
    for office in running_and_not() {
        let add = office.run(&["person", "add", "Ann"]);
        let ann = add.out();
        let by_name = office.run(&["token", "create", "Ann", "--label", "Agenda"]);
        let by_id = office.run(&["token", "create", ann, "--label", "Import"]);
        for token in [by_name.out(), by_id.out()] {
            assert!(token.len() >= 43 && !token.contains(char::is_whitespace), "256 bits, alone: {token}");
        }
        let list = || {
            office
                .run(&["token", "list"])
                .out()
                .lines()
                .map(|line| line.split('\t').map(str::to_owned).collect())
                .collect::<Vec<Vec<_>>>()
        };
        let rows = list();
        assert_eq!(
            rows.iter().map(|row| row[3].as_str()).collect::<Vec<_>>(),
            ["test", "Agenda", "Import"],
            "in creation order, paired devices included"
        );
        for row in &rows[1..] {
            assert_eq!((row.len(), row[1].as_str(), row[2].as_str(), row[4].as_str()), (5, ann, "Ann", "never"));
        }
        assert_eq!(office.run(&["token", "revoke", &rows[1][0]]).out(), "");
        assert_eq!(list().len(), 2);
        office.run(&["token", "revoke", &rows[1][0]]).error(1);
    }
}

#[test]
fn invitations_are_printed() {
    for mut office in running_and_not() {
        office.run(&["person", "add", "Ann"]).out();
        let invited = office.run(&["invite", "Ann"]);
        let lines: Vec<&str> = invited.out().lines().collect();
        let [link, code] = lines[..] else { panic!("a link and a code, no QR in a pipe: {lines:?}") };
        let is_running = office.is_running();
        let base = if is_running { office.nobody().own_origin() } else { "http://127.0.0.1:7710".to_owned() };
        assert!(link.starts_with(&format!("{base}/join#")), "{link}");
        assert_eq!(code.len(), 14, "{code}");
        if !is_running {
            office.start();
        }
        let ann = office.nobody().pair(&secret_of(link));
        assert_eq!(ann.get("/api/me").expect(200)["name"], "Ann");
    }
}

#[test]
fn an_invitation_for_everybody_is_printed_the_same_way() {
    for mut office in running_and_not() {
        let invited = office.run(&["invite", "--everybody"]);
        let lines: Vec<&str> = invited.out().lines().collect();
        let [link, code] = lines[..] else { panic!("a link and a code, no QR in a pipe: {lines:?}") };
        if !office.is_running() {
            office.start();
        }
        for way in [secret_of(link), code.to_owned()] {
            let ticket = office.nobody().post("/api/join/ticket", &json!({ "code": way })).expect(200);
            assert_eq!(ticket["kind"], "open", "nobody is let in by it: one may ask");
        }
    }
}

#[test]
fn the_status_is_for_people_and_programs() {
    for office in running_and_not() {
        let status = office.run(&["status", "--json"]);
        let status: Value = serde_json::from_str(status.out()).unwrap();
        assert_eq!(status["running"], office.is_running());
        assert_eq!(status["reached_since"], Value::Null, "by no other machine");
        assert_eq!((&status["people"], &status["devices"]), (&1.into(), &1.into()));
        assert!(office.run(&["status"]).out().lines().count() > 3);
    }
    let nowhere = Office::new();
    assert!(nowhere.run(&["status"]).error(1).contains("no office"));
}

#[test]
fn on_a_running_hub_the_effect_is_at_once() {
    let (office, admin) = Office::open();
    let add = office.run(&["person", "add", "Ann"]);
    let people = admin.get("/api/people").expect(200);
    assert!(people["people"].as_array().unwrap().iter().any(|person| person["id"] == add.out()));

    let token = office.run(&["token", "create", "Ann", "--label", "Agenda"]);
    let mut ann = office.nobody();
    ann.token = token.out().to_owned();
    assert_eq!(ann.get("/api/me").expect(200)["name"], "Ann");
    let session = ann.session();
    let list = office.run(&["token", "list"]);
    let row = list.out().lines().last().unwrap();
    office.run(&["token", "revoke", row.split('\t').next().unwrap()]).out();
    assert_eq!(session.closed(), 1008);
    assert_eq!(ann.get("/api/me").refusal(401), "unauthorized");
}

#[test]
fn what_was_done_while_it_was_not_running_holds_when_it_runs() {
    let mut office = Office::new();
    let ann = office.run(&["person", "add", "Ann", "--role", "admin"]).out().to_owned();
    let token = office.run(&["token", "create", &ann, "--label", "Agenda"]).out().to_owned();
    office.start();
    let mut client = office.nobody();
    client.token = token;
    let me = client.get("/api/me").expect(200);
    assert_eq!((&me["id"], &me["role"]), (&ann.clone().into(), &"admin".into()));
    assert_eq!(client.get("/api/people").expect(200)["people"].as_array().unwrap().len(), 1, "there was an admin");
}

#[test]
fn a_person_must_be_one_and_a_name_a_name() {
    for office in running_and_not() {
        for _ in 0..2 {
            office.run(&["person", "add", "Ann"]).out();
        }
        let twice = office.run(&["token", "create", "Ann", "--label", "x"]);
        assert!(twice.error(1).contains("several people"), "{}", twice.err);
        for person in ["Nobody", "01920000-0000-7000-8000-000000000000", ""] {
            office.run(&["token", "create", person, "--label", "x"]).error(1);
            office.run(&["invite", person]).error(1);
        }
        let admin = admin_of(&office);
        for name in ["", "  ", "a\nb", "a\tb", "\u{1b}[31mred"] {
            assert!(office.run(&["person", "add", name]).error(1).contains("name"), "{name:?}");
            assert!(office.run(&["token", "create", &admin, "--label", name]).error(1).contains("label"), "{name:?}");
        }
        for (option, value) in
            [("--role", "boss"), ("--locale", "de"), ("--time-zone", "Paris"), ("--email", "nowhere")]
        {
            office.run(&["person", "add", "Carl", option, value]).error(1);
        }
        office.run(&["token", "revoke", "nonsense"]).error(1);
        assert_eq!(office.run(&["person", "list"]).out().lines().count(), 3, "nobody was added");
        assert_eq!(office.run(&["token", "list"]).out().lines().count(), 1);
    }
}

#[test]
fn a_wrong_use_is_one_line_and_exit_code_2() {
    let office = Office::new();
    let asked = |arguments: &[&str]| office.run(arguments).error(2).to_owned();
    assert!(asked(&["fly"]).contains("fly"));
    assert!(asked(&["person", "add", "Ann", "--colour", "red"]).contains("--colour"));
    assert!(asked(&["token", "create", "Ann"]).contains("--label"), "what is missing is named");
    assert!(asked(&["invite"]).contains("PERSON"), "somebody, or everybody");
    assert!(asked(&["invite", "Ann", "--everybody"]).contains("--everybody"));
    assert!(asked(&["serve", "--listen", "everywhere"]).contains("--listen"));
    assert!(asked(&["serve", "--locale", "de"]).contains("--locale"));
    assert!(asked(&["serve", "--time-zone", "Paris"]).contains("--time-zone"));
    for origin in ["*", "null", "crm.example", "https://crm.example/path", "https://user@crm.example"] {
        assert!(asked(&["serve", "--allow-origin", origin]).contains("--allow-origin"), "{origin}");
    }
    assert!(asked(&["serve", "--allow-host", "crm.example:80"]).contains("--allow-host"));
    for nothing in [&[][..], &["person"], &["token"]] {
        assert!(asked(nothing).contains("--help"), "how to go on is said");
    }
    assert!(!office.data_dir().exists(), "nothing was begun");
}

#[test]
fn the_data_directory_may_be_named_anywhere() {
    let office = Office::new();
    let elsewhere = office.beside("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    let ann = office.run(&["--data-dir", elsewhere, "person", "add", "Ann"]).out().to_owned();
    let list = format!("{ann}\tmember\tAnn");
    for arguments in [
        ["--data-dir", elsewhere, "person", "list"],
        ["person", "--data-dir", elsewhere, "list"],
        ["person", "list", "--data-dir", elsewhere],
    ] {
        assert_eq!(office.run(&arguments).out(), list, "{arguments:?}");
    }
    assert_eq!(office.run(&["person", "list"]).out(), "", "the variable names another one");

    let mut command = office.command();
    command.env("RAPPEL_DATA_DIR", elsewhere).args(["person", "list"]);
    assert_eq!(crate::harness::Outcome::of(command).out(), list, "the variable does as well");
    let mut command = office.command();
    command.env("RAPPEL_DATA_DIR", "").env("XDG_DATA_HOME", office.beside("xdg")).args(["person", "list"]);
    assert_eq!(crate::harness::Outcome::of(command).out(), "", "an empty variable is none");
    assert!(office.beside("xdg").join("rappel").exists(), "the platform's directory");

    office.run(&["person", "list", "--data-dir", ""]).error(2);
    std::fs::write(office.beside("file"), "").unwrap();
    let file = office.beside("file");
    office.run(&["person", "list", "--data-dir", file.to_str().unwrap()]).error(1);
}

#[test]
fn language_and_zone_of_the_office_are_kept() {
    let mut office = Office::new();
    office.start();
    let admin = office.nobody().pair(&office.first_sign_in());
    let of_office = |field: &str| admin.get("/api/me").expect(200)["office"][field].clone();
    assert_eq!((of_office("locale"), of_office("time_zone")), ("fr".into(), "Europe/Paris".into()));
    office.terminate();
    office.wait();
    office.start_plainly(&["--locale", "en"]);
    assert_eq!((of_office("locale"), of_office("time_zone")), ("en".into(), "Europe/Paris".into()));
    office.terminate();
    office.wait();
    office.start_plainly(&[]);
    assert_eq!((of_office("locale"), of_office("time_zone")), ("en".into(), "Europe/Paris".into()));
}

#[test]
fn help_and_version_are_no_errors() {
    let office = Office::new();
    for arguments in [&["--help"][..], &["serve", "--help"], &["token", "create", "--help"], &["--version"]] {
        assert!(!office.run(arguments).out().is_empty(), "{arguments:?}");
    }
}
