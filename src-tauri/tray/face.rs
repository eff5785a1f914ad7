//! Which icon the tray shows: a pure function of the situation, the panel and the size.

use tauri::image::Image;
use tauri::include_image;

use super::panel::Panel;
use crate::desk::Situation;

/// What the icon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// The disc.
    Normal,
    /// The disc with a dot: something is unread.
    Unread,
    /// The disc with two bars: popups are held back.
    Paused,
    /// Its ring only: the hub does not answer, or can store nothing.
    Unreachable,
}

impl Face {
    /// The gravest wins: without the hub nothing comes, while paused nothing pops up.
    pub(crate) fn of(situation: &Situation) -> Self {
        match situation {
            situation if situation.contact.is_away() => Self::Unreachable,
            Situation { trouble: Some(_), .. } => Self::Unreachable,
            Situation { paused: true, .. } => Self::Paused,
            Situation { unread: 0, .. } => Self::Normal,
            Situation { .. } => Self::Unread,
        }
    }
}

/// How many pixels the panel gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Px16,
    Px22,
    Px32,
}

impl Size {
    /// Windows draws 16 points; the panels of Linux and macOS about 22.
    pub(crate) fn of_screen(scale: f64) -> Self {
        match (cfg!(windows), scale > 1.3) {
            (_, true) => Self::Px32,
            (true, false) => Self::Px16,
            (false, false) => Self::Px22,
        }
    }
}

/// The picture of a face.
pub(crate) fn picture(face: Face, panel: Panel, size: Size) -> Image<'static> {
    use {Face::*, Panel::*, Size::*};
    match (panel, size, face) {
        (Light, Px16, Normal) => include_image!("icons/tray/normal-light-16.png"),
        (Light, Px16, Unread) => include_image!("icons/tray/unread-light-16.png"),
        (Light, Px16, Paused) => include_image!("icons/tray/paused-light-16.png"),
        (Light, Px16, Unreachable) => include_image!("icons/tray/unreachable-light-16.png"),
        (Light, Px22, Normal) => include_image!("icons/tray/normal-light-22.png"),
        (Light, Px22, Unread) => include_image!("icons/tray/unread-light-22.png"),
        (Light, Px22, Paused) => include_image!("icons/tray/paused-light-22.png"),
        (Light, Px22, Unreachable) => include_image!("icons/tray/unreachable-light-22.png"),
        (Light, Px32, Normal) => include_image!("icons/tray/normal-light-32.png"),
        (Light, Px32, Unread) => include_image!("icons/tray/unread-light-32.png"),
        (Light, Px32, Paused) => include_image!("icons/tray/paused-light-32.png"),
        (Light, Px32, Unreachable) => include_image!("icons/tray/unreachable-light-32.png"),
        (Dark, Px16, Normal) => include_image!("icons/tray/normal-dark-16.png"),
        (Dark, Px16, Unread) => include_image!("icons/tray/unread-dark-16.png"),
        (Dark, Px16, Paused) => include_image!("icons/tray/paused-dark-16.png"),
        (Dark, Px16, Unreachable) => include_image!("icons/tray/unreachable-dark-16.png"),
        (Dark, Px22, Normal) => include_image!("icons/tray/normal-dark-22.png"),
        (Dark, Px22, Unread) => include_image!("icons/tray/unread-dark-22.png"),
        (Dark, Px22, Paused) => include_image!("icons/tray/paused-dark-22.png"),
        (Dark, Px22, Unreachable) => include_image!("icons/tray/unreachable-dark-22.png"),
        (Dark, Px32, Normal) => include_image!("icons/tray/normal-dark-32.png"),
        (Dark, Px32, Unread) => include_image!("icons/tray/unread-dark-32.png"),
        (Dark, Px32, Paused) => include_image!("icons/tray/paused-dark-32.png"),
        (Dark, Px32, Unreachable) => include_image!("icons/tray/unreachable-dark-32.png"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Contact, Why};
    use rappel_link::frame::Trouble;

    #[test]
    fn the_gravest_thing_is_what_the_icon_says() {
        let away = Contact::Open.away(Why::Silent, crate::popups::watch::now());
        let all = Situation { contact: away, paused: true, unread: 3, trouble: None, synced_at: None };
        assert_eq!(Face::of(&all), Face::Unreachable);
        let trouble = Some(Trouble::DiskFull);
        assert_eq!(Face::of(&Situation { contact: Contact::Open, trouble, ..all }), Face::Unreachable);
        assert_eq!(Face::of(&Situation { contact: Contact::Open, ..all }), Face::Paused);
        assert_eq!(Face::of(&Situation { contact: Contact::Open, paused: false, ..all }), Face::Unread);
        assert_eq!(Face::of(&Situation { contact: Contact::Open, paused: false, unread: 0, ..all }), Face::Normal);
    }

    #[test]
    fn every_face_differs_from_the_others_at_every_size() {
        let faces = [Face::Normal, Face::Unread, Face::Paused, Face::Unreachable];
        for panel in [Panel::Light, Panel::Dark] {
            for (size, pixels) in [(Size::Px16, 16), (Size::Px22, 22), (Size::Px32, 32)] {
                let drawn: Vec<_> = faces.iter().map(|face| picture(*face, panel, size)).collect();
                for (n, picture) in drawn.iter().enumerate() {
                    assert_eq!((picture.width(), picture.height()), (pixels, pixels));
                    assert!(
                        drawn[..n].iter().all(|earlier| earlier.rgba() != picture.rgba()),
                        "{:?} at {pixels} px cannot be told from another",
                        faces[n]
                    );
                }
            }
        }
    }
}
