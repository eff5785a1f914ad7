//! Whoever guesses pairing codes: one address, many at once, and what that does to the others.

use std::thread;

use serde_json::json;

use crate::harness::{Client, Office, Raw, secret_of};

/// Tries a code from an address of its own: the status, and all of the answer.
#[track_caller]
fn pair(mut connection: Raw, host: &str, code: &str) -> (u16, String) {
    let body = json!({ "code": code, "device_name": "test" }).to_string();
    connection.send(format!(
        "POST /api/pair HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let answer = connection.rest();
    let status = answer.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("no answer: {answer}"))[..3].parse();
    (status.unwrap(), answer)
}

fn guess(client: &Client, from: u8, code: &str) -> u16 {
    pair(client.connect_from(from), &client.host(), code).0
}

/// A link's secret and a short code for somebody.
fn invite(admin: &Client, person: &str) -> (String, String) {
    let invitation = admin.post(&format!("/api/people/{person}/invitations"), &json!({})).expect(201);
    (secret_of(invitation["link"].as_str().unwrap()), invitation["code"].as_str().unwrap().to_owned())
}

/// Codes that nobody has, no two alike.
fn nobodys(n: u32) -> String {
    format!("ZZZZ-{n:04}-0000")
}

#[test]
fn an_address_that_guesses_is_soon_slowed_and_told_how_long() {
    let (_office, admin) = Office::open();
    let tries: Vec<u16> = (0..30).map(|n| guess(&admin, 66, &nobodys(n))).collect();
    assert!(tries.iter().all(|status| [403, 429].contains(status)), "{tries:?}");
    assert_eq!(tries[..5], [403; 5], "somebody who mistypes is not punished");
    assert!(tries[5..].contains(&429), "{tries:?}");
    let (status, answer) = loop {
        let (status, answer) = pair(admin.connect_from(66), &admin.host(), &nobodys(99));
        if status == 429 {
            break (status, answer);
        }
    };
    let wait = answer.to_lowercase();
    let wait = wait.split("\r\nretry-after: ").nth(1).and_then(|rest| rest.split("\r\n").next()).map(str::to_owned);
    assert!((1..=60).contains(&wait.unwrap().parse::<u32>().unwrap()), "{status}: {answer}");
    assert!(answer.contains("\"code\":\"too_many_tries\""), "{answer}");
}

#[test]
fn who_guesses_keeps_nobody_else_out_and_voids_nobodys_code() {
    let (_office, admin) = Office::open();
    let (ann, carl) = (admin.add("Ann"), admin.add("Carl"));
    let (_, of_ann) = invite(&admin, &ann.id);
    let (_, of_carl) = invite(&admin, &carl.id);
    // More addresses than all together have tries.
    thread::scope(|scope| {
        for from in 100..116 {
            let admin = &admin;
            scope.spawn(move || assert!((0..12).any(|n| guess(admin, from, &nobodys(n)) == 429)));
        }
    });
    assert_eq!(guess(&admin, 99, &of_ann), 200, "from an address that did not guess");
    let wrong = if of_carl.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{wrong}", &of_carl[..of_carl.len() - 1]);
    assert_eq!(guess(&admin, 98, &mistyped), 403);
    assert_eq!(guess(&admin, 97, &of_carl), 200, "the others' tries did not count for this code");
}

#[test]
fn a_slowed_address_cannot_try_even_the_right_code_but_still_use_a_link() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (link, _) = invite(&admin, &ann.id);
    // All at once, so that none waits for the answer to another.
    let statuses: Vec<u16> = thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|n| {
                scope.spawn({
                    let admin = &admin;
                    move || guess(admin, 66, &nobodys(n))
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let heard = statuses.iter().filter(|status| **status == 403).count();
    assert!((5..=12).contains(&heard), "many at once are no way round: {statuses:?}");
    while guess(&admin, 66, &nobodys(0)) != 429 {}
    assert_eq!(guess(&admin, 66, &link), 200, "128 bits are not guessed, so a link is always heard");
}

#[test]
fn a_code_is_void_after_five_wrong_tries_from_wherever_they_come() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (link, code) = invite(&admin, &ann.id);
    let last = if code.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &code[..code.len() - 1]);
    for from in 101..106 {
        assert_eq!(guess(&admin, from, &wrong), 403);
    }
    assert_eq!(guess(&admin, 106, &code), 403, "void");
    assert_eq!(guess(&admin, 106, &link), 200, "and the link is not");
}

#[test]
fn what_is_wrong_with_a_code_is_not_told() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (_, open) = invite(&admin, &ann.id);
    let (link, spent) = invite(&admin, &ann.id);
    admin.pair(&link);
    let last = if open.ends_with('0') { "1" } else { "0" };
    let wrong_proof = format!("{}{last}", &open[..open.len() - 1]);
    let mut answers: Vec<String> = [wrong_proof.as_str(), &spent, &nobodys(1), &link, "nonsense", ""]
        .into_iter()
        .zip(50..)
        .map(|(code, from)| pair(admin.connect_from(from), &admin.host(), code).1)
        .map(|answer| answer.lines().filter(|line| !line.starts_with("date:")).collect())
        .collect();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}
