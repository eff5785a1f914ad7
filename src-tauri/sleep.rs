//! Waking up: the system says when the machine has slept, so that nobody waits for the next tick.
//!
//! An optimisation, no more: without a system bus or logind on it, what fell due is found within a
//! second, and a dead line by its silence.

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use zbus::Connection;
use zbus::proxy::CacheProperties;

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Manager {
    /// `start` is true before the machine falls asleep, and false when it has woken.
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

/// Calls `woken` each time the machine has woken, until it is stopped or there is nobody who could
/// tell.
pub(crate) async fn follow(woken: impl Fn() + Send, stop: CancellationToken) {
    let listening = async {
        let bus = Connection::system().await?;
        tell(subscribe(&bus).await?, woken).await;
        Ok::<_, zbus::Error>(())
    };
    tokio::select! {
        () = stop.cancelled() => {}
        ended = listening => match ended {
            Ok(()) => tracing::debug!("the system bus has ended: sleep is noticed by the clock alone"),
            Err(error) => tracing::debug!(%error, "nobody tells of sleep: it is noticed by the clock alone"),
        },
    }
}

/// Listens from the return on.
async fn subscribe(bus: &Connection) -> zbus::Result<PrepareForSleepStream> {
    let logind = ManagerProxy::builder(bus).cache_properties(CacheProperties::No).build().await?;
    logind.receive_prepare_for_sleep().await
}

async fn tell(mut signals: PrepareForSleepStream, woken: impl Fn() + Send) {
    while let Some(signal) = signals.next().await {
        if signal.args().is_ok_and(|args| !args.start) {
            tracing::info!("the machine has woken");
            woken();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio_util::task::TaskTracker;
    use zbus::connection;

    use super::*;
    use crate::test_bus::Bus;

    /// How long a test waits for what must come.
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn says(logind: &Connection, start: bool) {
        let path = "/org/freedesktop/login1";
        let sent = logind
            .emit_signal(None::<&str>, path, "org.freedesktop.login1.Manager", "PrepareForSleep", &(start,))
            .await;
        sent.expect("sent");
    }

    #[tokio::test]
    async fn whoever_listens_hears_of_each_waking_and_of_nothing_else() {
        let bus = Bus::start();
        let impostor = bus.connect().build().await.expect("a connection");
        let logind = bus.connect().name("org.freedesktop.login1").expect("a name").build().await.expect("logind");
        let ours = bus.connect().build().await.expect("a connection");
        let signals = subscribe(&ours).await.expect("listening");
        let (told, mut woken) = mpsc::channel(8);
        let listener = TaskTracker::new().spawn(tell(signals, move || told.try_send(()).expect("there is room")));

        says(&impostor, false).await;
        for start in [true, false, true, false] {
            says(&logind, start).await;
        }
        for _ in 0..2 {
            tokio::time::timeout(PATIENCE, woken.recv()).await.expect("woken").expect("the listener goes on");
        }
        ours.close().await.expect("closed");
        tokio::time::timeout(PATIENCE, listener).await.expect("it ends with the bus").expect("without a panic");
        assert_eq!(woken.recv().await, None, "falling asleep is not waking, and only logind is believed");
    }

    #[tokio::test]
    async fn a_bus_without_logind_is_no_problem() {
        let bus = Bus::start();
        let ours = bus.connect().build().await.expect("a connection");
        let signals = subscribe(&ours).await.expect("it may come later");
        ours.close().await.expect("closed");
        tokio::time::timeout(PATIENCE, tell(signals, || panic!("nobody woke"))).await.expect("it ends with the bus");
    }

    /// Set where a test runs again with a system bus of its own.
    const INSIDE: &str = "RAPPEL_TEST_INSIDE";

    /// Runs a test of this name again, with this as the address of the system bus.
    fn again(test: &str, address: &str) {
        let mut again = Command::new(std::env::current_exe().expect("a program"));
        again.args(["--exact", test]).env(INSIDE, "1").env("DBUS_SYSTEM_BUS_ADDRESS", address);
        assert!(again.status().expect("it runs").success(), "it failed with its own system bus");
    }

    #[tokio::test]
    async fn the_system_bus_is_the_one_that_the_environment_names() {
        if std::env::var_os(INSIDE).is_none() {
            return again("sleep::tests::the_system_bus_is_the_one_that_the_environment_names", Bus::start().address());
        }
        let builder = connection::Builder::system().expect("an address").name("org.freedesktop.login1");
        let logind = builder.expect("a name").build().await.expect("logind");
        let (told, mut woken) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let following = follow(
            move || {
                // One that was not taken yet says the same.
                let _ = told.try_send(());
            },
            stop.clone(),
        );
        let listener = TaskTracker::new().spawn(following);
        // It says so again until somebody has begun to listen.
        let heard = async {
            loop {
                says(&logind, false).await;
                if tokio::time::timeout(Duration::from_millis(50), woken.recv()).await.is_ok() {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("it is heard");
        stop.cancel();
        listener.await.expect("it ends when it is stopped");
    }

    #[tokio::test]
    async fn without_a_system_bus_nobody_listens_and_nothing_is_wrong() {
        if std::env::var_os(INSIDE).is_none() {
            let test = "sleep::tests::without_a_system_bus_nobody_listens_and_nothing_is_wrong";
            return again(test, "unix:path=/nonexistent/bus");
        }
        let following = follow(|| panic!("nobody woke"), CancellationToken::new());
        tokio::time::timeout(PATIENCE, following).await.expect("it gives up by itself");
    }
}
