//! Keeping this computer awake, by the means of each OS. The screen may go dark, whoever sits here
//! may send the computer to sleep, and closing the lid of a laptop does: only being left alone does
//! not.

/// Keeps this computer awake, for the reason that the system may show. It may sleep again when the
/// answer is dropped, or this program ends.
///
/// # Errors
/// When nobody takes the wish.
pub(crate) async fn keep(reason: &'static str) -> Result<Awake, String> {
    platform::keep(reason).await
}

pub(crate) use platform::Awake;

#[cfg(target_os = "linux")]
mod platform {
    use std::time::Duration;

    use zbus::fdo::DBusProxy;
    use zbus::proxy::CacheProperties;
    use zbus::zvariant::OwnedFd;
    use zbus::{Connection, Proxy};

    /// What answers later than this does not answer.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// To the session's manager: do not suspend. The screen may go dark all the same.
    const SUSPEND: u32 = 4;

    /// The wishes that were taken. Whoever took one lets go of it when its connection is closed.
    pub(crate) struct Awake {
        _of_system: Option<OwnedFd>,
        _of_session: Option<Connection>,
    }

    pub(super) async fn keep(reason: &'static str) -> Result<Awake, String> {
        let system = async { Connection::system().await.ok() };
        let session = async { Connection::session().await.ok() };
        let asked = async {
            let (system, session) = tokio::join!(system, session);
            keep_with(system, session, reason).await
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err("nobody answered".into()))
    }

    /// Asks everybody who may send a machine to sleep that is left alone: logind, and what the
    /// desktop has for that, which does not always ask logind.
    pub(super) async fn keep_with(
        system: Option<Connection>,
        session: Option<Connection>,
        reason: &str,
    ) -> Result<Awake, String> {
        let mut why = Vec::new();
        let of_system = match &system {
            Some(bus) => logind(bus, reason).await.map_err(|error| why.push(error.to_string())).ok(),
            None => None,
        };
        let mut is_taken = false;
        if let Some(bus) = &session {
            for (service, path, interface) in [
                (
                    "org.freedesktop.PowerManagement",
                    "/org/freedesktop/PowerManagement/Inhibit",
                    "org.freedesktop.PowerManagement.Inhibit",
                ),
                ("org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager"),
            ] {
                match desktop(bus, (service, path, interface), reason).await {
                    Ok(taken) => is_taken |= taken,
                    Err(error) => why.push(error.to_string()),
                }
            }
        }
        if of_system.is_none() && !is_taken {
            return Err(if why.is_empty() { "there is nobody to ask".into() } else { why.join("; ") });
        }
        Ok(Awake { _of_system: of_system, _of_session: session.filter(|_| is_taken) })
    }

    async fn logind(bus: &Connection, reason: &str) -> zbus::Result<OwnedFd> {
        let at = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        let logind = proxy(bus, at).await?;
        // "sleep" would also keep those awake who choose to sleep.
        logind.call("Inhibit", &("idle", "Rappel", reason, "block")).await
    }

    /// Asks one service of the desktop; false where it does not run. It is not started for this.
    async fn desktop(
        bus: &Connection,
        at: (&'static str, &'static str, &'static str),
        reason: &str,
    ) -> zbus::Result<bool> {
        if !DBusProxy::new(bus).await?.name_has_owner(at.0.try_into()?).await? {
            return Ok(false);
        }
        let service = proxy(bus, at).await?;
        let _cookie: u32 = if at.0 == "org.gnome.SessionManager" {
            service.call("Inhibit", &("Rappel", 0_u32, reason, SUSPEND)).await?
        } else {
            service.call("Inhibit", &("Rappel", reason)).await?
        };
        Ok(true)
    }

    async fn proxy(
        bus: &Connection,
        (service, path, interface): (&'static str, &'static str, &'static str),
    ) -> zbus::Result<Proxy<'static>> {
        zbus::proxy::Builder::new(bus)
            .destination(service)?
            .path(path)?
            .interface(interface)?
            .cache_properties(CacheProperties::No)
            .build()
            .await
    }
}

#[cfg(any(target_os = "macos", windows))]
mod platform {
    use tokio::sync::oneshot;

    /// The thread that keeps it awake ends when this is dropped.
    pub(crate) struct Awake {
        _until: oneshot::Sender<()>,
    }

    pub(super) async fn keep(reason: &'static str) -> Result<Awake, String> {
        let (until, dropped) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        // Windows keeps it awake for a thread, as long as that lives.
        tauri::async_runtime::spawn_blocking(move || {
            let kept = keepawake::Builder::default().display(false).idle(true).sleep(false).reason(reason).create();
            match kept {
                Ok(kept) => {
                    if tell.send(Ok(())).is_ok() {
                        // It ends by being dropped, which is an error to whoever waits.
                        let _ = dropped.blocking_recv();
                    }
                    drop(kept);
                }
                Err(error) => drop(tell.send(Err(error.to_string()))),
            }
        });
        told.await.map_err(|error| error.to_string())??;
        Ok(Awake { _until: until })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{PipeReader, Read};
    use std::sync::Mutex;

    use tokio::sync::mpsc;
    use zbus::zvariant::OwnedFd;

    use super::platform::keep_with;
    use crate::test_bus::Bus;

    const REASON: &str = "Colleagues are reminded from this computer";

    struct Logind {
        /// What ends when the wish does.
        held: Mutex<Option<PipeReader>>,
        asked: mpsc::Sender<[String; 4]>,
    }

    #[zbus::interface(name = "org.freedesktop.login1.Manager")]
    impl Logind {
        fn inhibit(&self, what: String, who: String, why: String, mode: String) -> OwnedFd {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            *self.held.lock().expect("whole") = Some(reader);
            self.asked.try_send([what, who, why, mode]).expect("room");
            std::os::fd::OwnedFd::from(writer).into()
        }
    }

    struct PowerManagement(mpsc::Sender<[String; 2]>);

    #[zbus::interface(name = "org.freedesktop.PowerManagement.Inhibit")]
    impl PowerManagement {
        fn inhibit(&self, who: String, why: String) -> u32 {
            self.0.try_send([who, why]).expect("room");
            7
        }
    }

    #[tokio::test]
    async fn logind_is_asked_not_to_suspend_an_idle_machine_until_it_is_enough() {
        let bus = Bus::start();
        let (asked, mut questions) = mpsc::channel(1);
        let logind = Logind { held: Mutex::default(), asked };
        let name = bus.connect().name("org.freedesktop.login1").expect("a name");
        let logind = name.serve_at("/org/freedesktop/login1", logind).expect("served").build().await.expect("logind");
        let ours = bus.connect().build().await.expect("a connection");
        let awake = keep_with(Some(ours), None, REASON).await.expect("taken");
        let question = questions.recv().await.expect("asked");
        assert_eq!(question, ["idle", "Rappel", REASON, "block"].map(str::to_owned));
        let served = logind.object_server().interface::<_, Logind>("/org/freedesktop/login1").await.expect("served");
        let mut held = served.get().await.held.lock().expect("whole").take().expect("a wish");
        drop(awake);
        let mut rest = Vec::new();
        let ended = tauri::async_runtime::spawn_blocking(move || held.read_to_end(&mut rest));
        assert_eq!(ended.await.expect("read").expect("read"), 0, "logind sees that nobody holds it any more");
    }

    #[tokio::test]
    async fn a_desktop_is_asked_too_and_forgets_with_the_connection() {
        let bus = Bus::start();
        let (asked, mut questions) = mpsc::channel(1);
        let name = bus.connect().name("org.freedesktop.PowerManagement").expect("a name");
        let path = "/org/freedesktop/PowerManagement/Inhibit";
        let service = name.serve_at(path, PowerManagement(asked)).expect("served").build().await.expect("a service");
        let ours = bus.connect().build().await.expect("a connection");
        let our_name = ours.unique_name().expect("a name").to_string();
        let awake = keep_with(None, Some(ours), REASON).await.expect("taken");
        assert_eq!(questions.recv().await.expect("asked"), ["Rappel", REASON].map(str::to_owned));
        let known = zbus::fdo::DBusProxy::new(&service).await.expect("the bus");
        let is_there =
            async || known.name_has_owner(our_name.as_str().try_into().expect("a name")).await.expect("asked");
        assert!(is_there().await, "as long as it is held");
        drop(awake);
        while is_there().await {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn where_there_is_nobody_to_ask_that_is_said() {
        let bus = Bus::start();
        let ours = async || bus.connect().build().await.expect("a connection");
        assert!(keep_with(None, None, REASON).await.is_err());
        assert!(keep_with(Some(ours().await), Some(ours().await), REASON).await.is_err());
    }
}
