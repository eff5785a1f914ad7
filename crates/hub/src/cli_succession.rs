//! Standing by, and taking over, from the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{StandByArgs, end_of_process, run_server, say, start_log};
use crate::clock::{Clock, SystemClock};
use crate::data_dir::{DataDir, has_store};
use crate::hub::open_store;
use crate::succession::{self, StandBy, Successor};

/// Stands by until this computer is the hub, and serves from then on.
pub(super) async fn stand_by(data_dir: PathBuf, args: StandByArgs) -> anyhow::Result<()> {
    start_log();
    let port = args.serve.listen.port();
    if port == 0 {
        bail!("name the port on which this computer would serve: --listen ADDR:PORT");
    }
    let is_member = StandBy::exists(&data_dir);
    if has_store(&data_dir) && !is_member && Successor::read(&data_dir)?.is_none() {
        bail!("there is an office in {}: `serve` runs it", data_dir.display());
    }
    let standing_by = match args.link {
        _ if is_member => StandBy::open(&data_dir, port)?,
        Some(link) => StandBy::join(&data_dir, &link, &args.name, port).await?,
        None => bail!("the link of an invitation is missing: --link LINK"),
    };
    if standing_by.has_inherited()? {
        return run_server(data_dir, args.serve).await;
    }
    say(&format!("standing by as {}", standing_by.device()));
    let ending = end_of_process()?;
    let inherited = tokio::select! {
        inherited = standing_by.run() => inherited?,
        () = ending => return Ok(()),
    };
    tracing::info!(made_at = %inherited.made_at, "serving as the hub from here on");
    run_server(data_dir, args.serve).await
}

/// Makes this computer the hub: with the copy that it keeps, or with the data that it had when another
/// one followed it.
pub(super) async fn take_over(data_dir: &Path) -> anyhow::Result<()> {
    if StandBy::exists(data_dir) {
        // The port is for others to find it by; none is found by a computer that only takes over.
        let inherited = StandBy::open(data_dir, 0)?.take_over().await?;
        say(&format!("this computer is the hub, with everything up to {}: `serve` runs it", inherited.made_at));
        return Ok(());
    }
    let mark = Successor::read(data_dir)?.filter(|_| has_store(data_dir));
    let Some(mark) = mark else {
        bail!("this computer keeps no copy of an office: in {} there is none", data_dir.display());
    };
    let held = DataDir::hold(data_dir)?;
    let store = open_store(&held, None, |_| {})?;
    let key = crate::identity::key_of(&store).await?;
    if let Some(address) = succession::answers_at(&mark, &key).await {
        bail!("the hub answers, at {address}: have it hand over instead");
    }
    succession::go_on(&held, &store, SystemClock.now()).await.context("the data cannot be used")?;
    say(&format!("this computer is the hub again, with everything up to {}: `serve` runs it", mark.at()));
    Ok(())
}
