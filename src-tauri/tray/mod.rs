//! The icon in the panel, and its menu.

pub(crate) mod face;
mod panel;
mod share;

use rappel_link::Timestamp;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::desk::{Desk, Situation};
use crate::words::Words;
use crate::{commands, start, window};
use face::{Face, Size};
use panel::Panel;
use share::ShareEntries;

/// The ids of the menu's entries.
mod entry {
    pub(super) const TROUBLE: &str = "trouble";
    pub(super) const OPEN: &str = "open";
    pub(super) const UNREAD: &str = "unread";
    pub(super) const PAUSE: &str = "pause";
    pub(super) const QUIT: &str = "quit";
}

/// The tray icon with what of it changes.
pub(crate) struct Tray<R: Runtime> {
    icon: TrayIcon<R>,
    menu: Menu<R>,
    /// In the menu only while there is some.
    trouble: MenuItem<R>,
    open: MenuItem<R>,
    unread: MenuItem<R>,
    share: ShareEntries<R>,
    pause: CheckMenuItem<R>,
    quit: MenuItem<R>,
    size: Size,
}

impl<R: Runtime> Tray<R> {
    /// Puts the icon into the panel.
    pub(crate) fn build(app: &AppHandle<R>) -> tauri::Result<Self> {
        if !library_is_there() {
            let missing =
                std::io::Error::new(std::io::ErrorKind::NotFound, "libayatana-appindicator3 is not installed");
            return Err(missing.into());
        }
        let desk = app.state::<Desk>();
        let words = Words::of(desk.locale());
        let situation = desk.situation();
        let trouble = MenuItem::with_id(app, entry::TROUBLE, "", true, None::<&str>)?;
        let open = MenuItem::with_id(app, entry::OPEN, words.open_rappel, true, None::<&str>)?;
        let unread = MenuItem::with_id(app, entry::UNREAD, words.unread(situation.unread), true, None::<&str>)?;
        let share = ShareEntries::new(app)?;
        let pause = CheckMenuItem::with_id(app, entry::PAUSE, words.pause, true, situation.paused, None::<&str>)?;
        let quit = MenuItem::with_id(app, entry::QUIT, words.quit, true, None::<&str>)?;
        let (above, below) = (PredefinedMenuItem::separator(app)?, PredefinedMenuItem::separator(app)?);
        let menu = Menu::with_items(app, &[&open, &unread, &above, &pause, &below, &quit])?;
        let size = Size::of_screen(app.primary_monitor()?.map_or(1.0, |monitor| monitor.scale_factor()));
        let icon = TrayIconBuilder::with_id("rappel")
            .icon(face::picture(Face::of(&situation), Panel::Dark, size))
            .icon_as_template(true)
            .tooltip(tooltip(&situation, words))
            .menu(&menu)
            .show_menu_on_left_click(false)
            .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
            .on_tray_icon_event(|tray, event| {
                if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } =
                    event
                {
                    window::open(tray.app_handle(), None);
                }
            })
            .build(app)?;
        Ok(Self { icon, menu, trouble, open, unread, share, pause, quit, size })
    }

    /// Keeps the icon true to the situation until `stop`.
    pub(crate) async fn follow(
        self,
        app: AppHandle<R>,
        mut situation: watch::Receiver<Situation>,
        stop: CancellationToken,
    ) {
        let panel = Panel::of_this_session().await;
        let mut shared = app.state::<Desk>().sharing().subscribe();
        loop {
            let now = situation.borrow_and_update().clone();
            let words = Words::of(app.state::<Desk>().locale());
            let shown = self
                .show(&now, panel, words)
                .and_then(|()| self.share.show(&self.menu, entry::PAUSE, &shared.borrow_and_update(), words));
            if let Err(error) = shown {
                tracing::warn!(%error, "the tray cannot be brought up to date");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = situation.changed() => if changed.is_err() { return },
                changed = shared.changed() => if changed.is_err() { return },
            }
        }
    }

    fn show(&self, situation: &Situation, panel: Panel, words: &Words) -> tauri::Result<()> {
        self.icon.set_icon_with_as_template(Some(face::picture(Face::of(situation), panel, self.size)), true)?;
        self.icon.set_tooltip(Some(tooltip(situation, words)))?;
        self.show_trouble(ailment(situation, words))?;
        self.open.set_text(words.open_rappel)?;
        self.unread.set_text(words.unread(situation.unread))?;
        self.pause.set_text(words.pause)?;
        self.pause.set_checked(situation.paused)?;
        self.quit.set_text(words.quit)
    }
}

impl<R: Runtime> Tray<R> {
    /// The first line of the menu says what is wrong, while something is.
    fn show_trouble(&self, ailment: Option<String>) -> tauri::Result<()> {
        let is_in_menu = self.menu.get(entry::TROUBLE).is_some();
        match ailment {
            Some(ailment) => {
                self.trouble.set_text(ailment)?;
                if is_in_menu { Ok(()) } else { self.menu.insert(&self.trouble, 0) }
            }
            None if is_in_menu => self.menu.remove(&self.trouble),
            None => Ok(()),
        }
    }
}

/// An entry of the menu was chosen.
fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    match id {
        entry::OPEN | entry::TROUBLE => window::open(app, None),
        share::SHARE | share::MOVED => window::open(app, Some(share::PAGE)),
        entry::UNREAD => window::open(app, Some("/notifications")),
        entry::PAUSE => {
            let mut settings = app.state::<Desk>().settings();
            settings.paused = !settings.paused;
            let app = app.clone();
            let tasks = app.state::<Desk>().tasks().clone();
            tasks.spawn_on(async move { commands::desktop::apply(&app, settings).await }, &crate::runtime());
        }
        entry::QUIT => drop(tauri::async_runtime::spawn(start::quit(app.clone()))),
        _ => {}
    }
}

/// What is wrong in this situation, in one line.
fn ailment(situation: &Situation, words: &Words) -> Option<String> {
    match (situation.contact.is_away(), situation.synced_at, situation.trouble) {
        (true, Some(synced_at), _) => Some(words.hub_off(&time_of_day(synced_at, &jiff::Zoned::now()))),
        (true, None, _) => None,
        (false, _, trouble) => trouble.map(|trouble| words.trouble(trouble).to_owned()),
    }
}

/// "09:12", with its day where that is another one.
fn time_of_day(at: Timestamp, now: &jiff::Zoned) -> String {
    let Ok(at) = jiff::Timestamp::from_millisecond(at.as_ms()) else { return String::new() };
    let at = at.to_zoned(now.time_zone().clone());
    let format = if at.date() == now.date() { "%H:%M" } else { "%d/%m %H:%M" };
    at.strftime(format).to_string()
}

/// "Rappel · 3 unread notifications · paused".
fn tooltip(situation: &Situation, words: &Words) -> String {
    if let Some(ailment) = ailment(situation, words) {
        return format!("Rappel · {ailment}");
    }
    if situation.contact.is_away() {
        return words.hub_unreachable.to_owned();
    }
    let mut text = format!("Rappel · {}", words.unread(situation.unread));
    if situation.paused {
        text.push_str(" · ");
        text.push_str(words.paused);
    }
    text
}

/// Whether the library that draws tray icons can be loaded: asking for an icon without it panics.
#[cfg(target_os = "linux")]
fn library_is_there() -> bool {
    const NAMES: [&str; 4] = [
        "libayatana-appindicator3.so.1",
        "libappindicator3.so.1",
        "libayatana-appindicator3.so",
        "libappindicator3.so",
    ];
    NAMES.iter().any(|name| dlopen2::raw::Library::open(name).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn library_is_there() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Contact, Why};
    use rappel_link::Locale;
    use rappel_link::frame::Trouble;

    #[test]
    fn a_time_of_another_day_says_which() {
        let now: jiff::Zoned = "2026-11-23T10:00:00+01:00[Europe/Paris]".parse().expect("a time");
        let at = |text| Timestamp::parse_rfc3339(text).expect("an instant");
        assert_eq!(time_of_day(at("2026-11-23T08:12:00Z"), &now), "09:12");
        assert_eq!(time_of_day(at("2026-11-22T17:40:00Z"), &now), "22/11 18:40");
    }

    #[test]
    fn the_tooltip_has_the_number_that_the_icon_has_no_room_for() {
        let situation = Situation { contact: Contact::Open, paused: true, unread: 3, trouble: None, synced_at: None };
        assert_eq!(tooltip(&situation, Words::of(Locale::En)), "Rappel · 3 unread notifications · paused");
        let full = Situation { trouble: Some(Trouble::DiskFull), ..situation };
        assert_eq!(tooltip(&full, Words::of(Locale::En)), "Rappel · The disk of the main computer is full.");
        let unreachable =
            Situation { contact: Contact::Open.away(Why::Silent, crate::popups::watch::now()), ..situation };
        assert_eq!(tooltip(&unreachable, Words::of(Locale::Fr)), "Rappel ne peut pas lire l'agenda");
        let kept = Situation { synced_at: Some(crate::popups::watch::now()), ..unreachable };
        let says = tooltip(&kept, Words::of(Locale::En));
        let begin = "Rappel · The main computer does not answer: your reminders go on (calendar last updated at ";
        assert!(says.starts_with(begin), "{says}");
    }
}
