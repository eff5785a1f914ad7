//! A store that holds a great many things: rows are written into its file while no hub runs on it.
//!
//! To post them would take hours. So this is the one place outside the store that knows its tables. All rows are
//! copies of those that the hub itself wrote for one event; what differs in each of them is named here.

use std::path::Path;

use anyhow::{Context, ensure};
use rusqlite::{Connection, params};

/// One day, in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    /// Events; each belongs to one person, and everybody has as many as everybody else.
    pub(crate) events: usize,
    /// How far apart they start, in milliseconds.
    pub(crate) apart_ms: i64,
    /// When the last of them starts, in milliseconds since the Unix epoch.
    pub(crate) last_ms: i64,
    /// Notifications of each event, all but every tenth one read.
    pub(crate) notifications: usize,
    /// Whether some events last for days, weeks and a year; otherwise each lasts an hour.
    pub(crate) long_ones: bool,
}

/// Multiplies the one event that is in the store at `file`, with the reminders and the notification that the hub wrote
/// for it. Reminders that are due before `now_ms` count as fired.
pub(crate) fn fill(file: &Path, content: Content, now_ms: i64) -> anyhow::Result<()> {
    let conn = Connection::open(file)?;
    // What is lost when the machine dies is made anew.
    conn.execute_batch(
        "PRAGMA foreign_keys = off; PRAGMA synchronous = off; PRAGMA cache_size = -500000; PRAGMA temp_store = memory;
         BEGIN",
    )?;
    let found: i64 = conn.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
    ensure!(found == 1, "there is to be one event to be multiplied, not {found}");
    let last = i64::try_from(content.events)?;
    conn.execute(
        "CREATE TEMP TABLE member AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM person",
        [],
    )?;
    conn.execute(
        "CREATE TEMP TABLE copy AS
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         SELECT i, CAST(printf('%016d', i) AS BLOB) AS id, ?2 - (?1 - i) * ?3 AS starts_at_ms,
             CASE WHEN NOT ?5 THEN 3600000
                  WHEN i % 10000 = 7 THEN 365 * ?4 WHEN i % 1000 = 7 THEN 14 * ?4 WHEN i % 100 = 7 THEN 3 * ?4
                  ELSE 3600000 END AS span_ms,
             member.id AS person_id, (i - 1) / (SELECT count(*) FROM member) AS earlier
         FROM n JOIN member ON member.place = i % (SELECT count(*) FROM member)",
        params![last, content.last_ms, content.apart_ms, DAY_MS, content.long_ones],
    )?;
    multiply(
        &conn,
        "event",
        1,
        &[
            ("id", "copy.id"),
            ("local_start", "strftime('%Y-%m-%dT%H:%M:%f', copy.starts_at_ms / 1000.0, 'unixepoch')"),
            ("offset_s", "0"),
            ("time_zone", "'UTC'"),
            ("duration_ms", "copy.span_ms"),
            ("starts_at_ms", "copy.starts_at_ms"),
            ("over_at_ms", "copy.starts_at_ms + copy.span_ms"),
            ("change", "model.change + copy.i"),
            ("assignees", "copy.person_id"),
        ],
    )?;
    let due = "copy.starts_at_ms - (value ->> 0) * 1000";
    let state = format!("iif({due} > {now_ms}, 'pending', 'fired')");
    let each = "FROM json_each(model.offsets)";
    multiply(
        &conn,
        "reminder",
        1,
        &[
            ("event_id", "copy.id"),
            ("person_id", "copy.person_id"),
            ("start_key", "'T:' || copy.starts_at_ms"),
            (
                "offsets",
                &format!("(SELECT json_group_array(json_array(value ->> 0, {due}, value ->> 2, {state})) {each})"),
            ),
            ("next_due_ms", &format!("(SELECT min({due}) {each} WHERE {due} > {now_ms})")),
            ("decided_due_ms", &format!("(SELECT max({due}) {each} WHERE {due} <= {now_ms})")),
        ],
    )?;
    let place = format!("copy.earlier * {} + part.i", content.notifications);
    multiply(
        &conn,
        "notification",
        content.notifications,
        &[
            ("id", "randomblob(16)"),
            ("person_id", "copy.person_id"),
            ("event_id", "copy.id"),
            ("seq", &format!("(SELECT seq FROM inbox WHERE person_id = copy.person_id) + {place}")),
            ("change", &format!("(SELECT change FROM inbox WHERE person_id = copy.person_id) + {place}")),
            ("is_read", "copy.earlier % 10 <> 0"),
            ("is_changed", "copy.earlier % 10 <> 0"),
        ],
    )?;
    conn.execute(
        "UPDATE inbox SET seq = found.seq, change = found.change, unread = found.unread FROM (
             SELECT person_id AS of, max(seq) AS seq, max(change) AS change, sum(NOT is_read) AS unread
             FROM notification GROUP BY person_id) AS found
         WHERE person_id = found.of",
        [],
    )?;
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Writes, for each copy and each row that is in a table, `times` rows that are like it but for some columns.
fn multiply(conn: &Connection, table: &str, times: usize, differing: &[(&str, &str)]) -> anyhow::Result<()> {
    let columns: Vec<String> = conn
        .prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?
        .query_map([table], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let value = |column: &String| match differing.iter().find(|(name, _)| name == column) {
        Some((_, value)) => (*value).to_owned(),
        None => format!("model.{column}"),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    conn.execute_batch(&format!(
        "CREATE TEMP TABLE model AS SELECT * FROM {table};
         INSERT INTO {table} ({columns})
         SELECT {values} FROM copy CROSS JOIN model CROSS JOIN (
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})
             SELECT i FROM n WHERE i <= {times}) AS part;
         DROP TABLE model;"
    ))
    .with_context(|| format!("writing {table}"))
}
