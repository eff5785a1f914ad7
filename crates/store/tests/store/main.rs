//! The store as a whole, on a real file: each module is one promise it makes. The clock is the
//! `now` that is passed in; nothing waits for time to pass.

#![expect(clippy::unwrap_used, reason = "the pieces that the tests are made of fail as the tests do")]

mod access;
mod all_day;
mod backup;
mod changes;
mod claiming;
mod copies;
mod editing;
mod file;
mod fixture;
mod histories;
mod history;
mod inbox;
mod inheriting;
mod invitations;
mod joining;
mod kept;
mod listing;
mod people;
mod permissions;
mod planned_again;
mod rederiving;
mod replica;
mod secure_office;
mod set_back;
mod shown_away;
mod snoozing;
mod writer;
