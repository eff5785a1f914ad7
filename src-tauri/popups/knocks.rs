//! Those who ask to be let in, for whoever sits here and may decide: one popup for each request,
//! until it is answered, here or elsewhere, or waits no more.
//!
//! A name proves nothing. Whoever is taken for somebody of the team is let in as them only after a
//! word of warning, and an administrator never from here: that is for the window.

use rappel_link::frame::JoinRequest;
use rappel_link::{Link, LinkError, Locale, Request};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Follower;
use crate::popups::{Button, Choice, KNOCK, Popup};
use crate::words::Words;

/// The page of the window that lists them.
const PAGE: &str = "/settings";

/// Those who wait, as the hub last said.
#[derive(Debug, Default)]
pub(super) struct Knocks(Vec<Knock>);

#[derive(Debug)]
struct Knock {
    request: JoinRequest,
    stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Nobody here was told yet.
    Untold,
    /// It is on the screen; what Accept stands for.
    OnScreen(Value),
    /// Its popup was closed or answered. It does not come again.
    Told,
}

impl Knocks {
    /// Those who wait are now these. The answer is the popups that are to leave the screen.
    pub(super) fn are(&mut self, requests: Vec<JoinRequest>) -> Vec<String> {
        let before = std::mem::take(&mut self.0);
        let gone = |knock: &&Knock| requests.iter().all(|request| request.id != knock.request.id);
        let on_screen = before.iter().filter(gone).filter(|knock| matches!(knock.stage, Stage::OnScreen(_)));
        let to_close = on_screen.map(|knock| tag_of(&knock.request)).collect();
        let stage_of = |id: &str| before.iter().find(|knock| knock.request.id == id).map(|knock| knock.stage.clone());
        self.0 = requests
            .into_iter()
            .map(|request| Knock { stage: stage_of(&request.id).unwrap_or(Stage::Untold), request })
            .collect();
        to_close
    }

    fn untold(&self) -> Option<JoinRequest> {
        self.0.iter().find(|knock| knock.stage == Stage::Untold).map(|knock| knock.request.clone())
    }

    fn set(&mut self, tag: &str, stage: Stage) {
        if let Some(knock) = self.0.iter_mut().find(|knock| tag_of(&knock.request) == tag) {
            knock.stage = stage;
        }
    }

    /// This popup has left the screen.
    pub(super) fn closed(&mut self, tag: &str) {
        self.set(tag, Stage::Told);
    }

    /// What Accept stands for on the popup with this tag, while it is on the screen.
    fn accepting(&self, tag: &str) -> Option<Value> {
        let knock = self.0.iter().find(|knock| tag_of(&knock.request) == tag)?;
        match &knock.stage {
            Stage::OnScreen(body) => Some(body.clone()),
            Stage::Untold | Stage::Told => None,
        }
    }
}

fn tag_of(request: &JoinRequest) -> String {
    format!("{KNOCK}{}", request.id)
}

/// Who somebody at the door would be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Newcomer {
    /// Nobody of the team yet.
    New,
    /// The member that they chose, or whose name theirs reads like.
    Member { id: String, name: String },
    /// As before, but somebody who looks after Rappel.
    Admin { name: String },
    /// Somebody of the team, who could not be looked up.
    Unclear,
}

/// A person, as far as it matters here.
#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
    role: String,
}

impl Follower {
    /// Takes over what the hub says of those who wait.
    pub(super) async fn waiting_are(&mut self, requests: Vec<JoinRequest>) {
        for tag in self.knocks.are(requests) {
            self.watch.popups.close(&tag).await;
        }
    }

    /// A new session says nothing where nobody waits: popups of the one before may be of no use.
    pub(super) async fn look_who_still_waits(&mut self) {
        #[derive(Deserialize)]
        struct Waiting {
            requests: Vec<JoinRequest>,
        }
        if self.knocks.0.is_empty() {
            return;
        }
        match self.watch.link.call(Request::get("/api/join-requests")).await {
            Ok(answer) => {
                let waiting = serde_json::from_value(answer.body).unwrap_or(Waiting { requests: Vec::new() });
                self.waiting_are(waiting.requests).await;
            }
            Err(error) => tracing::warn!(%error, "who waits to be let in is not known"),
        }
    }

    /// Shows those of whom nobody here was told.
    pub(super) async fn show_knocks(&mut self) {
        while let Some(request) = self.knocks.untold() {
            let newcomer = newcomer(&self.watch.link, &request).await;
            if !self.show(popup(&request, &newcomer, self.watch.screen.locale()), &[]).await {
                return;
            }
            self.knocks.set(&tag_of(&request), Stage::OnScreen(accepting(&newcomer)));
        }
    }

    /// Somebody has decided on the popup with this tag.
    pub(super) async fn answer_knock(&mut self, tag: &str, choice: Choice) {
        let accepting = self.knocks.accepting(tag);
        self.knocks.closed(tag);
        let (what, body) = match choice {
            Choice::Accept => match accepting {
                Some(body) => ("accept", Some(body)),
                // One that an earlier run has left there.
                None => return,
            },
            Choice::NotNow => ("decline", None),
            Choice::Open | Choice::Dismiss | Choice::Snooze => return self.watch.screen.open(PAGE),
        };
        let id = tag.trim_start_matches(KNOCK);
        let is_decided =
            match self.watch.link.call(Request::post(format!("/api/join-requests/{id}/{what}"), body)).await {
                Ok(answer) if answer.is_success() => true,
                Ok(answer) => {
                    tracing::warn!(status = answer.status, what, "a request to be let in was not answered");
                    // Somebody else has answered it, or it waits no more; or it still waits.
                    answer.status < 500
                }
                Err(error) => {
                    tracing::error!(%error, what, "an answer to a request to be let in did not reach the hub");
                    false
                }
            };
        if !is_decided {
            self.knocks.set(tag, Stage::Untold);
        }
    }
}

/// Who they would be, by what the hub knows of whom they say they are.
async fn newcomer(link: &Link, request: &JoinRequest) -> Newcomer {
    let Some(id) = request.person_id.as_ref().or(request.looks_like.as_ref()) else { return Newcomer::New };
    let found = people(link).await.map(|people| people.into_iter().find(|person| person.id == *id));
    match found {
        Ok(Some(Person { id, name, role })) if role == "member" => Newcomer::Member { id, name },
        Ok(Some(Person { name, .. })) => Newcomer::Admin { name },
        Ok(None) => Newcomer::Unclear,
        Err(error) => {
            tracing::warn!(%error, "who it is that asks to be let in is not known");
            Newcomer::Unclear
        }
    }
}

async fn people(link: &Link) -> Result<Vec<Person>, LinkError> {
    #[derive(Deserialize)]
    struct Listed {
        people: Vec<Person>,
    }
    let answer = link.call(Request::get("/api/people")).await?;
    let listed: Result<Listed, _> = serde_json::from_value(answer.body);
    listed.map(|listed| listed.people).map_err(|error| LinkError::Unreachable(error.to_string()))
}

/// What the hub is told when they are accepted.
fn accepting(newcomer: &Newcomer) -> Value {
    match newcomer {
        Newcomer::Member { id, .. } => json!({ "person_id": id }),
        Newcomer::New | Newcomer::Admin { .. } | Newcomer::Unclear => json!({}),
    }
}

fn popup(request: &JoinRequest, newcomer: &Newcomer, locale: Locale) -> Popup {
    let words = Words::of(locale);
    let came = if request.invited { words.with_link } else { words.uninvited };
    let is_their_choice = request.person_id.is_some();
    let warning = match newcomer {
        Newcomer::New | Newcomer::Unclear => None,
        // Nobody has come in as them yet, and they are on the list that the invitation shows.
        Newcomer::Member { .. } if is_their_choice => None,
        Newcomer::Member { name, .. } => Some(words.in_team(name)),
        Newcomer::Admin { name } => Some(words.looks_after(name)),
    };
    let yes = match newcomer {
        Newcomer::New | Newcomer::Member { .. } => Button { choice: Choice::Accept, label: words.accept },
        Newcomer::Admin { .. } | Newcomer::Unclear => Button { choice: Choice::Open, label: words.open },
    };
    Popup {
        tag: tag_of(request),
        summary: words.wants_in(&request.name, &request.device_name),
        body: [Some(came.to_owned()), warning].into_iter().flatten().collect::<Vec<_>>().join("\n"),
        buttons: vec![yes, Button { choice: Choice::NotNow, label: words.not_now }],
        urgent: false,
    }
}
