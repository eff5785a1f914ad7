//! Keeping the file in shape: what the planner knows of it, and space that is not used any more.
//!
//! What is forgotten leaves pages that later rows use, so a file in its ordinary life neither grows nor shrinks. After
//! a great deal went at once, it is made shorter from its end, a few pages in each transaction: a whole `VACUUM` would
//! have everybody wait, and need as much space again.

use crate::error::Error;
use crate::store::Store;
use crate::writer::Txn;

/// Fewer unused pages than this, of 4 KiB, are nobody's concern.
const UNUSED_MAX: u64 = 1024;
/// Nor are those that are no more than one in this many.
const UNUSED_SHARE: u64 = 4;
/// Pages that one transaction gives back.
const STEP: u64 = 64;

impl Store {
    /// Counts anew what the planner goes by, and gives back what is unused, if that is much; the answer is how many
    /// pages. Dropped before its end, it leaves the rest for the next time.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn tidy(&self) -> Result<u64, Error> {
        // Of every table that has grown tenfold since it was last counted, from a sample.
        self.write(|txn| Ok(txn.conn.execute_batch("PRAGMA optimize = 0x10002")?)).await?;
        let mut given_back = 0;
        if self.write(|txn| txn.has_much_unused()).await? {
            loop {
                match self.write(|txn| txn.give_back()).await? {
                    0 => break,
                    pages => given_back += pages,
                }
            }
        }
        // What the writer keeps of the file in memory: most of it was for what has just been done.
        self.write(|txn| Ok(txn.conn.execute_batch("PRAGMA shrink_memory")?)).await?;
        Ok(given_back)
    }
}

impl Txn<'_> {
    fn has_much_unused(&self) -> Result<bool, Error> {
        let (unused, all) = (self.pragma("freelist_count")?, self.pragma("page_count")?);
        Ok(unused > UNUSED_MAX && unused > all / UNUSED_SHARE)
    }

    fn give_back(&self) -> Result<u64, Error> {
        let before = self.pragma("page_count")?;
        self.conn.execute_batch(&format!("PRAGMA incremental_vacuum({STEP})"))?;
        Ok(before - self.pragma("page_count")?)
    }

    fn pragma(&self, name: &str) -> Result<u64, Error> {
        Ok(self.conn.pragma_query_value(None, name, |row| row.get(0))?)
    }
}
