//! The measurements. Each starts from a running target and answers with named figures.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use hdrhistogram::Histogram;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::board::{Audience, Board};
use crate::report::Figures;
use crate::target::{Event, Poster, Target};

/// Sockets that are opened at the same time.
const AT_ONCE: usize = 64;
/// How often all sockets are opened: they are within a tenth of a second.
const CONNECTED: usize = 7;
/// How many post at the same time, step by step.
const POSTERS: [usize; 5] = [1, 8, 32, 128, 512];
/// What Linux counts processor time in, in microseconds.
const TICK_US: f64 = 10_000.0;
/// How often those who are sent a lot are sent something.
const FLOOD_EVERY: Duration = Duration::from_millis(100);

/// How much of each thing is done.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Sizes {
    /// Sockets, each of a person of its own
    #[arg(long, default_value_t = 1000)]
    pub(crate) sockets: usize,
    /// Seconds over which the processor is watched while nothing happens
    #[arg(long, default_value_t = 60)]
    pub(crate) idle_seconds: u64,
    /// Events posted one at a time, a pause between them
    #[arg(long, default_value_t = 500)]
    pub(crate) paced: usize,
    /// Events of each step of the sustained load: so many that the log is copied several times meanwhile
    #[arg(long, default_value_t = 20_000)]
    pub(crate) sustained: usize,
    /// Events told to all sockets of one person
    #[arg(long, default_value_t = 20)]
    pub(crate) fan_outs: usize,
    /// Reminders that are due in the same second
    #[arg(long, default_value_t = 1000)]
    pub(crate) reminders: usize,
    /// Sockets of a crowd
    #[arg(long, default_value_t = 10_000)]
    pub(crate) crowd: usize,
    /// Seconds for which a crowd says nothing
    #[arg(long, default_value_t = 70)]
    pub(crate) crowd_seconds: u64,
    /// Events in an office that has been there for long
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) events: usize,
}

/// In milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A socket for each person: how fast they connect, what they take of memory, and of the processor
/// while nothing happens.
pub(crate) async fn connections(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let board = Board::new(0);
    // The first connections make the program allocate what all of them share.
    drop(Audience::gather(target, (1..=target.people()).take(AT_ONCE), AT_ONCE, &board).await?);
    let before = target.process.memory_kib()?;
    let count = target.people() as f64;
    let mut rates = Vec::new();
    let audience = loop {
        let began = Instant::now();
        let audience = Audience::gather(target, 1..=target.people(), AT_ONCE, &board).await?;
        rates.push(count / began.elapsed().as_secs_f64());
        if rates.len() == 1 {
            figures.put("KiB per socket", (target.process.memory_kib()? - before) / count);
        }
        if rates.len() == CONNECTED {
            break audience;
        }
        drop(audience);
        // Those that went are not to be seen off while others come.
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    figures.put("connects per second", crate::report::median(&mut rates));
    figures.put("idle processor %, a socket each", idle_processor(target, sizes).await?);
    drop(audience);
    Ok(())
}

/// Events one at a time to one assignee each: from the post to the frame.
pub(crate) async fn paced(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let board = Board::new(sizes.paced);
    let _audience = Audience::gather(target, 1..=target.people(), AT_ONCE, &board).await?;
    let latency = one_at_a_time(target, target.people(), sizes.paced, Duration::from_millis(5), &board).await?;
    for (name, quantile) in [("latency p50 ms", 0.5), ("latency p99 ms", 0.99), ("latency p99.9 ms", 0.999)] {
        figures.put(name, latency.value_at_quantile(quantile) as f64 / 1000.0);
    }
    figures.put_losses(&board, sizes.paced, 1);
    Ok(())
}

/// Posts an event when the one before has arrived, after a pause, to the first `people` in turn: how long each took, in
/// microseconds.
async fn one_at_a_time(
    target: &Target,
    people: usize,
    events: usize,
    pause: Duration,
    board: &Board,
) -> anyhow::Result<Histogram<u64>> {
    let mut poster = target.poster().await?;
    let mut latency = Histogram::new(3)?;
    for nonce in 0..events {
        let posted = board.now();
        poster.post(&Event::far(nonce, &[1 + nonce % people])).await?;
        board.wait_for(nonce as u64 + 1).await?;
        let took = board.assigned(nonce).last().saturating_sub(posted);
        latency.record(u64::try_from(took.as_micros())?)?;
        tokio::time::sleep(pause).await;
    }
    Ok(latency)
}

/// Events as fast as they go, with more and more posters: how many a second are durable and
/// delivered. The best step counts.
pub(crate) async fn sustained(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let mut best: f64 = 0.0;
    let mut ticks = 0;
    for posters in POSTERS {
        let board = Board::new(sizes.sustained);
        let _audience = Audience::gather(target, 1..=target.people(), AT_ONCE, &board).await?;
        let mut crew = Vec::new();
        for _ in 0..posters {
            crew.push(target.poster().await?);
        }
        let next = Arc::new(AtomicUsize::new(0));
        let (began, before) = (Instant::now(), target.process.processor_ticks()?);
        let posting = TaskTracker::new();
        let posts: Vec<_> = crew
            .into_iter()
            .map(|poster| posting.spawn(post_until(poster, Arc::clone(&next), sizes.sustained, target.people())))
            .collect();
        for post in posts {
            post.await??;
        }
        board.wait_for(sizes.sustained as u64).await?;
        let rate = sizes.sustained as f64 / began.elapsed().as_secs_f64();
        figures.put(&format!("events/s, {posters} posters"), rate);
        best = best.max(rate);
        ticks += target.process.processor_ticks()? - before;
        figures.put_losses(&board, sizes.sustained, 1);
    }
    figures.put("events/s sustained", best);
    figures.put("processor µs per event", ticks as f64 * TICK_US / (POSTERS.len() * sizes.sustained) as f64);
    Ok(())
}

async fn post_until(mut poster: Poster, next: Arc<AtomicUsize>, end: usize, people: usize) -> anyhow::Result<()> {
    loop {
        let nonce = next.fetch_add(1, Ordering::Relaxed);
        if nonce >= end {
            return Ok(());
        }
        poster.post(&Event::far(nonce, &[1 + nonce % people])).await?;
    }
}

/// One event to all sockets of one person, and one event to all people: until the last copy.
pub(crate) async fn fan_out(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let everybody: Vec<usize> = (1..=target.people()).collect();
    for (name, listeners, assignees) in [
        ("fan-out to one person's sockets, last copy ms", vec![1; sizes.sockets], vec![1]),
        ("fan-out to as many people, last copy ms", everybody.clone(), everybody),
    ] {
        let board = Board::new(sizes.fan_outs);
        let copies = listeners.len() as u64;
        let _audience = Audience::gather(target, listeners, AT_ONCE, &board).await?;
        let mut poster = target.poster().await?;
        let mut last = Vec::new();
        for nonce in 0..sizes.fan_outs {
            let posted = board.now();
            poster.post(&Event::far(nonce, &assignees)).await?;
            board.wait_for((nonce as u64 + 1) * copies).await?;
            last.push(ms(board.assigned(nonce).last().saturating_sub(posted)));
        }
        figures.put(name, crate::report::median(&mut last));
        figures.put_losses(&board, sizes.fan_outs, u32::try_from(copies)?);
    }
    Ok(())
}

/// Reminders that are due at the same instant, and others each alone: how late they come. The limit
/// knows no reminders.
pub(crate) async fn reminders(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let at_once = lateness(target, sizes.reminders, Duration::ZERO).await?;
    figures.put("reminders due at once, last one ms", at_once[at_once.len() - 1]);
    let alone = lateness(target, 100, Duration::from_millis(37)).await?;
    figures.put("single reminders p99 ms", alone[alone.len() * 99 / 100 - 1]);
    figures.put("earliest of all reminders ms", at_once[0].min(alone[0]));
    Ok(())
}

/// Posts events whose reminders are due soon, `apart` from each other: how late each comes, in ms,
/// sorted.
pub(crate) async fn lateness(target: &Target, count: usize, apart: Duration) -> anyhow::Result<Vec<f64>> {
    let board = Board::new(count);
    let _audience = Audience::gather(target, 1..=target.people(), AT_ONCE, &board).await?;
    let mut poster = target.poster().await?;
    // Time enough to post them all, at 200 a second.
    let lead = Duration::from_secs(3) + Duration::from_millis(5) * u32::try_from(count)?;
    let (wall, on_board) = (now(), board.now());
    let due = |nonce: usize| lead + apart * u32::try_from(nonce).unwrap_or(u32::MAX);
    for nonce in 0..count {
        // A minute before the start, so that none is armed too late to be told.
        let starts_at = wall + TimeDelta::from_std(due(nonce))? + TimeDelta::minutes(1);
        let person = [1 + nonce % target.people()];
        poster.post(&Event { nonce, people: &person, starts_at, reminders: Some(&[1]), comment: None }).await?;
    }
    ensure!(board.now() - on_board < lead, "posting took so long that reminders were due meanwhile");
    board.wait_for(2 * count as u64).await?;
    let late = |nonce: usize| {
        // The hub counts in whole milliseconds.
        let due = (on_board + due(nonce)).as_secs_f64();
        (board.reminded(nonce).last().as_secs_f64() - due) * 1000.0
    };
    let mut late: Vec<f64> = (0..count).map(late).collect();
    late.sort_by(f64::total_cmp);
    Ok(late)
}

/// Where one in twenty sockets is sent a lot: how the latency of the others changes when these do not read it.
pub(crate) async fn slow_readers(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let quick = target.people() - target.people().div_ceil(20);
    let slow: Vec<usize> = (quick + 1..=target.people()).collect();
    let mut p99 = Vec::new();
    for is_read in [true, false] {
        let board = Board::new(sizes.paced);
        let mut audience = Audience::gather(target, 1..=quick, AT_ONCE, &board).await?;
        let mut silent = Vec::new();
        for person in &slow {
            let socket = target.listen_narrowly(*person).await?;
            if is_read {
                audience.add(socket, &board);
            } else {
                silent.push(socket);
            }
        }
        let stop = CancellationToken::new();
        let flooding = TaskTracker::new().spawn(flood(target.poster().await?, slow.clone(), stop.clone()));
        let latency = one_at_a_time(target, quick, sizes.paced, FLOOD_EVERY / 10, &board).await?;
        stop.cancel();
        flooding.await??;
        p99.push(latency.value_at_quantile(0.99) as f64 / 1000.0);
        figures.put_losses(&board, sizes.paced, 1);
    }
    figures.put("latency p99 ms, all reading", p99[0]);
    figures.put("latency p99 ms, one in twenty not reading", p99[1]);
    figures.put("latency p99, one in twenty not reading / all reading", p99[1] / p99[0]);
    Ok(())
}

/// Posts large events for some people, until it is stopped.
async fn flood(mut poster: Poster, people: Vec<usize>, stop: CancellationToken) -> anyhow::Result<()> {
    let comment = "x".repeat(9_000);
    let mut due = tokio::time::interval(FLOOD_EVERY);
    while stop.run_until_cancelled(due.tick()).await.is_some() {
        poster.post(&Event { comment: Some(&comment), ..Event::far(usize::MAX, &people) }).await?;
    }
    Ok(())
}

/// Many sockets for each person: whether all of them stay for longer than a silent one would, and hear everything.
pub(crate) async fn crowd(target: &Target, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    let each = sizes.crowd.div_ceil(target.people());
    let everybody: Vec<usize> = (1..=target.people()).collect();
    let board = Board::new(2);
    let listeners = everybody.iter().cycle().take(each * everybody.len()).copied();
    let audience = Audience::gather(target, listeners, AT_ONCE, &board).await?;
    let count = audience.len() as u64;
    let mut poster = target.poster().await?;
    for (nonce, pause) in [(0, Duration::ZERO), (1, Duration::from_secs(sizes.crowd_seconds))] {
        tokio::time::sleep(pause).await;
        let posted = board.now();
        poster.post(&Event::far(nonce, &everybody)).await?;
        board.wait_for((nonce as u64 + 1) * count).await?;
        let last = ms(board.assigned(nonce).last().saturating_sub(posted));
        figures.put(if nonce == 0 { "crowd: last copy ms" } else { "crowd: last copy ms, later" }, last);
    }
    figures.put("crowd: sockets that stayed", audience.len() as f64);
    figures.put_losses(&board, 2, u32::try_from(count)?);
    Ok(())
}

/// What the program takes when nobody is there.
pub(crate) async fn idle(target: &Target, program: &Path, sizes: &Sizes, figures: &mut Figures) -> anyhow::Result<()> {
    figures.put("program MiB", std::fs::metadata(program)?.len() as f64 / 1_048_576.0);
    figures.put("start with nothing, ms", ms(target.process.started_in));
    figures.put("idle processor %, nobody there", idle_processor(target, sizes).await?);
    figures.put("idle memory MiB, nobody there", target.process.memory_kib()? / 1024.0);
    Ok(())
}

/// The share of one processor that it takes while nothing happens.
async fn idle_processor(target: &Target, sizes: &Sizes) -> anyhow::Result<f64> {
    let ticks = target.process.processor_ticks()?;
    tokio::time::sleep(Duration::from_secs(sizes.idle_seconds)).await;
    // A tick is a hundredth of a second.
    Ok((target.process.processor_ticks()? - ticks) as f64 / sizes.idle_seconds as f64)
}

#[expect(clippy::disallowed_methods, reason = "what is measured runs by the real clock")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
