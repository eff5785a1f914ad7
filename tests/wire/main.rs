//! Rappel over the wire: the real `rappel-hub` on a data directory of its own, called as its clients
//! call it. Each module is one promise of the contract. What must come is waited for; the
//! clock is, only where the hub is off meanwhile.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the pieces that the tests are made of fail as the tests do")]

mod acting;
mod another_machine;
mod at_once;
mod attacks;
mod audit;
mod backing_up;
mod bad_input;
mod calendars;
mod clocks;
mod command_line;
mod copies;
mod crash_loop;
mod crashing;
mod crowds;
mod ending;
mod extremes;
mod failing_writes;
mod foreign_pages;
mod full_disk;
mod harness;
mod history;
mod joining;
mod permissions;
mod reminding;
mod resuming;
mod revisions;
mod secure_office;
mod securing;
mod sessions;
mod sharing;
mod signing_in;
mod succession;
mod two_devices;
mod watching;
mod whole_answers;
mod zone_data;
