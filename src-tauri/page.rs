//! What belongs to the page in the window: its sessions with the hub, and where it is to go.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Frames of the page that may wait for the hub.
pub(crate) const OUTGOING: usize = 64;

/// The page, as far as the app knows it.
#[derive(Default)]
pub(crate) struct Page {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sessions: HashMap<u32, PageSession>,
    opened: u32,
    /// Where the page is to go as soon as it can hear of it.
    path: Option<String>,
    /// The page has asked for the state, so it hears events.
    listening: bool,
    /// Ends the search for offices.
    searching: Option<CancellationToken>,
}

/// One session of the page with the hub, from the page's side.
struct PageSession {
    outgoing: mpsc::Sender<String>,
    /// Ends the session.
    close: CancellationToken,
}

impl Page {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session. Answers its number, the page's frames, and what ends it.
    pub(crate) fn enter_session(&self, stop: &CancellationToken) -> (u32, mpsc::Receiver<String>, CancellationToken) {
        let (outgoing, frames) = mpsc::channel(OUTGOING);
        let close = stop.child_token();
        let mut inner = self.inner();
        inner.opened += 1;
        let number = inner.opened;
        inner.sessions.insert(number, PageSession { outgoing, close: close.clone() });
        (number, frames, close)
    }

    /// Where the frames of a session go; `None` once it has ended.
    pub(crate) fn outgoing(&self, number: u32) -> Option<mpsc::Sender<String>> {
        self.inner().sessions.get(&number).map(|session| session.outgoing.clone())
    }

    /// Ends a session; one that has ended is fine.
    pub(crate) fn close_session(&self, number: u32) {
        if let Some(session) = self.inner().sessions.remove(&number) {
            session.close.cancel();
        }
    }

    /// Enters a search for offices, which ends the one before. Answers what ends it.
    pub(crate) fn enter_search(&self, stop: &CancellationToken) -> CancellationToken {
        self.end_search();
        let end = stop.child_token();
        self.inner().searching = Some(end.clone());
        end
    }

    /// Ends the search for offices, if there is one.
    pub(crate) fn end_search(&self) {
        if let Some(searching) = self.inner().searching.take() {
            searching.cancel();
        }
    }

    /// Notes where the page is to go.
    pub(crate) fn go_to(&self, path: &str) {
        self.inner().path = Some(path.to_owned());
    }

    /// Ends all sessions: there is no hub any more that they could be with.
    pub(crate) fn end_sessions(&self) {
        let sessions = std::mem::take(&mut self.inner().sessions);
        for session in sessions.into_values() {
            session.close.cancel();
        }
    }

    /// Where to go, for a page that has just asked; from now on it hears events.
    pub(crate) fn take_path(&self) -> Option<String> {
        let mut inner = self.inner();
        inner.listening = true;
        inner.path.take()
    }

    /// Where to go, to be told as an event. A page that does not listen yet will ask.
    pub(crate) fn take_path_if_listening(&self) -> Option<String> {
        let mut inner = self.inner();
        if inner.listening { inner.path.take() } else { None }
    }

    /// The window is gone, and all of its page with it.
    pub(crate) fn gone(&self) {
        self.inner().listening = false;
        self.end_sessions();
        self.end_search();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reaches_the_page_once_whenever_it_is_ready() {
        let page = Page::default();
        page.go_to("/events/1");
        assert_eq!(page.take_path_if_listening(), None, "an event to a page that is loading is lost");
        assert_eq!(page.take_path().as_deref(), Some("/events/1"));
        assert_eq!(page.take_path(), None);
        page.go_to("/events/2");
        assert_eq!(page.take_path_if_listening().as_deref(), Some("/events/2"));
        page.gone();
        page.go_to("/events/3");
        assert_eq!(page.take_path_if_listening(), None, "the next page starts anew");
    }

    #[test]
    fn sessions_end_with_their_page() {
        let (page, stop) = (Page::default(), CancellationToken::new());
        let (first, _, first_close) = page.enter_session(&stop);
        let (second, _, second_close) = page.enter_session(&stop);
        assert_ne!(first, second);
        page.close_session(first);
        assert!(first_close.is_cancelled() && !second_close.is_cancelled());
        assert!(page.outgoing(first).is_none());
        page.gone();
        assert!(second_close.is_cancelled());
        assert!(!stop.is_cancelled(), "the app goes on");
    }
}
