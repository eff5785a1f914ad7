//! Popups on Linux: the notification service of the desktop, over D-Bus.
//!
//! One connection for the life of the app and one listener for what happens to every popup: some
//! services report only to the connection that sent a popup, and take its popups away with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, MessageStream};

use super::leftovers::Leftovers;
use super::{Choice, Popup, PopupEvent, PopupProblem, Popups, Tag};

const SERVICE: &str = "org.freedesktop.Notifications";
/// A service that takes longer than this to answer does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Signals that may wait for the listener.
const SIGNAL_QUEUE: usize = 64;
/// Stays until it is acted on.
const NEVER_EXPIRES: i32 = 0;
const URGENCY_NORMAL: u8 = 1;
const URGENCY_CRITICAL: u8 = 2;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[allow(clippy::too_many_arguments, reason = "the signature is the specification's")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
}

/// The picture beside the text: straight RGBA, row by row.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
}

/// Popups over D-Bus.
pub(crate) struct FreedesktopPopups {
    bus: tokio::sync::Mutex<Option<Bus>>,
    shared: Arc<Shared>,
    picture: Picture,
    tasks: TaskTracker,
    /// Ends the listener, once there is nothing more to close.
    stop: CancellationToken,
}

/// The connection, while there is one.
struct Bus {
    service: NotificationsProxy<'static>,
    /// Cancelled by the listener when the connection has ended.
    ended: CancellationToken,
}

/// What the listener and the callers both know.
struct Shared {
    events: mpsc::Sender<PopupEvent>,
    seen: Mutex<Seen>,
    leftovers: Leftovers,
    /// Held while a popup is being sent, so that no answer to it is handled before its id is known.
    sending: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Seen {
    /// The service's connection, and its number of each popup on screen.
    service: String,
    on_screen: HashMap<Tag, u32>,
    /// What the service can do; asked again when another one takes its place.
    capabilities: Option<Capabilities>,
    problem: Option<PopupProblem>,
}

#[derive(Debug, Clone, Copy)]
struct Capabilities {
    markup: bool,
    actions: bool,
}

impl FreedesktopPopups {
    /// Popups whose fate is told to `events`, by a task of `tasks`.
    pub(crate) fn new(events: mpsc::Sender<PopupEvent>, picture: Picture, tasks: TaskTracker) -> Self {
        let shared = Shared {
            events,
            seen: Mutex::default(),
            leftovers: Leftovers::of_this_session(),
            sending: tokio::sync::Mutex::default(),
        };
        let stop = CancellationToken::new();
        Self { bus: tokio::sync::Mutex::default(), shared: Arc::new(shared), picture, tasks, stop }
    }

    /// Finds out whether popups can be shown, before there is one to show.
    pub(crate) async fn look_around(&self) {
        let found = match self.service().await {
            Ok(service) => self.capabilities(&service).await.map(drop),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = found {
            tracing::warn!(%problem, "popups cannot be shown at the moment");
            self.shared.seen().problem = Some(problem);
        }
    }

    /// The notification service, over a connection that is made when there is none.
    async fn service(&self) -> Result<NotificationsProxy<'static>, PopupProblem> {
        let mut bus = self.bus.lock().await;
        if let Some(bus) = bus.as_ref().filter(|bus| !bus.ended.is_cancelled()) {
            return Ok(bus.service.clone());
        }
        let connected = within_patience(self.connect()).await.map_err(|error| PopupProblem::nobody_shows(&error))?;
        let service = connected.service.clone();
        *bus = Some(connected);
        Ok(service)
    }

    async fn connect(&self) -> zbus::Result<Bus> {
        let connection = Connection::session().await?;
        let service = NotificationsProxy::new(&connection).await?;
        let rule =
            MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(SERVICE)?.interface(SERVICE)?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, Some(SIGNAL_QUEUE)).await?;
        let bus = DBusProxy::new(&connection).await?;
        let owners = bus.receive_name_owner_changed_with_args(&[(0, SERVICE)]).await?;
        if let Ok(owner) = bus.get_name_owner(SERVICE.try_into()?).await {
            self.shared.take_over(owner.as_str());
        }
        let ended = self.stop.child_token();
        self.tasks.spawn(listen(signals, owners, Arc::clone(&self.shared), ended.clone()));
        Ok(Bus { service, ended })
    }

    async fn capabilities(&self, service: &NotificationsProxy<'_>) -> Result<Capabilities, PopupProblem> {
        if let Some(known) = self.shared.seen().capabilities {
            return Ok(known);
        }
        let names =
            within_patience(service.get_capabilities()).await.map_err(|error| PopupProblem::nobody_shows(&error))?;
        let has = |name: &str| names.iter().any(|known| known == name);
        let found = Capabilities { markup: has("body-markup"), actions: has("actions") };
        self.shared.seen().capabilities = Some(found);
        Ok(found)
    }

    async fn send(&self, popup: &Popup) -> Result<(), PopupProblem> {
        let service = self.service().await?;
        let capabilities = self.capabilities(&service).await?;
        let mut actions = Vec::new();
        if capabilities.actions {
            // A click on the popup itself opens what it is about.
            if popup.can_be_opened() {
                actions.extend(["default", ""]);
            }
            actions.extend(popup.buttons.iter().flat_map(|button| [button.choice.key(), button.label]));
        }
        let body = if capabilities.markup { escape(&popup.body) } else { popup.body.clone() };
        let _sending = self.shared.sending.lock().await;
        let replaces = self.shared.seen().on_screen.get(&popup.tag).copied().unwrap_or(0);
        let sent = service.notify(
            "Rappel",
            replaces,
            "rappel",
            &popup.summary,
            &body,
            &actions,
            self.hints(popup),
            NEVER_EXPIRES,
        );
        let id = within_patience(sent).await.map_err(|error| PopupProblem::refused(&error))?;
        self.shared.change_screen(|seen| seen.on_screen.insert(popup.tag.clone(), id));
        Ok(())
    }

    fn hints(&self, popup: &Popup) -> HashMap<&'static str, Value<'_>> {
        let Picture { width, height, rgba } = &self.picture;
        let side = |length: u32| i32::try_from(length).unwrap_or(0);
        let image = (side(*width), side(*height), side(*width * 4), true, 8_i32, 4_i32, rgba.as_slice());
        HashMap::from([
            ("urgency", Value::from(if popup.urgent { URGENCY_CRITICAL } else { URGENCY_NORMAL })),
            ("desktop-entry", Value::from("Rappel")),
            ("image-data", Value::from(image)),
        ])
    }
}

impl Popups for FreedesktopPopups {
    fn show(&self, popup: Popup) -> BoxFuture<'_, Result<(), PopupProblem>> {
        Box::pin(async move {
            let sent = self.send(&popup).await;
            self.shared.seen().problem = sent.as_ref().err().cloned();
            sent
        })
    }

    fn close<'a>(&'a self, tag: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(id) = self.shared.change_screen(|seen| seen.on_screen.remove(tag)) else { return };
            let Ok(service) = self.service().await else { return };
            if let Err(error) = within_patience(service.close_notification(id)).await {
                tracing::debug!(%error, "a popup was gone before it was closed");
            }
        })
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let tags: Vec<Tag> = self.shared.seen().on_screen.keys().cloned().collect();
            for tag in tags {
                self.close(&tag).await;
            }
            self.stop.cancel();
        })
    }

    fn problem(&self) -> Option<PopupProblem> {
        self.shared.seen().problem.clone()
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is on the screen, and notes it for the next start.
    fn change_screen<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let mut seen = self.seen();
        let answer = change(&mut seen);
        self.leftovers.note(&seen.service, &seen.on_screen);
        answer
    }

    /// The popup with this number has left the screen.
    fn gone(&self, id: u32) -> Option<Tag> {
        let known = self.seen().on_screen.iter().find(|(_, known)| **known == id).map(|(tag, _)| tag.clone())?;
        self.change_screen(|seen| seen.on_screen.remove(&known));
        Some(known)
    }

    /// This service answers, with what an earlier run has left on its screen.
    fn take_over(&self, service: &str) {
        let mut seen = self.seen();
        service.clone_into(&mut seen.service);
        seen.on_screen.extend(self.leftovers.of(service));
    }

    async fn tell(&self, event: PopupEvent) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("nobody follows the popups any more");
        }
    }

    async fn signal(&self, message: &zbus::Message) -> zbus::Result<()> {
        // Until the one being sent has its number, an answer to it could not be told from others.
        drop(self.sending.lock().await);
        let header = message.header();
        match header.member().map(zbus::names::MemberName::as_str) {
            Some("ActionInvoked") => {
                let (id, key): (u32, String) = message.body().deserialize()?;
                if let (Some(choice), Some(tag)) = (Choice::of_key(&key), self.gone(id)) {
                    self.tell(PopupEvent::Chosen { tag, choice }).await;
                }
            }
            Some("NotificationClosed") => {
                let (id, _reason): (u32, u32) = message.body().deserialize()?;
                if let Some(tag) = self.gone(id) {
                    self.tell(PopupEvent::Closed { tag }).await;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Another service answers from now on, or none until the next popup: the bus may start one
    /// for it. The popups of the one before are gone.
    async fn owner_changed(&self, owner: Option<&str>) {
        let gone: Vec<Tag> = self.change_screen(|seen| {
            seen.capabilities = None;
            seen.problem = None;
            seen.service = owner.unwrap_or_default().to_owned();
            seen.on_screen.drain().map(|(tag, _)| tag).collect()
        });
        for tag in gone {
            self.tell(PopupEvent::Closed { tag }).await;
        }
        if owner.is_some() {
            self.tell(PopupEvent::Available(true)).await;
        }
    }

    /// The connection has ended.
    async fn cut_off(&self) {
        self.owner_changed(None).await;
        self.seen().problem = Some(PopupProblem::nobody_shows(&"the session bus has gone"));
        self.tell(PopupEvent::Available(false)).await;
    }
}

/// Hears what happens to the popups until the connection or the app ends.
async fn listen(
    mut signals: MessageStream,
    mut owners: NameOwnerChangedStream,
    shared: Arc<Shared>,
    ended: CancellationToken,
) {
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            signal = signals.next() => match signal {
                Some(Ok(message)) => {
                    if let Err(error) = shared.signal(&message).await {
                        tracing::warn!(%error, "a signal of the notification service cannot be read");
                    }
                }
                Some(Err(error)) => tracing::debug!(%error, "the session bus failed"),
                None => break,
            },
            owner = owners.next() => match owner {
                Some(change) => match change.args() {
                    Ok(args) => shared.owner_changed(args.new_owner().as_deref()).await,
                    Err(error) => tracing::warn!(%error, "a signal of the session bus cannot be read"),
                },
                None => break,
            },
        }
    }
    ended.cancel();
    shared.cut_off().await;
}

/// The answer to a call, or an error once it has taken too long.
async fn within_patience<T>(call: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
    tokio::time::timeout(PATIENCE, call)
        .await
        .unwrap_or_else(|_| Err(zbus::Error::Failure("the notification service does not answer".into())))
}

/// The text as markup that reads as the text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(
            escape("<img src=x> Dupont & fils <b>&amp;</b>"),
            "&lt;img src=x&gt; Dupont &amp; fils &lt;b&gt;&amp;amp;&lt;/b&gt;"
        );
    }
}
