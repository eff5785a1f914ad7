//! A computer without a desktop that stands by to be the hub: it has joined as a desktop of an
//! admin's does, keeps the daily copy when it is chosen, and receives a handover.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rappel_core::PersonId;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::asking::{AskError, HubLine};
use super::copies::{Copies, is_due};
use super::heir::{Errand, Heir, HeirError, Inherited, errand, keep_copy};
use super::line::Connector;
use super::membership::{Membership, MembershipError};
use crate::clock::{Clock, SystemClock};
use crate::hub::OpenError;
use crate::join_link::{JoinLink, NotAJoinLink};
use crate::key::{Key, KeyError};

/// What makes it a member, in its data directory.
const MEMBERSHIP: &str = "member.json";
const COPIES: &str = "copies";
const KEY: &str = "copies.key";
/// What stands in its certificate, as in every desktop's.
const NAME: &str = "Rappel desktop";
/// How often it asks whether there is anything for it.
const ASKS_EVERY: Duration = Duration::from_secs(1);
/// How long a copy that could not be kept is not tried again.
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Why a computer cannot stand by.
#[derive(Debug, thiserror::Error)]
pub enum StandByError {
    /// The link is none.
    #[error(transparent)]
    Link(#[from] NotAJoinLink),
    /// The hub did not let it in.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What makes it a member cannot be read or kept.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// Its files cannot be used.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Its data cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is not the hub.
    #[error(transparent)]
    Heir(#[from] HeirError),
}

/// A computer that stands by.
#[derive(Debug)]
pub struct StandBy {
    heir: Heir,
    copies: Copies,
    membership: Membership,
    file: PathBuf,
}

#[derive(Deserialize)]
struct Paired {
    person: Identified<PersonId>,
    device: Identified<String>,
    token: String,
    hub_id: Uuid,
}

#[derive(Deserialize)]
struct Identified<T> {
    id: T,
}

impl StandBy {
    /// Whether a data directory is of a computer that stands by.
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        data_dir.join(MEMBERSHIP).exists()
    }

    /// Joins by the link of an invitation, as `name`.
    ///
    /// # Errors
    /// When the hub does not let it in, or that cannot be kept.
    pub async fn join(data_dir: &Path, link: &str, name: &str, port: u16) -> Result<Self, StandByError> {
        let link: JoinLink = link.parse()?;
        let key = Key::generate(NAME)?;
        let address = link.address().to_owned();
        let line = Connector::new(&key, Some(link.pin)).map_err(AskError::from)?;
        let mut line = HubLine::begin(line.connect(&address).await.map_err(AskError::from)?, &address).await?;
        let wish = json!({ "code": link.secret, "device_name": name });
        let paired = line.ask("POST", "/api/pair", Some(wish)).await?;
        let paired: Paired = serde_json::from_value(paired).map_err(AskError::broken)?;
        let membership = Membership {
            addresses: vec![address],
            pin: link.pin,
            hub: paired.hub_id,
            office: None,
            epoch: line.reigning.epoch,
            person: paired.person.id,
            device: paired.device.id,
            token: paired.token,
            key,
        };
        membership.write(&data_dir.join(MEMBERSHIP))?;
        Self::open(data_dir, port)
    }

    /// Takes up where it was.
    ///
    /// # Errors
    /// When its files cannot be used.
    pub fn open(data_dir: &Path, port: u16) -> Result<Self, StandByError> {
        let file = data_dir.join(MEMBERSHIP);
        let membership = Membership::read(&file)?;
        let copies = Copies::new(data_dir.join(COPIES), data_dir.join(KEY));
        Ok(Self { heir: Heir { data_dir: data_dir.to_owned(), port }, copies, membership, file })
    }

    /// Which device it is to the hub.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.membership.device
    }

    /// Whether it is the hub already; then it stands by for nobody.
    ///
    /// # Errors
    /// When its data cannot be used.
    pub fn has_inherited(&self) -> Result<bool, StandByError> {
        let is_hub = self.heir.is_hub(&self.membership)?;
        if is_hub {
            self.is_hub()?;
        }
        Ok(is_hub)
    }

    /// Stands by until it is the hub.
    ///
    /// # Errors
    /// When its files cannot be used; what the network or the hub does is waited out.
    pub async fn run(mut self) -> Result<Inherited, StandByError> {
        let mut failed_at: Option<Duration> = None;
        self.copies.tidy()?;
        loop {
            match self.step(&mut failed_at).await {
                Ok(Some(inherited)) => {
                    self.is_hub()?;
                    return Ok(inherited);
                }
                Ok(None) => {}
                // `takeover` may have made it the hub from another process.
                Err(StandByError::Heir(_)) if self.heir.is_hub(&self.membership).unwrap_or(false) => {
                    self.is_hub()?;
                    return Ok(Inherited { made_at: SystemClock.now() });
                }
                Err(StandByError::Heir(error)) => tracing::debug!(%error, "the hub was asked in vain"),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(ASKS_EVERY).await;
        }
    }

    async fn step(&mut self, failed_at: &mut Option<Duration>) -> Result<Option<Inherited>, StandByError> {
        if let Some(inherited) = self.heir.recover(&self.membership).await? {
            return Ok(Some(inherited));
        }
        let (Errand { keep, handover }, met) = errand(&self.membership).await?;
        if self.membership.found_at(&met.address) | self.membership.met_in(met.epoch) {
            self.membership.write(&self.file)?;
        }
        if let Some(handover) = handover {
            return match self.heir.receive(&self.membership, handover).await {
                Ok(inherited) => Ok(Some(inherited)),
                Err(error) => {
                    tracing::warn!(%error, "the hub was not handed over");
                    Err(error.into())
                }
            };
        }
        let latest = self.copies.list().first().map(|copy| copy.label.made_at());
        let now = SystemClock.since_boot();
        let is_patient = failed_at.is_some_and(|failed| now.saturating_sub(failed) < TRIES_AGAIN_AFTER);
        if keep && !is_patient && is_due(latest, SystemClock.now()) {
            match keep_copy(&self.membership, &self.copies, self.heir.port).await {
                Ok(kept) => tracing::info!(bytes = kept.bytes, "a copy of the hub is kept"),
                Err(error) => {
                    *failed_at = Some(now);
                    tracing::warn!(%error, "no copy of the hub could be kept");
                }
            }
        }
        Ok(None)
    }

    /// Becomes the hub with the copy that it has, because the hub is gone.
    ///
    /// # Errors
    /// When the hub answers, or there is no copy that can be used; then nothing is changed.
    pub async fn take_over(self) -> Result<Inherited, StandByError> {
        let inherited = self.heir.take_over(&self.membership, &self.copies).await?;
        self.is_hub()?;
        Ok(inherited)
    }

    /// The hub is a member of nothing, and keeps no copies of itself.
    fn is_hub(&self) -> Result<(), StandByError> {
        for file in [self.file.clone()].into_iter().chain(self.copies.list().into_iter().map(|copy| copy.file)) {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}
