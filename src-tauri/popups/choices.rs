//! What was chosen on popups and is still to be told to the hub, in the order in which it was chosen.
//!
//! A hub elsewhere may be away, or slow: nobody waits for it here, and nothing is lost meanwhile.

use std::collections::VecDeque;

use futures_util::future::BoxFuture;
use rappel_link::{Answer, Link, LinkError, NotificationId, Request};
use serde_json::Value;

/// What is to be told.
#[derive(Default)]
pub(crate) struct Choices {
    waiting: VecDeque<Untold>,
    /// The first of them, on its way.
    telling: Option<BoxFuture<'static, Result<Answer, LinkError>>>,
}

struct Untold {
    path: String,
    body: Option<Value>,
    /// For the log.
    what: &'static str,
}

impl Choices {
    /// Has the hub told that this was chosen for a notification.
    pub(crate) fn add(&mut self, id: NotificationId, what: &'static str, body: Option<Value>) {
        self.waiting.push_back(Untold { path: format!("/api/notifications/{id}/{what}"), body, what });
    }

    /// Whether the hub knows all.
    pub(crate) fn are_told(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Tells the next one; for ever where there is none. May be dropped and called again. `Err` when
    /// the hub could not be asked: then it is to be told later.
    pub(crate) async fn tell(&mut self, link: &Link) -> Result<(), LinkError> {
        let Some(untold) = self.waiting.front() else { return std::future::pending().await };
        let (link, path, body) = (link, &untold.path, &untold.body);
        let telling = self.telling.get_or_insert_with(|| {
            let (link, request) = (link.clone(), Request::post(path.clone(), body.clone()));
            Box::pin(async move { link.call(request).await })
        });
        let told = telling.await;
        self.telling = None;
        let what = untold.what;
        match told {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::warn!(status = answer.status, what, "the hub did not take a choice"),
            Err(error @ (LinkError::Unreachable(_) | LinkError::WrongKey | LinkError::SignedOut)) => {
                tracing::warn!(%error, what, "a choice has not reached the hub yet");
                return Err(error);
            }
            Err(error) => tracing::error!(%error, what, "a choice did not reach the hub"),
        }
        self.waiting.pop_front();
        Ok(())
    }
}
