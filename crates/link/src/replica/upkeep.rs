//! Keeping a replica up to date while there is a session, one errand after another.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::Replica;
use crate::{Link, LinkError};

/// It is refreshed after this time at the latest.
const AT_THE_LATEST: Duration = Duration::from_secs(5 * 60);
/// What changes together is fetched together.
const TOGETHER: Duration = Duration::from_millis(500);
/// The pause after an errand that failed.
const RETRY: Duration = Duration::from_secs(10);

/// What is to be done for a replica, and when.
#[derive(Default)]
pub struct Upkeep {
    next_at: Option<Instant>,
    errand: Option<BoxFuture<'static, Result<(), LinkError>>>,
}

impl Upkeep {
    /// A session has begun: at once.
    pub fn line_is_up(&mut self) {
        self.errand = None;
        self.next_at = Some(Instant::now());
    }

    /// The session is over: nothing can be done.
    pub fn line_is_down(&mut self) {
        self.errand = None;
        self.next_at = None;
    }

    /// Something has changed at the hub, or is to be told to it: soon.
    pub fn is_wanted(&mut self) {
        if let Some(next_at) = &mut self.next_at {
            *next_at = (*next_at).min(Instant::now() + TOGETHER);
        }
    }

    /// Waits until it is time, tells the hub what was done without it, and fetches what has changed;
    /// for ever while there is no session. May be dropped and called again.
    ///
    /// # Errors
    /// When the hub could not be asked, or something not be written: it is tried again by itself.
    pub async fn next(&mut self, link: &Link, replica: &Replica) -> Result<(), LinkError> {
        let errand = match &mut self.errand {
            Some(errand) => errand,
            none => {
                match self.next_at {
                    Some(next_at) => tokio::time::sleep_until(next_at).await,
                    None => std::future::pending().await,
                }
                // What changes from here on is wanted anew.
                self.next_at = Some(Instant::now() + AT_THE_LATEST);
                let (link, replica) = (link.clone(), replica.clone());
                none.insert(Box::pin(async move {
                    replica.report(&link).await?;
                    replica.refresh(&link).await?;
                    Ok(())
                }))
            }
        };
        let done = errand.await;
        self.errand = None;
        if done.is_err() {
            let retry_at = Instant::now() + RETRY;
            self.next_at = self.next_at.map(|next_at| next_at.min(retry_at));
        }
        done
    }
}
