//! Who may do what: every call, by everybody, on everything. Each cell is tried on things of its own.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::harness::network::{from_another_machine, inside};
use crate::harness::{Answer, Client, Office, event_in};

/// What each column's person is. Bob made the events, for Ann.
const WHO: [&str; 8] = ["admin", "bob", "ann", "carl", "program", "revoked", "left", "nobody"];
/// admin: an admin who is none of the others. bob: the creator. ann: the assignee. carl: a member with
/// no part in it. program: a token of Bob's, made on the command line. revoked: a device of the
/// admin's that was revoked. left: an admin who was deactivated. nobody: no token at all.
///
/// `{…}` is a thing made for the cell: an event of Bob's for Ann (`team`, `private`, or deleted again:
/// `gone`, `gone-private`), a notification of Ann's (`told`), a device of hers (`device`), a member
/// (`person`), a copy of all data (`copy`). `{admin}` is the only admin until somebody becomes another, `{self}` whoever asks,
/// `{none}` an id that nothing has.
/// A trailing `~` in a method's name: with the revision before the last.
const TABLE: &str = r#"
call                                                                | adm bob ann car pro rev lef nob
GET    /api/health                                                  | 200 200 200 200 200 200 200 200
GET    /api/none                                                    | 404 404 404 404 404 404 404 404
POST   /api/pair {"code":"wrong","device_name":"x"}                 | 403 403 403 403 403 403 403 403
POST   /api/pair/start {"selector":"7KQ2","message":"AAAA"}         | 403 403 403 403 403 403 403 403
POST   /api/pair/finish {"proof":"AAAA","device_name":"x"}          | 403 403 403 403 403 403 403 403
GET    /api/hub                                                     | 200 403 403 403 403 401 401 401
GET    /api/office                                                  | 403 403 403 403 403 403 403 403
PATCH  /api/office {"name":"Our office"}                         | 200 403 403 403 403 401 401 401
GET    /api/hub/epoch                                               | 200 200 200 200 200 200 200 200
GET    /api/hub/keeper                                              | 200 403 403 403 403 401 401 401
POST   /api/hub/keeper {"device_id":"{none}"}                       | 404 403 403 403 403 401 401 401
POST   /api/hub/keeper {"device_id":"{device}"}                     | 409 403 403 403 403 401 401 401
DELETE /api/hub/keeper                                              | 204 403 403 403 403 401 401 401
GET    /api/hub/errand                                              | 200 200 200 200 200 401 401 401
POST   /api/hub/copy {"port":7710}                                  | 403 403 403 403 403 401 401 401
POST   /api/hub/copy/kept {"bytes":1}                               | 403 403 403 403 403 401 401 401
POST   /api/hub/handover {"device_id":"{device}"}                   | 403 403 403 403 403 401 401 401
DELETE /api/hub/handover                                            | 404 403 403 403 403 401 401 401
GET    /api/hub/handover/{none}                                     | 404 404 404 404 404 401 401 401
POST   /api/hub/handover/{none}/accept {"port":7710}                | 403 403 403 403 403 401 401 401
POST   /api/hub/handover/{none}/copy                                | 403 403 403 403 403 401 401 401
POST   /api/hub/handover/{none}/commit                              | 403 403 403 403 403 401 401 401
POST   /api/hub/handover/{none}/refuse                              | 404 404 404 404 404 401 401 401

GET    /api/secure-office                                           | 200 200 200 200 200 200 200 200
PATCH  /api/secure-office {}                                        | 200 403 403 403 403 401 401 401
PATCH  /api/secure-office {"plain_http":false}                      | 422 403 403 403 403 401 401 401
POST   /api/secure-office/handovers {"challenge":"x"}               | 422 422 422 422 422 401 401 401
POST   /api/secure-office/arrivals {"code":"x","secret":"x"}        | 403 403 403 403 403 403 403 403
GET    /authority/rappel.crt                                        | 404 404 404 404 404 404 404 404
GET    /authority/rappel.pem                                        | 404 404 404 404 404 404 404 404
GET    /authority/rappel.mobileconfig                               | 404 404 404 404 404 404 404 404

POST   /api/join/ticket {}                                          | 422 422 422 422 422 422 422 422
POST   /api/join-requests {"name":"Dora"}                           | 422 422 422 422 422 422 422 422
POST   /api/join-requests/{none}/status {"secret":"x"}              | 404 404 404 404 404 404 404 404
POST   /api/join-requests/{none}/withdraw {"secret":"x"}            | 404 404 404 404 404 404 404 404
GET    /api/join-requests                                           | 200 403 403 403 403 401 401 401
POST   /api/join-requests/{none}/accept                             | 404 403 403 403 403 401 401 401
POST   /api/join-requests/{none}/decline                            | 404 403 403 403 403 401 401 401
GET    /api/invitations                                             | 200 403 403 403 403 401 401 401
POST   /api/invitations                                             | 201 403 403 403 403 401 401 401
DELETE /api/invitations                                             | 204 403 403 403 403 401 401 401

GET    /api/me                                                      | 200 200 200 200 200 401 401 401
GET    /api/user/current                                            | 200 200 200 200 200 401 401 401
PATCH  /api/me {"locale":"en"}                                      | 200 200 200 200 200 401 401 401
PATCH  /api/me {"role":"admin"}                                     | 422 422 422 422 422 401 401 401
PATCH  /api/me {"email":"a@b"}                                      | 422 422 422 422 422 401 401 401

GET    /api/people                                                  | 200 200 200 200 200 401 401 401
PATCH  /api/people/{admin} {"role":"member"}                        | 409 403 403 403 403 401 401 401
PATCH  /api/people/{admin} {"active":false}                         | 409 403 403 403 403 401 401 401
DELETE /api/people/{admin}                                          | 409 403 403 403 403 401 401 401
POST   /api/people {"name":"Dora"}                                  | 201 403 403 403 403 401 401 401
POST   /api/people {"name":"Dora","role":"admin"}                   | 201 403 403 403 403 401 401 401
PATCH  /api/people/{person} {"name":"Emma"}                         | 200 403 403 403 403 401 401 401
PATCH  /api/people/{person} {"role":"admin"}                        | 200 403 403 403 403 401 401 401
PATCH  /api/people/{person} {"active":false}                        | 200 403 403 403 403 401 401 401
PATCH  /api/people/{person} {}                                      | 200 403 403 403 403 401 401 401
PATCH  /api/people/{self} {"role":"admin"}                          | 200 403 403 403 403 401 401 401
PATCH  /api/people/{self} {"active":true}                           | 200 403 403 403 403 401 401 401
PATCH  /api/people/{none} {"name":"Emma"}                           | 404 403 403 403 403 401 401 401
DELETE /api/people/{person}                                         | 200 403 403 403 403 401 401 401
DELETE /api/people/{none}                                           | 404 403 403 403 403 401 401 401
POST   /api/people/{person}/invitations                             | 201 403 403 403 403 401 401 401
POST   /api/people/{self}/invitations                               | 201 403 403 403 403 401 401 401
POST   /api/people/{admin}/invitations                              | 201 403 403 403 403 401 401 401
POST   /api/people/{none}/invitations                               | 404 403 403 403 403 401 401 401

GET    /api/devices                                                 | 200 200 200 200 200 401 401 401
PATCH  /api/devices/{device} {"name":"Desk"}                        | 200 404 200 404 404 401 401 401
PATCH  /api/devices/{none} {"name":"Desk"}                          | 404 404 404 404 404 401 401 401
DELETE /api/devices/{device}                                        | 204 404 204 404 404 401 401 401
DELETE /api/devices/{none}                                          | 404 404 404 404 404 401 401 401

GET    /api/events                                                  | 200 200 200 200 200 401 401 401
POST   /api/events {"title":"x","starts_at":"2031-01-01T09:00:00Z"} | 201 201 201 201 201 401 401 401
POST   /api/events {"title":"x","created_by":"{admin}"}             | 422 422 422 422 422 401 401 401
GET    /api/events/{team}                                           | 200 200 200 200 200 401 401 401
GET    /api/events/{team}/calendar.ics                              | 200 200 200 200 200 401 401 401
GET    /api/events/{team}/reminders                                 | 200 200 200 200 200 401 401 401
PATCH  /api/events/{team} {"title":"Appel"}                         | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {"starts_at":"2031-01-01T09:00:00Z"}      | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {"status":"done"}                         | 200 200 200 403 200 401 401 401
PATCH  /api/events/{team} {"status":"done","location":"Ici"}        | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {"assignees":[]}                          | 200 200 200 403 200 401 401 401
PATCH  /api/events/{team} {"assignees":["{self}"]}                  | 200 200 200 403 200 401 401 401
PATCH  /api/events/{team} {"assignees":["{ann}","{admin}"]}         | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {"reminders":[]}                          | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {"visibility":"private"}                  | 200 200 403 403 200 401 401 401
PATCH  /api/events/{team} {}                                        | 200 200 200 403 200 401 401 401
PATCH  /api/events/{team} {"assignees":["{none}"]}                  | 422 422 422 403 422 401 401 401
PATCH~ /api/events/{team} {"title":"Appel"}                         | 412 412 403 403 412 401 401 401
DELETE /api/events/{team}                                           | 204 204 403 403 204 401 401 401
DELETE~ /api/events/{team}                                          | 412 412 403 403 412 401 401 401
POST   /api/events/{team}/restore                                   | 200 200 403 403 200 401 401 401
GET    /api/events/{gone}                                           | 404 404 404 404 404 401 401 401
GET    /api/events/{gone}/calendar.ics                              | 404 404 404 404 404 401 401 401
GET    /api/events/{gone}/reminders                                 | 404 404 404 404 404 401 401 401
PATCH  /api/events/{gone} {"title":"Appel"}                         | 404 404 404 404 404 401 401 401
DELETE /api/events/{gone}                                           | 404 404 404 404 404 401 401 401
POST   /api/events/{gone}/restore                                   | 200 200 403 403 200 401 401 401
GET    /api/events/{none}                                           | 404 404 404 404 404 401 401 401
GET    /api/events/{none}/reminders                                 | 404 404 404 404 404 401 401 401
POST   /api/events/{none}/restore                                   | 404 404 404 404 404 401 401 401

GET    /api/events/{private}                                        | 200 200 200 200 200 401 401 401
GET    /api/events/{private}/calendar.ics                           | 200 200 200 200 200 401 401 401
GET    /api/events/{private}/reminders                              | 200 200 200 200 200 401 401 401
PATCH  /api/events/{private} {"title":"Appel"}                      | 403 200 403 403 200 401 401 401
PATCH  /api/events/{private} {"visibility":"team"}                  | 403 200 403 403 200 401 401 401
PATCH  /api/events/{private} {"assignees":["{self}"]}               | 403 200 200 403 200 401 401 401
PATCH  /api/events/{private} {"status":"done"}                      | 403 200 200 403 200 401 401 401
PATCH  /api/events/{private} {}                                     | 403 200 200 403 200 401 401 401
PATCH~ /api/events/{private} {"title":"Appel"}                      | 403 412 403 403 412 401 401 401
DELETE /api/events/{private}                                        | 403 204 403 403 204 401 401 401
DELETE~ /api/events/{private}                                       | 403 412 403 403 412 401 401 401
POST   /api/events/{private}/restore                                | 403 200 403 403 200 401 401 401
GET    /api/events/{gone-private}                                   | 404 404 404 404 404 401 401 401
POST   /api/events/{gone-private}/restore                           | 403 200 403 403 200 401 401 401

GET    /api/notifications                                           | 200 200 200 200 200 401 401 401
GET    /api/notifications/unread-count                              | 200 200 200 200 200 401 401 401
GET    /api/notifications/{none}/history                            | 404 404 404 404 404 401 401 401
GET    /api/notifications/{told}/history                            | 404 404 200 404 404 401 401 401
POST   /api/notifications/{told}/read                               | 404 404 200 404 404 401 401 401
POST   /api/notifications/{told}/snooze {"minutes":5}               | 404 404 200 404 404 401 401 401
POST   /api/notifications/{told}/dismiss                            | 404 404 200 404 404 401 401 401
POST   /api/notifications/{none}/read                               | 404 404 404 404 404 401 401 401
POST   /api/notifications/mark-all-read                             | 200 200 200 200 200 401 401 401

GET    /api/audit                                                   | 200 403 403 403 403 401 401 401
GET    /api/copies                                                  | 200 403 403 403 403 401 401 401
POST   /api/copies                                                  | 201 403 403 403 403 401 401 401
GET    /api/copies/{copy}                                           | 200 403 403 403 403 401 401 401
GET    /api/copies/{none}                                           | 404 403 403 403 403 401 401 401
GET    /api/copies/{copy}/file                                      | 200 403 403 403 403 401 401 401
GET    /api/copies/{none}/file                                      | 404 403 403 403 403 401 401 401
GET    /api/copies/..%2Frappel.db/file                              | 404 403 403 403 403 401 401 401
POST   /api/copies/uploads                                          | 422 403 403 403 403 401 401 401
POST   /api/copies/{copy}/restore                                   | 200 403 403 403 403 401 401 401
POST   /api/copies/{none}/restore                                   | 404 403 403 403 403 401 401 401
POST   /api/copies/..%2Frappel.db/restore                           | 404 403 403 403 403 401 401 401

GET    /api/replica                                                 | 200 200 200 200 200 401 401 401
POST   /api/replica/reports {"reports":[]}                          | 204 204 204 204 204 401 401 401

GET    /ws/notifications                                            | 426 426 426 426 426 401 401 401
"#;

struct Team {
    office: Office,
    people: HashMap<&'static str, Client>,
}

impl Team {
    fn open() -> Self {
        let (office, admin) = Office::open();
        Self::of(office, admin)
    }

    fn of(office: Office, admin: Client) -> Self {
        let [bob, ann, carl] = ["Bob", "Ann", "Carl"].map(|name| admin.add(name));
        let left = admin.add_with(&json!({ "name": "Léa", "role": "admin" }));
        admin.delete(&format!("/api/people/{}", left.id)).expect(200);
        let revoked = admin.pair(&admin.invite(&admin.id));
        admin.delete(&format!("/api/devices/{}", revoked.device)).expect(204);
        let mut program = office.nobody();
        program.id = bob.id.clone();
        program.token = office.run(&["token", "create", &bob.id, "--label", "Agenda"]).out().to_owned();
        let mut nobody = office.nobody();
        nobody.id = carl.id.clone();
        let people = [admin, bob, ann, carl, program, revoked, left, nobody];
        Self { office, people: WHO.into_iter().zip(people).collect() }
    }

    fn who(&self, name: &str) -> &Client {
        &self.people[name]
    }

    /// A thing for one cell: its id.
    fn make(&self, thing: &str, asking: &Client) -> String {
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let event = |visibility: &str, is_gone: bool| {
            let mut event = event_in(86_400, &[&self.who("ann").id]);
            event["visibility"] = json!(visibility);
            let made = id(&self.who("bob").create(&event));
            if is_gone {
                self.who("bob").delete(&format!("/api/events/{made}")).expect(204);
            }
            made
        };
        match thing {
            "team" | "private" => event(thing, false),
            "gone" => event("team", true),
            "gone-private" => event("private", true),
            "told" => {
                event("team", false);
                id(self.who("ann").inbox().last().unwrap())
            }
            "device" => self.who("ann").pair(&self.who("admin").invite(&self.who("ann").id)).device,
            "copy" => {
                let copy = self.who("admin").post("/api/copies", &json!({})).expect(201);
                copy["name"].as_str().unwrap().to_owned()
            }
            "person" => id(&self.who("admin").post("/api/people", &json!({ "name": "Dora" })).expect(201)),
            "none" => "01920000-0000-7000-8000-000000000000".to_owned(),
            "self" => asking.id.clone(),
            name => self.who(name).id.clone(),
        }
    }

    /// A call with its things made.
    fn fill(&self, call: &str, asking: &Client) -> String {
        let mut filled = String::new();
        let mut rest = call;
        // JSON has braces too: a thing's name is letters alone.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            match after.split_once('}') {
                Some((thing, after))
                    if !thing.is_empty() && thing.chars().all(|c| c.is_ascii_lowercase() || c == '-') =>
                {
                    filled.push_str(&self.make(thing, asking));
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled + rest
    }

    fn status(&self, asking: &Client, call: &str) -> u16 {
        self.ask(asking, &self.fill(call, asking)).status
    }

    /// Makes a call in which nothing is left to be made.
    fn ask(&self, asking: &Client, call: &str) -> Answer {
        let mut parts = call.splitn(3, ' ').map(str::trim).filter(|part| !part.is_empty());
        let (method, rest) = (parts.next().unwrap(), parts.collect::<Vec<_>>().join(" "));
        let (path, body) = rest.split_once(' ').map_or((rest.as_str(), None), |(path, body)| (path, Some(body)));
        let mut request = asking.request(method.trim_end_matches('~'), path);
        if method.ends_with('~') {
            request = request.header("if-match", "\"0\"");
        }
        match body {
            Some(body) => request.bytes("application/json", body).send(),
            None => request.send(),
        }
    }
}

/// The calls with the statuses of each column.
fn rows() -> impl Iterator<Item = (&'static str, Vec<u16>)> {
    TABLE.lines().filter(|line| !line.is_empty()).skip(1).map(|line| {
        let (call, statuses) = line.split_once('|').unwrap();
        let statuses: Vec<u16> = statuses.split_whitespace().map(|status| status.parse().unwrap()).collect();
        assert_eq!(statuses.len(), WHO.len(), "{call}");
        (call.trim(), statuses)
    })
}

#[test]
fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let team = Team::open();
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (call, statuses) in rows() {
        for (who, wanted) in WHO.into_iter().zip(statuses) {
            let status = team.status(team.who(who), call);
            cells += 1;
            if status != wanted {
                wrong.push(format!("{who}: {call}: {status}, not {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(team.office.log().lines().all(|line| !line.contains("ERROR")), "{}", team.office.log());
}

/// Whether a row is what only admins do, or see: then it is not done on a line that others can read.
fn is_administration(call: &str, statuses: &[u16]) -> bool {
    let [admin, members @ ..] = &statuses[..4] else { unreachable!("there are eight columns") };
    // Members have devices of their own; the one in the table is somebody else's than the admin's.
    let is_of_others = call.contains(" /api/devices/");
    is_of_others || (*admin != 403 && members.iter().all(|status| *status == 403))
}

#[test]
fn an_admins_work_is_refused_where_others_can_read_it() {
    if !inside("attacks::matrix::an_admins_work_is_refused_where_others_can_read_it") {
        return;
    }
    let mut office = Office::new();
    let admin = from_another_machine(&mut office);
    let team = Team::of(office, admin);
    let switch = |words: &[&str]| drop(team.office.run(&[&["secure-office"], words].concat()).out().to_owned());
    let mut wrong = Vec::new();
    let (mut refused, mut done) = (0, 0);
    for (call, statuses) in rows() {
        let admin = team.who("admin");
        // What it is done to is made while it still can be.
        let filled = team.fill(call, admin);
        switch(&["on"]);
        let answer = team.ask(admin, &filled);
        let is_refused = answer.status == 403 && answer.body.contains("\"https_required\"");
        if is_administration(call, &statuses) {
            refused += 1;
            if !is_refused {
                wrong.push(format!("{call}: {}, not refused", answer.status));
            }
        } else {
            done += 1;
            // With the authority there is something to download.
            let wanted = if call.contains("/authority/") { 200 } else { statuses[0] };
            if answer.status != wanted
                || (is_refused && !["/arrivals", " /api/hub/handover "].iter().any(|path| call.contains(path)))
            {
                wrong.push(format!("{call}: {}, not {wanted}", answer.status));
            }
        }
        // Nothing is left but what leads to the secure page.
        switch(&["plain-http", "off"]);
        let answer = team.ask(admin, &filled);
        let is_open =
            [" /api/health", "GET    /api/secure-office", " /authority/"].iter().any(|open| call.contains(open));
        let wanted = match call {
            _ if is_open => 200,
            // The way to the secure page is made so that others may read it.
            _ if call.contains("/handovers") || call.contains("/api/none") => statuses[0],
            _ => 403,
        };
        if answer.status != wanted || (wanted == 403 && !answer.body.contains("\"https_required\"")) {
            wrong.push(format!("without plain http: {call}: {}, not {wanted}", answer.status));
        }
        switch(&["off"]);
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused > 25 && done > 60, "{refused} refused, {done} done");
}
