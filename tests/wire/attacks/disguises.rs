//! Names and texts that look like something they are not.

use serde_json::json;

use crate::harness::Office;

/// Characters that turn text round, or break its line.
const TURNING: [char; 11] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    '\u{2028}', '\u{2029}',
];
/// Characters that nobody sees.
const UNSEEN: [char; 10] = [
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{2060}',
    '\u{feff}',
    '\u{ad}',
    '\u{3164}',
    '\u{e0041}',
    '\u{fe0f}',
];
const CONTROL: [char; 7] = ['\0', '\u{7}', '\u{8}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}'];

#[test]
fn nobody_can_be_made_to_look_like_somebody_else() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let invitation = || admin.invite(&ann.id);
    for c in TURNING.into_iter().chain(UNSEEN).chain(CONTROL) {
        for name in [format!("A{c}nn"), format!("{c}Ann"), format!("Ann{c}")] {
            // A line break at an end is trimmed like other space.
            let is_trimmed = name.trim() == "Ann";
            let added = admin.post("/api/people", &json!({ "name": name }));
            if is_trimmed {
                assert_eq!(added.expect(201)["name"], "Ann");
                continue;
            }
            assert_eq!(added.wrong_field(), "name", "{name:?}");
            let renamed = admin.patch(&format!("/api/people/{}", ann.id), &json!({ "name": name }));
            assert_eq!(renamed.wrong_field(), "name", "{name:?}");
            let paired = office.nobody().post("/api/pair", &json!({ "code": "x", "device_name": name }));
            assert_eq!(paired.wrong_field(), "device_name", "{name:?}");
            if c != '\0' {
                assert!(
                    office.run(&["token", "create", &ann.id, "--label", &name]).error(1).contains("label"),
                    "{name:?}"
                );
            }
        }
    }
    let body = json!({ "code": invitation(), "device_name": "Téléphone d’Ann 📱" });
    office.nobody().post("/api/pair", &body).expect(200);
    for name in ["Zoë Łuczak-O’Brien", "علی\u{200c}رضا", "Ann 👩\u{200d}💻", "陳大文"] {
        assert_eq!(admin.post("/api/people", &json!({ "name": name })).expect(201)["name"], name);
    }
}

#[test]
fn no_text_reads_as_another() {
    let (_office, admin) = Office::open();
    let event = |field: &str, text: &str| {
        let mut event = json!({ "title": "Visite", "starts_at": "2031-11-24T09:00:00Z" });
        match field.split_once('.') {
            Some((whole, part)) => event[whole] = json!({ part: text }),
            None => event[field] = json!(text),
        }
        event
    };
    for c in TURNING.into_iter().chain(CONTROL) {
        for field in ["title", "location", "comment", "contact.name", "contact.phone", "contact.id"] {
            let text = format!("facture{c}fdp.exe");
            let breaks_a_line = field == "comment" && matches!(c, '\u{2028}' | '\u{2029}');
            let answer = admin.post("/api/events", &event(field, &text));
            if breaks_a_line {
                answer.expect(201);
            } else {
                assert_eq!(answer.wrong_field(), field, "{text:?}");
            }
        }
    }
}

#[test]
fn an_event_cannot_be_about_nothing_that_can_be_seen() {
    let (_office, admin) = Office::open();
    for text in [" ", "\u{200b}", "\u{feff}\u{2060}", "\u{3164}", "\u{ad}", "\u{2800}", "\u{a0}\u{3000}"] {
        for field in ["title", "comment"] {
            let event = json!({ field: text, "starts_at": "2031-11-24T09:00:00Z" });
            assert_eq!(admin.post("/api/events", &event).wrong_field(), "title", "{field}: {text:?}");
        }
        assert_eq!(admin.post("/api/people", &json!({ "name": text })).wrong_field(), "name", "{text:?}");
    }
}
