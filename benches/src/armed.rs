//! An office with a great many reminders ahead: how fast it starts, and how late its reminders come.
//!
//! The rows are written into the store's file while no hub runs on it: to post them would take
//! hours. So this is the one place outside the store that knows its tables.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use rusqlite::{Connection, params};

use crate::measure::{self, Sizes};
use crate::report::Figures;
use crate::target::{Program, Target};

/// Starts the hub on `rows` armed reminders, two of each event.
pub(crate) async fn armed(
    program: &Path,
    folder: &Path,
    rows: usize,
    sizes: &Sizes,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut target = Target::start(&Program::Hub(program.to_owned()), folder, sizes.sockets.min(100)).await?;
    target.stop().await?;
    arm(&target.folder().join("rappel.db"), rows / 2)?;
    target.restart(program).await?;
    figures.put(&format!("start with {rows} armed ms"), target.process.started_in.as_secs_f64() * 1000.0);
    let late = measure::lateness(&target, 100, Duration::from_millis(37)).await?;
    figures.put(&format!("single reminders p99 with {rows} armed ms"), late[late.len() * 99 / 100 - 1]);
    Ok(())
}

fn arm(file: &Path, events: usize) -> anyhow::Result<()> {
    let conn = Connection::open(file)?;
    let person: Vec<u8> = conn.query_row("SELECT id FROM person LIMIT 1", [], |row| row.get(0)).context("a person")?;
    let first = 1_900_000_000_000_i64; // in the year 2030
    conn.execute_batch("BEGIN")?;
    conn.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO event (id, title, all_day, local_start, offset_s, time_zone, starts_at_ms, over_at_ms,
             reminder_days, status, visibility, revision, created_by, created_at_ms, updated_at_ms, search_text, change)
         SELECT CAST(printf('%016d', i) AS BLOB), 'Event', 0,
             strftime('%Y-%m-%dT%H:%M:%f', (?2 + i * 1000) / 1000, 'unixepoch'), 0, 'UTC', ?2 + i * 1000,
             ?2 + i * 1000 + 3600000, '[0]', 'planned', 'team', 1, ?3, 0, 0, 'event',
             (SELECT event_change FROM office) + i FROM n",
        params![events, first, person],
    )?;
    conn.execute("UPDATE office SET event_change = event_change + ?1", [events])?;
    conn.execute(
        "INSERT INTO assignee (event_id, person_id, position) SELECT id, ?1, 0 FROM event WHERE title = 'Event'",
        [&person],
    )?;
    for minutes in [30, 5] {
        conn.execute(
            "INSERT INTO reminder (event_id, person_id, start_key, purpose, param, due_ms, armed_at_ms, state)
             SELECT id, ?1, 'T:' || starts_at_ms, 'reminder', ?2, starts_at_ms - ?2 * 1000, 0, 'pending'
             FROM event WHERE title = 'Event'",
            params![person, minutes * 60],
        )?;
    }
    conn.execute_batch("COMMIT; ANALYZE")?;
    Ok(())
}
