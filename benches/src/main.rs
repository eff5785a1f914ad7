//! A load generator for the hub of Rappel.
//!
//! It starts the hub and the limit, a program that does the least that the work needs, in turn and
//! several times, measures both, and prints how they compare. A figure by itself says more about
//! the machine than about the program.

mod armed;
mod board;
mod filled;
mod growth;
mod http;
mod measure;
mod process;
mod report;
mod target;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};

use measure::Sizes;
use report::{Figures, Report};
use target::{Program, Target};

/// Measures the hub against the limit.
#[derive(Debug, Parser)]
struct Arguments {
    /// The hub's program
    #[arg(long, default_value = "target/release/rappel-hub")]
    hub: PathBuf,
    /// The limit's program
    #[arg(long, default_value = "target/release/rappel-limit")]
    limit: PathBuf,
    /// How often each is measured
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Where the data are written while it runs: on the disk that is to be measured
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Where to write the report as JSON as well
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(flatten)]
    sizes: Sizes,
    /// What to measure; everything if nothing is named
    what: Vec<What>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Connections,
    Paced,
    Sustained,
    FanOut,
    Reminders,
    SlowReaders,
    /// Ten thousand sockets that stay
    Crowd,
    /// With nobody there
    Idle,
    /// With a thousand to a million armed reminders
    Armed,
    /// With ten thousand events and with a million
    Growth,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let wanted = if arguments.what.is_empty() { What::value_variants() } else { &arguments.what };
    let programs = [("hub", Program::Hub(arguments.hub.clone())), ("limit", Program::Limit(arguments.limit.clone()))];
    let mut report = Report::default();
    for run in 1..=arguments.runs {
        for (name, program) in &programs {
            for what in wanted {
                eprintln!("run {run} of {}: {name}, {what:?}", arguments.runs);
                let figures = measure(program, *what, &arguments)
                    .await
                    .with_context(|| format!("measuring {what:?} of the {name}"))?;
                report.add(name, figures);
            }
        }
    }
    print!("{}", report.table());
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report.json())?)?;
    }
    ensure!(report.is_complete(), "copies were lost or doubled");
    Ok(())
}

/// One measurement on a program of its own.
async fn measure(program: &Program, what: What, arguments: &Arguments) -> anyhow::Result<Figures> {
    let sizes = &arguments.sizes;
    let mut figures = Figures::default();
    match (program, what) {
        (Program::Limit(_), What::Reminders | What::Armed | What::Growth) => return Ok(figures),
        (Program::Hub(program), What::Armed) => {
            for rows in [1_000, 10_000, 100_000, 1_000_000] {
                armed::armed(program, &arguments.folder, rows, sizes, &mut figures).await?;
            }
            return Ok(figures);
        }
        (Program::Hub(program), What::Growth) => {
            growth::growth(program, &arguments.folder, sizes.events / 100, sizes.events, &mut figures).await?;
            return Ok(figures);
        }
        _ => {}
    }
    let people = if what == What::Idle { 0 } else { sizes.sockets };
    let target = Target::start(program, &arguments.folder, people).await?;
    match what {
        What::Connections => measure::connections(&target, sizes, &mut figures).await?,
        What::Paced => measure::paced(&target, sizes, &mut figures).await?,
        What::Sustained => measure::sustained(&target, sizes, &mut figures).await?,
        What::FanOut => measure::fan_out(&target, sizes, &mut figures).await?,
        What::Reminders => measure::reminders(&target, sizes, &mut figures).await?,
        What::SlowReaders => measure::slow_readers(&target, sizes, &mut figures).await?,
        What::Crowd => measure::crowd(&target, sizes, &mut figures).await?,
        What::Idle => measure::idle(&target, program.path(), sizes, &mut figures).await?,
        What::Armed | What::Growth => unreachable!("it has targets of its own"),
    }
    Ok(figures)
}
