//! The session with the hub: open, or being opened again and again.

use futures_util::future::BoxFuture;
use rappel_link::{Backoff, Incoming, Link, LinkError, Resume, Session};

/// The line to the hub.
pub(crate) struct Line {
    state: State,
    backoff: Backoff,
    /// Where the next session takes up.
    resume: Resume,
}

enum State {
    Open(Box<Session>),
    /// The one attempt that is being made.
    Opening(BoxFuture<'static, Result<Session, LinkError>>),
    /// Before the next attempt.
    Waiting {
        is_first: bool,
    },
}

/// What happens on a line.
pub(crate) enum LineNews {
    /// A session is open.
    Opened,
    /// An attempt failed. The next one is made after a pause.
    Failed(LinkError),
    /// From the session.
    Incoming(Incoming),
}

impl Line {
    /// Is to be opened at once.
    pub(crate) fn begin(backoff: Backoff, resume: Resume) -> Self {
        Self { state: State::Waiting { is_first: true }, backoff, resume }
    }

    /// The session, if one is open.
    pub(crate) fn session(&mut self) -> Option<&mut Session> {
        match &mut self.state {
            State::Open(session) => Some(session),
            State::Opening(_) | State::Waiting { .. } => None,
        }
    }

    /// Waits for what happens next. May be dropped and called again without losing anything.
    pub(crate) async fn news(&mut self, link: &Link) -> LineNews {
        loop {
            match &mut self.state {
                State::Open(session) => return LineNews::Incoming(session.next().await),
                State::Waiting { is_first } => {
                    if !*is_first {
                        self.backoff.until_next().await;
                    }
                    let (link, resume) = (link.clone(), self.resume.clone());
                    self.state = State::Opening(Box::pin(async move { link.open_session(resume).await }));
                }
                State::Opening(opening) => match opening.await {
                    Ok(session) => {
                        self.backoff.reset();
                        self.state = State::Open(Box::new(session));
                        return LineNews::Opened;
                    }
                    Err(error) => {
                        self.wait();
                        return LineNews::Failed(error);
                    }
                },
            }
        }
    }

    /// The session is over. The next one takes up here.
    pub(crate) fn lost(&mut self, resume: Resume) {
        self.resume = resume;
        self.wait();
    }

    fn wait(&mut self) {
        self.backoff.failed();
        self.state = State::Waiting { is_first: false };
    }
}
