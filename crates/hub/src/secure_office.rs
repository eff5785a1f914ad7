//! The secure office: HTTPS for browsers, by a certificate of the office's own authority.
//!
//! It is off until an admin switches it on. Desktops have nothing to do with it: they know the hub by
//! its key, whatever anybody vouches for. Of the certificate nothing is kept but the authority. It is
//! issued when a browser comes and what there is does not fit any more, because the hub is called
//! otherwise or its time runs out; lines that are open are not touched by that.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rappel_core::Timestamp;
use rappel_store::{By, Error, Store};
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use crate::authority::{self, Authority, Issued, Names};
use crate::hub::Hub;
use crate::key::KeyError;
use crate::server::hosts::{interface_addresses, own_names};
use crate::server::line;

/// How it stands.
#[derive(Debug, Default)]
pub(crate) struct SecureOffice(Mutex<State>);

#[derive(Debug, Clone, Default)]
struct State {
    /// Also while it is off, so that nobody has to install another when it is on again.
    authority: Option<Arc<Authority>>,
    is_on: bool,
    refuses_plain: bool,
    /// Cancelled when plain HTTP is not taken any more.
    plain_refused: CancellationToken,
    shown: Option<Shown>,
}

/// What browsers are shown at present.
#[derive(Debug, Clone)]
struct Shown {
    names: Names,
    issued: Issued,
    config: Arc<ServerConfig>,
}

impl SecureOffice {
    pub(crate) fn is_on(&self) -> bool {
        self.lock().is_on
    }

    /// Whether other machines may use plain HTTP.
    pub(crate) fn takes_plain(&self) -> bool {
        !self.lock().refuses_plain
    }

    /// When plain HTTP is not taken any more: what others can read then ends.
    pub(crate) fn plain_refused(&self) -> CancellationToken {
        self.lock().plain_refused.clone()
    }

    /// By whom browsers know the hub, once that was made.
    pub(crate) fn authority(&self) -> Option<Arc<Authority>> {
        self.lock().authority.clone()
    }

    /// With what a browser is answered that calls the hub by one of these names; `None` where there
    /// is no authority yet.
    fn config(&self, names: Names, now: Timestamp) -> Result<Option<Arc<ServerConfig>>, KeyError> {
        let mut state = self.lock();
        let Some(authority) = state.authority.clone() else { return Ok(None) };
        if let Some(shown) = &state.shown
            && shown.names == names
            && shown.issued.is_fresh(now)
        {
            return Ok(Some(Arc::clone(&shown.config)));
        }
        let issued = authority.issue(&names, now)?;
        let config = Arc::new(line::browsers_config(Arc::clone(&issued.certified))?);
        tracing::info!("the hub has a new certificate for browsers");
        state.shown = Some(Shown { names, issued, config: Arc::clone(&config) });
        Ok(Some(config))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Reads anew how it stands, and makes the authority where it is missing.
    pub(crate) async fn read_secure_office(&self) -> Result<(), Error> {
        let switches = self.store().secure_office().await?;
        let kept = match self.store().authority().await? {
            None if switches.is_on => {
                let new = self.new_authority().await?;
                Some(self.store().keep_authority(new, self.now()).await?)
            }
            kept => kept,
        };
        let authority = kept.map(Authority::of).transpose().map_err(|error| unusable(&error))?.map(Arc::new);
        let mut state = self.secure_office().lock();
        state.authority = authority;
        state.is_on = switches.is_on;
        state.refuses_plain = !switches.takes_plain;
        state.shown = None;
        if state.refuses_plain {
            state.plain_refused.cancel();
        } else if state.plain_refused.is_cancelled() {
            state.plain_refused = CancellationToken::new();
        }
        Ok(())
    }

    /// Turns the switches, at once; what is left out stays.
    pub(crate) async fn set_secure_office(
        &self,
        by: By,
        is_on: Option<bool>,
        takes_plain: Option<bool>,
    ) -> Result<(), Error> {
        self.store().set_secure_office(by, is_on, takes_plain, self.now()).await?;
        self.read_secure_office().await
    }

    /// Makes another authority: everybody has to install it anew.
    pub(crate) async fn renew_authority(&self, by: By) -> Result<(), Error> {
        let new = self.new_authority().await?;
        self.store().replace_authority(by, new, self.now()).await?;
        self.read_secure_office().await
    }

    async fn new_authority(&self) -> Result<rappel_store::KeptAuthority, Error> {
        let office = self.store().office().await?;
        authority::make(&office.name, &self.own_host_names(), self.now()).map_err(|error| unusable(&error))
    }

    fn own_host_names(&self) -> Vec<String> {
        let is_plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        own_names(&self.allowed_hosts()).into_iter().filter(is_plain).collect()
    }

    /// With what a browser is answered that has come to this address; `None` while the secure office
    /// is off.
    pub(crate) fn browsers_config(&self, reached: IpAddr) -> Result<Option<Arc<ServerConfig>>, KeyError> {
        match self.secure_office().is_on() {
            true => self.secure_office().config(self.own_names_at(reached), self.now()),
            false => Ok(None),
        }
    }

    /// All that the hub is called at present, by whoever has come to this address of its.
    fn own_names_at(&self, reached: IpAddr) -> Names {
        let listening = self.listeners().all();
        let everywhere = listening.iter().any(|address| address.ip().is_unspecified());
        let mut addresses: Vec<IpAddr> = listening.iter().map(|address| address.ip()).collect();
        if everywhere {
            addresses.extend(interface_addresses());
        }
        addresses.push(reached);
        let addresses = addresses.into_iter().map(|address| address.to_canonical());
        let addresses = addresses.filter(|address| !address.is_unspecified() && authority::covers_address(*address));
        Names::new(addresses.collect(), self.own_host_names())
    }

    /// Where browsers reach the hub over HTTPS: by the host that they have called it by, if its
    /// certificate covers that and others can use it too.
    pub(crate) fn secure_address(&self, called: Option<&str>) -> Option<String> {
        let authority = self.secure_office().authority()?;
        let plain = self.base_url();
        let (_, own) = plain.split_once("://")?;
        let covers = |host: &str| {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
                Ok(address) => authority::covers_address(address),
                Err(_) => authority.covers_host(&name.to_ascii_lowercase()),
            }
        };
        let is_own_alone = |host: &str| ["localhost:", "127.", "[::1]"].iter().any(|local| host.starts_with(local));
        let called = called.filter(|host| covers(host) && (!is_own_alone(host) || is_own_alone(own)));
        let named = || {
            let (_, port) = own.rsplit_once(':')?;
            let name = self.allowed_hosts().into_iter().find(|name| authority.covers_host(name))?;
            Some(format!("{name}:{port}"))
        };
        let host = called.map(str::to_owned).or_else(|| covers(own).then(|| own.to_owned())).or_else(named)?;
        Some(format!("https://{host}"))
    }
}

/// How it stands, for the command line: a word, and what is to be said of it.
pub(crate) async fn secure_office_rows(store: &Store, hub: Option<&Hub>) -> Result<Vec<Vec<String>>, Error> {
    let switches = store.secure_office().await?;
    let or_off = |is_on| if is_on { "on" } else { "off" }.to_owned();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![row("secure office", or_off(switches.is_on)), row("plain http", or_off(switches.takes_plain))];
    if let Some(address) = hub.filter(|_| switches.is_on).and_then(|hub| hub.secure_address(None)) {
        rows.push(row("address", address));
    }
    if let Some(kept) = store.authority().await? {
        let authority = Authority::of(kept).map_err(|error| unusable(&error))?;
        rows.push(row("authority", authority.name().to_owned()));
        rows.push(row("fingerprint", authority.fingerprint()));
        rows.push(row("thumbprint", authority.thumbprint()));
        rows.push(row("expires", authority.expires_at().to_string()));
    }
    Ok(rows)
}

fn unusable(error: &KeyError) -> Error {
    Error::Internal(error.to_string().into())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn office(now: Timestamp) -> SecureOffice {
        let kept = authority::make("Office", &["localhost".to_owned()], now).unwrap();
        let authority = Some(Arc::new(Authority::of(kept).unwrap()));
        SecureOffice(Mutex::new(State { authority, is_on: true, ..State::default() }))
    }

    fn names(address: &str) -> Names {
        Names::new(vec![address.parse().unwrap()], vec!["localhost".to_owned()])
    }

    #[test]
    fn a_certificate_is_made_anew_when_its_names_change_and_before_its_time_is_over() {
        let now = Timestamp::clamped_from_ms(1_795_305_600_000);
        let office = office(now);
        let shown = |address: &str, after: TimeDelta| office.config(names(address), now + after).unwrap().unwrap();
        let first = shown("10.0.0.7", TimeDelta::zero());
        assert!(Arc::ptr_eq(&first, &shown("10.0.0.7", TimeDelta::days(300))), "it fits still");
        let moved = shown("10.0.0.8", TimeDelta::days(300));
        assert!(!Arc::ptr_eq(&first, &moved), "the hub is elsewhere");
        assert!(Arc::ptr_eq(&moved, &shown("10.0.0.8", TimeDelta::days(600))), "its time began anew");
        assert!(!Arc::ptr_eq(&moved, &shown("10.0.0.8", TimeDelta::days(640))), "its time is nearly over");
    }
}
