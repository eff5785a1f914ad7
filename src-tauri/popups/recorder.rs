//! Popups for tests: nothing is shown, everything is noted.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::{Popup, PopupProblem, Popups, Tag};

/// What was asked of the popups, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Show(Popup),
    Close(Tag),
    End,
}

/// Notes what it is asked, and refuses while it is told to.
pub(crate) struct Recorder {
    asked: watch::Sender<Vec<Asked>>,
    problem: Mutex<Option<PopupProblem>>,
}

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { asked: watch::Sender::default(), problem: Mutex::default() })
    }

    /// From now on popups are refused, or shown again.
    pub(crate) fn refuse(&self, problem: Option<PopupProblem>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    /// Waits until so many things were asked; answers all of them.
    pub(crate) async fn asked(&self, count: usize) -> Vec<Asked> {
        let mut asked = self.asked.subscribe();
        let all = asked.wait_for(|asked| asked.len() >= count);
        all.await.expect("the recorder is there").clone()
    }

    fn note(&self, asked: Asked) {
        self.asked.send_modify(|all| all.push(asked));
    }
}

impl Popups for Recorder {
    fn show(&self, popup: Popup) -> BoxFuture<'_, Result<(), PopupProblem>> {
        // What is answered holds before anybody can know that it was asked.
        let answer = self.problem().map_or(Ok(()), Err);
        self.note(Asked::Show(popup));
        Box::pin(std::future::ready(answer))
    }

    fn close<'a>(&'a self, tag: &'a str) -> BoxFuture<'a, ()> {
        self.note(Asked::Close(tag.to_owned()));
        Box::pin(std::future::ready(()))
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        self.note(Asked::End);
        Box::pin(std::future::ready(()))
    }

    fn problem(&self) -> Option<PopupProblem> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
