//! The commands as the page calls them, through the permissions that a release has.

use std::path::Path;
use std::sync::Arc;

use rappel_link::heir::Errand;
use rappel_link::local::NewOffice;
use rappel_link::{Link, LocalHub, Locale, Request};
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, WebviewWindow, WebviewWindowBuilder};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::desk::Desk;
use crate::folders::Folders;
use crate::popups::recorder::{Asked, Recorder};
use crate::popups::{PopupProblem, TEST};
use crate::start::PopupEvents;
use crate::window;

/// The app with an empty folder, and no screen.
struct Desktop {
    app: App<MockRuntime>,
    popups: Arc<Recorder>,
    folder: tempfile::TempDir,
}

impl Desktop {
    fn new() -> Self {
        let app = mock_builder().invoke_handler(crate::commands()).build(crate::context()).expect("an app");
        let folder = tempfile::tempdir().expect("a folder");
        let popups = Recorder::new();
        let (_, events) = tokio::sync::mpsc::channel(1);
        app.manage(PopupEvents(std::sync::Mutex::new(Some(events))));
        let folders = Folders { office: folder.path().join("office") };
        app.manage(Desk::new(folders, popups.clone(), TaskTracker::new(), CancellationToken::new()));
        Self { app, popups, folder }
    }

    fn window(&self, label: &str) -> WebviewWindow<MockRuntime> {
        WebviewWindowBuilder::new(&self.app, label, tauri::WebviewUrl::default()).build().expect("a window")
    }

    /// Calls a command from the page of this window.
    fn call_from(window: &WebviewWindow<MockRuntime>, command: &str, arguments: Value) -> Result<Value, Value> {
        let url = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
        let request = InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: url.parse().expect("a URL"),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::new(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(window, request).map(|body| body.deserialize().expect("JSON"))
    }
}

fn some_settings() -> Value {
    json!({"openToLan": false, "paused": true, "startAtLogin": false, "keepAwake": true, "language": "fr"})
}

/// Every command, with arguments that it can read.
fn every_command() -> Vec<(&'static str, Value)> {
    vec![
        ("hub_call", json!({"request": {"method": "GET", "path": "/api/me", "body": null}})),
        ("hub_open_session", json!({"since": null, "lastId": null, "changesSince": null, "channel": "__CHANNEL__:1"})),
        ("hub_send", json!({"session": 1, "frame": {"type": "mark_all_read"}})),
        ("hub_close_session", json!({"session": 1})),
        ("desktop_state", json!({})),
        ("create_office", json!({"name": "", "locale": "fr", "timeZone": "Nowhere"})),
        ("show_test_popup", json!({})),
        ("find_offices", json!({"channel": "__CHANNEL__:2"})),
        ("stop_finding_offices", json!({})),
        ("join_by_link", json!({"link": "no link"})),
        ("join_by_code", json!({"addresses": ["a b"], "code": "7KQ2-M4XW-9TDC"})),
        ("ask_to_join", json!({"personId": null, "name": "Ann"})),
        ("withdraw_join", json!({})),
        ("leave_office", json!({})),
        ("save_settings", json!({"settings": some_settings()})),
        ("address_told", json!({})),
        ("take_over", json!({})),
    ]
}

fn is_forbidden(answer: &Result<Value, Value>) -> bool {
    matches!(answer, Err(Value::String(refusal)) if refusal.contains("not allowed"))
}

#[test]
fn the_page_of_the_window_may_call_every_command_and_no_other_page_any() {
    let desktop = Desktop::new();
    let (page, stranger) = (desktop.window(window::LABEL), desktop.window("stranger"));
    for (command, arguments) in every_command() {
        let answer = Desktop::call_from(&page, command, arguments.clone());
        assert!(!is_forbidden(&answer), "{command}: {answer:?}");
        let answer = Desktop::call_from(&stranger, command, arguments);
        assert!(is_forbidden(&answer), "{command}: {answer:?}");
    }
}

#[test]
fn the_page_may_not_reach_the_rest_of_the_program() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    for command in
        ["plugin:window|close", "plugin:event|emit", "plugin:webview|create_webview_window", "plugin:app|version"]
    {
        let answer = Desktop::call_from(&page, command, json!({}));
        assert!(answer.is_err(), "{command}: {answer:?}");
    }
}

#[test]
fn a_first_start_asks_for_a_name_and_has_created_nothing() {
    let desktop = Desktop::new();
    let state = Desktop::call_from(&desktop.window(window::LABEL), "desktop_state", json!({})).expect("the state");
    assert_eq!(state["stage"], "first_start");
    assert_eq!((&state["role"], &state["joined"], &state["hubAddress"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(state["contact"], json!({"state": "untried"}));
    assert_eq!(state["popups"], json!({"available": true, "problem": null}));
    assert_eq!(
        state["settings"],
        json!({"openToLan": false, "paused": false, "startAtLogin": false, "keepAwake": false, "language": null})
    );
    assert_eq!(state["sharing"], Value::Null, "there is nothing to share yet");
    assert!(!desktop.folder.path().join("office").exists(), "nothing is created before the person says so");
}

#[test]
fn a_call_without_a_hub_says_so() {
    let desktop = Desktop::new();
    let (command, arguments) = every_command().swap_remove(0);
    let page = desktop.window(window::LABEL);
    let refusal = Desktop::call_from(&page, command, arguments).expect_err("there is no hub");
    assert_eq!(refusal["code"], "hub_unreachable");
    let refusal = Desktop::call_from(&page, "take_over", json!({})).expect_err("nor is there one to follow");
    assert_eq!(refusal["code"], "not_joined");
}

#[test]
fn an_office_is_refused_with_the_reason() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    let arguments = json!({"name": "Camille", "locale": "fr", "timeZone": "Europe/Nowhere"});
    let refusal = Desktop::call_from(&page, "create_office", arguments).expect_err("no such zone");
    assert_eq!(refusal["code"], "refused");
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!(state["stage"], "first_start", "nothing came of it");
}

/// A hub that serves on this machine, and the link of an invitation of its first person's.
async fn served(folder: &Path) -> (LocalHub, String) {
    let office = NewOffice { name: "Camille".into(), locale: Locale::En, time_zone: "Europe/Paris".into() };
    let hub = LocalHub::create(folder.join("hub"), office, "here").await.expect("an office");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let serving = hub.serve(listener, CancellationToken::new());
    TaskTracker::new().spawn(async move { serving.await.expect("it serves") });
    let path = format!("/api/people/{}/invitations", hub.person());
    let invited = Link::Local(hub.clone()).call(Request::post(path, None)).await.expect("an answer").body;
    (hub, invited["link"].as_str().expect("a link").to_owned())
}

/// Has the desktop keep a copy of the hub that it has joined.
async fn keep_copy(desktop: &Desktop, hub: &LocalHub) {
    let desk = desktop.app.state::<Desk>();
    let joined = desk.office().joined().expect("a member");
    let keeper = json!({ "device_id": joined.present_membership().device });
    let chosen = Link::Local(hub.clone()).call(Request::post("/api/hub/keeper", Some(keeper))).await;
    assert_eq!(chosen.expect("an answer").status, 204);
    assert_eq!(desk.office().stand_in().look(&joined).await.expect("a copy"), Errand::Kept);
}

#[test]
fn an_office_is_joined_by_its_link_and_left_again() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    let (hub, link) = tauri::async_runtime::block_on(served(desktop.folder.path()));
    let devices = || {
        let asked = Link::Local(hub.clone());
        let answer = tauri::async_runtime::block_on(asked.call(Request::get("/api/devices"))).expect("an answer");
        answer.body["devices"].as_array().map(Vec::len)
    };
    let entrance = Desktop::call_from(&page, "join_by_link", json!({ "link": link })).expect("joined");
    assert_eq!((entrance, devices()), (json!({"state": "in"}), Some(2)));
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!(
        (&state["stage"], &state["role"], &state["hubAddress"]),
        (&json!("ready"), &json!("joined"), &Value::Null)
    );
    assert!(link.contains(state["joined"]["address"].as_str().expect("an address")), "{state}");
    assert!(!state.to_string().contains("token"), "the page is told no token: {state}");
    let refusal = Desktop::call_from(&page, "join_by_link", json!({ "link": link })).expect_err("one at a time");
    assert_eq!(refusal["code"], "office_exists");
    let office = desktop.folder.path().join("office");
    assert!(!office.join("copies").exists() && !office.join("copies.key").exists(), "nothing was to be kept yet");
    tauri::async_runtime::block_on(keep_copy(&desktop, &hub));
    let refusal = Desktop::call_from(&page, "take_over", json!({})).expect_err("the hub is there");
    assert_eq!(refusal["code"], "hub_answers", "each reason has a name, for which the page has words");
    assert!(office.join("copies").exists() && office.join("copies.key").exists());

    Desktop::call_from(&page, "leave_office", json!({})).expect("left");
    assert_eq!(devices(), Some(1), "the hub has forgotten it too");
    assert!(!office.join("copies").exists() && !office.join("copies.key").exists(), "nothing of the office is left");
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!(
        (&state["stage"], &state["contact"], &state["joined"]),
        (&json!("first_start"), &json!({"state": "untried"}), &Value::Null)
    );
    tauri::async_runtime::block_on(hub.shutdown());
}

#[test]
fn a_hub_that_another_one_has_followed_says_where_and_joins_there() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    let arguments = json!({"name": "Camille", "locale": "en", "timeZone": "Europe/Paris"});
    Desktop::call_from(&page, "create_office", arguments).expect("an office");
    let desk = desktop.app.state::<Desk>();
    let successor = tauri::async_runtime::block_on(async {
        let hub = desk.office().link().expect("a hub").call(Request::get("/api/hub")).await.expect("an answer");
        json!({
            "hub": hub.body["id"], "epoch": 2000, "addresses": ["192.168.1.24:7710"], "computer": "PC-Ann",
            "at_ms": 1_800_000_000_000_i64, "handover": null,
        })
    });
    tauri::async_runtime::block_on(async {
        crate::start::end_work(desktop.app.handle()).await;
        desk.office().close_own().await;
        let mark = desk.office().folder().join("successor.json");
        std::fs::write(mark, successor.to_string()).expect("a mark");
        desk.office().open().await.expect("what is left of the office");
    });
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    let moved = json!({"computer": "PC-Ann", "address": "192.168.1.24:7710", "follows": false});
    assert_eq!((&state["role"], &state["moved"]), (&json!("hub"), &moved));

    let (hub, link) = tauri::async_runtime::block_on(served(&desktop.folder.path().join("other")));
    let entrance = Desktop::call_from(&page, "join_by_link", json!({ "link": link })).expect("joined");
    assert_eq!(entrance, json!({"state": "in"}));
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!((&state["role"], &state["moved"]), (&json!("joined"), &Value::Null));
    assert!(link.contains(state["joined"]["address"].as_str().expect("an address")), "{state}");
    tauri::async_runtime::block_on(hub.shutdown());
}

#[test]
fn settings_are_kept_and_reach_the_tray() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    let settings = some_settings();
    let kept = Desktop::call_from(&page, "save_settings", json!({"settings": settings})).expect("kept");
    assert_eq!(kept, settings);
    assert!(desktop.app.state::<Desk>().situation().paused);
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!((&state["settings"], &state["locale"]), (&settings, &json!("fr")));
}

#[test]
fn a_refused_popup_is_reported_with_its_reason() {
    let desktop = Desktop::new();
    let page = desktop.window(window::LABEL);
    Desktop::call_from(&page, "show_test_popup", json!({})).expect("shown");
    desktop.popups.refuse(Some(PopupProblem::nobody_shows(&"no daemon")));
    let refusal = Desktop::call_from(&page, "show_test_popup", json!({})).expect_err("refused");
    assert_eq!(refusal["code"], "no_notification_service");
    let state = Desktop::call_from(&page, "desktop_state", json!({})).expect("the state");
    assert_eq!(state["popups"], json!({"available": false, "problem": refusal["message"]}));
    let asked = tauri::async_runtime::block_on(desktop.popups.asked(2));
    assert!(asked.iter().all(|asked| matches!(asked, Asked::Show(popup) if popup.tag == TEST)), "{asked:?}");
}
