//! Figures by name, over several runs, and how two programs compare.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::board::Board;

/// What one run of one program measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    values: Vec<(String, f64)>,
    lost: u64,
    doubled: u64,
}

impl Figures {
    pub(crate) fn put(&mut self, name: &str, value: f64) {
        self.values.push((name.to_owned(), value));
    }

    /// Counts the copies that did not come and those that came too often.
    pub(crate) fn put_losses(&mut self, board: &Board, events: usize, copies: u32) {
        for nonce in 0..events {
            let came = board.assigned(nonce).copies();
            self.lost += u64::from(copies.saturating_sub(came));
            self.doubled += u64::from(came.saturating_sub(copies));
        }
    }
}

/// All runs of all programs.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By figure, in the order of measuring; by program, run by run.
    rows: Vec<(String, BTreeMap<&'static str, Vec<f64>>)>,
    lost: u64,
    doubled: u64,
}

/// The middle of some values, and how far they lie apart.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let mut values = values.to_vec();
        (!values.is_empty()).then(|| Self {
            median: median(&mut values),
            min: values[0],
            max: values[values.len() - 1],
        })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { median, min, max } = self;
        let digits = if median.abs() >= 100.0 { 0 } else { 2 };
        write!(f, "{median:.digits$} ({min:.digits$}–{max:.digits$})")
    }
}

/// Sorts the values; the middle one.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

impl Report {
    /// Adds a run.
    pub(crate) fn add(&mut self, program: &'static str, figures: Figures) {
        for (name, value) in figures.values {
            let known = self.rows.iter().position(|(row, _)| *row == name);
            let index = known.unwrap_or_else(|| {
                self.rows.push((name, BTreeMap::new()));
                self.rows.len() - 1
            });
            self.rows[index].1.entry(program).or_default().push(value);
        }
        self.lost += figures.lost;
        self.doubled += figures.doubled;
    }

    /// Whether every copy came, once.
    pub(crate) fn is_complete(&self) -> bool {
        self.lost + self.doubled == 0
    }

    /// As a table for people.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("| | hub | limit | hub / limit |\n|---|---|---|---|\n");
        for (name, programs) in &self.rows {
            let cell = |program| programs.get(program).and_then(|values| Spread::of(values));
            let show = |spread: Option<Spread>| spread.map_or_else(|| "–".to_owned(), |spread| spread.to_string());
            let ratio = show(ratios(programs).as_deref().and_then(Spread::of));
            text += &format!("| {name} | {} | {} | {ratio} |\n", show(cell("hub")), show(cell("limit")));
        }
        text + &format!("\nlost copies: {}, doubled copies: {}\n", self.lost, self.doubled)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let rows: serde_json::Map<String, Value> = self
            .rows
            .iter()
            .map(|(name, programs)| {
                let spreads: BTreeMap<_, _> =
                    programs.iter().map(|(program, values)| (*program, Spread::of(values))).collect();
                let ratio = ratios(programs).as_deref().and_then(Spread::of);
                (name.clone(), json!({ "programs": spreads, "ratio": ratio }))
            })
            .collect();
        json!({ "figures": rows, "lost": self.lost, "doubled": self.doubled })
    }
}

/// Hub against limit, run by run: what is measured in turn is measured on the same machine.
fn ratios(programs: &BTreeMap<&'static str, Vec<f64>>) -> Option<Vec<f64>> {
    let (hub, limit) = (programs.get("hub")?, programs.get("limit")?);
    Some(hub.iter().zip(limit).filter(|(_, limit)| **limit != 0.0).map(|(hub, limit)| hub / limit).collect())
}
