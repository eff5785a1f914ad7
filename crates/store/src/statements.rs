//! Running the statements that most commits consist of.

use std::cell::RefCell;

use rusqlite::{CachedStatement, Connection, ToSql};

/// What runs statements that give no rows.
pub(crate) trait Statements {
    /// Runs one with its parameters; the answer is how many rows it changed. It is compiled once.
    fn execute(&self, statement: &'static str, parameters: &[&dyn ToSql]) -> rusqlite::Result<usize>;
}

/// As often as may be: the connection keeps what was compiled, and finds it by its text.
impl Statements for Connection {
    fn execute(&self, statement: &'static str, parameters: &[&dyn ToSql]) -> rusqlite::Result<usize> {
        self.prepare_cached(statement)?.execute(parameters)
    }
}

/// For commands that share a commit and are alike: what one of them ran is at hand for the next, and found by where its
/// text stands. To read the text each time takes a twentieth of what an event takes.
pub(crate) struct AtHand<'c> {
    conn: &'c Connection,
    compiled: RefCell<Vec<(&'static str, CachedStatement<'c>)>>,
}

impl<'c> AtHand<'c> {
    /// With nothing at hand yet.
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self { conn, compiled: RefCell::default() }
    }
}

impl Statements for AtHand<'_> {
    fn execute(&self, statement: &'static str, parameters: &[&dyn ToSql]) -> rusqlite::Result<usize> {
        let mut compiled = self.compiled.borrow_mut();
        let place = match compiled.iter().position(|(text, _)| std::ptr::eq(*text, statement)) {
            Some(place) => place,
            None => {
                compiled.push((statement, self.conn.prepare_cached(statement)?));
                compiled.len() - 1
            }
        };
        compiled[place].1.execute(parameters)
    }
}
