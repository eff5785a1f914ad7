//! What the store's growth costs: the same calls to a small office and to one that has been there for decades.

use std::path::Path;

use chrono::TimeDelta;
use serde_json::Value;
use tokio::time::Instant;

use crate::filled::{Content, DAY_MS};
use crate::http::Http;
use crate::measure;
use crate::report::{Figures, median};
use crate::target::{Event, Poster, Target};

/// How many people the office has.
const PEOPLE: usize = 20;
/// Events of a day.
const EVENTS_A_DAY: i64 = 100;
/// Notifications of each event.
const NOTIFICATIONS: usize = 5;
/// How often each call is made.
const CALLS: usize = 200;

/// Times what people wait for, with `small` events in the store and with `large`: medians, and how they compare.
pub(crate) async fn growth(
    program: &Path,
    folder: &Path,
    small: usize,
    large: usize,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let little = calls(program, folder, small, figures).await?;
    let much = calls(program, folder, large, figures).await?;
    for ((name, little), (_, much)) in little.iter().zip(&much) {
        figures.put(&format!("{name}: with {large} events / with {small}"), much / little);
    }
    Ok(())
}

/// The median of each call, in ms, in an office of so many events.
async fn calls(
    program: &Path,
    folder: &Path,
    events: usize,
    figures: &mut Figures,
) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let now = measure::now();
    let content = Content {
        events,
        apart_ms: DAY_MS / EVENTS_A_DAY,
        last_ms: (now + TimeDelta::days(30)).timestamp_millis(),
        notifications: NOTIFICATIONS,
        long_ones: true,
    };
    eprintln!("    writing {events} events and {} notifications", events * NOTIFICATIONS);
    let target = Target::start_filled(program, folder, PEOPLE, content).await?;
    figures.put(&format!("start with {events} events, ms"), measure::ms(target.process.started_in));

    let mut http = target.http(1).await?;
    let head = number(&http.get("/api/notifications?limit=1").await?, "seq");
    let day = now - TimeDelta::days(7);
    let (from, to) = (day.format("%Y-%m-%dT00:00:00Z"), day.format("%Y-%m-%dT23:59:59Z"));
    let mut medians = Vec::new();
    for (name, path) in [
        ("listing a day", format!("/api/events?from={from}&to={to}&limit=200")),
        ("listing what is next", format!("/api/events?from={}&limit=50", now.format("%Y-%m-%dT%H:%M:%SZ"))),
        ("listing notifications", "/api/notifications?limit=50".to_owned()),
        ("listing older notifications", format!("/api/notifications?limit=50&before={}", head / 2)),
        ("unread count", "/api/notifications/unread-count".to_owned()),
    ] {
        medians.push((name, time(&mut http, &path).await?));
    }
    medians.push(("creating an event", creating(&mut target.poster().await?, target.people()).await?));
    for (name, ms) in &medians {
        figures.put(&format!("{name} with {events} events, ms"), *ms);
    }
    Ok(medians)
}

async fn time(http: &mut Http, path: &str) -> anyhow::Result<f64> {
    let mut took = Vec::new();
    for _ in 0..CALLS {
        let began = Instant::now();
        http.get(path).await?;
        took.push(measure::ms(began.elapsed()));
    }
    Ok(median(&mut took))
}

async fn creating(poster: &mut Poster, people: usize) -> anyhow::Result<f64> {
    let mut took = Vec::new();
    for nonce in 0..CALLS {
        let person = [1 + nonce % people];
        let began = Instant::now();
        poster.post(&Event::far(nonce, &person)).await?;
        took.push(measure::ms(began.elapsed()));
    }
    Ok(median(&mut took))
}

fn number(answer: &Value, field: &str) -> u64 {
    answer[field].as_u64().unwrap_or_default()
}
