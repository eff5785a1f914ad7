//! What the tray's menu has of sharing: the way to it, and the line that says that the hub has moved.

use tauri::menu::{Menu, MenuItem};
use tauri::{AppHandle, Runtime};

use crate::sharing::Shared;
use crate::words::Words;

/// The page of the window that shows the code.
pub(super) const PAGE: &str = "/share";
/// The ids of the entries.
pub(super) const SHARE: &str = "share";
pub(super) const MOVED: &str = "moved";

/// The entries, each in the menu only while it is of use.
pub(super) struct ShareEntries<R: Runtime> {
    share: MenuItem<R>,
    moved: MenuItem<R>,
}

impl<R: Runtime> ShareEntries<R> {
    pub(super) fn new(app: &AppHandle<R>) -> tauri::Result<Self> {
        Ok(Self {
            share: MenuItem::with_id(app, SHARE, "", true, None::<&str>)?,
            moved: MenuItem::with_id(app, MOVED, "", true, None::<&str>)?,
        })
    }

    /// Shows those that are of use now; the way to sharing stands above the entry `below`.
    pub(super) fn show(&self, menu: &Menu<R>, below: &str, shared: &Shared, words: &Words) -> tauri::Result<()> {
        self.share.set_text(words.share)?;
        self.moved.set_text(words.has_moved)?;
        let at = menu.items()?.iter().position(|entry| entry.id() == below).unwrap_or(0);
        put(menu, &self.share, SHARE, at, shared.is_here())?;
        put(menu, &self.moved, MOVED, 0, shared.has_moved())
    }
}

fn put<R: Runtime>(menu: &Menu<R>, item: &MenuItem<R>, id: &str, at: usize, is_wanted: bool) -> tauri::Result<()> {
    match (is_wanted, menu.get(id).is_some()) {
        (true, false) => menu.insert(item, at),
        (false, true) => menu.remove(item),
        (true, true) | (false, false) => Ok(()),
    }
}
