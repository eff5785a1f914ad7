//! The store as a whole, on a real file: each module is one promise it makes. The clock is the
//! `now` that is passed in; nothing waits for time to pass.

mod all_day;
mod changes;
mod claiming;
mod fixture;
mod planned_again;
mod snoozing;
