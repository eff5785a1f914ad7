//! The tone of the panel that holds the icon, as far as the platform tells.

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Dark ink on it.
    Light,
    /// Light ink on it.
    Dark,
}

impl Panel {
    /// The panel of this session. macOS tints the icon by itself.
    pub(crate) async fn of_this_session() -> Self {
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        match Self::always(&desktop) {
            Some(panel) => panel,
            None if prefers_dark().await => Self::Dark,
            None => Self::Light,
        }
    }

    /// The panels of these desktops are dark whatever their windows are.
    fn always(desktop: &str) -> Option<Self> {
        let is_dark = |name: &str| ["gnome", "unity", "xfce"].iter().any(|known| name.eq_ignore_ascii_case(known));
        desktop.split(':').any(is_dark).then_some(Self::Dark)
    }
}

/// The colour preference that the session tells its apps.
#[cfg(target_os = "linux")]
async fn prefers_dark() -> bool {
    const PREFER_DARK: u32 = 1;
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
    let asked = async {
        let answer = zbus::Connection::session()
            .await?
            .call_method(
                Some("org.freedesktop.portal.Desktop"),
                "/org/freedesktop/portal/desktop",
                Some("org.freedesktop.portal.Settings"),
                "ReadOne",
                &("org.freedesktop.appearance", "color-scheme"),
            )
            .await?;
        let preference: zbus::zvariant::OwnedValue = answer.body().deserialize()?;
        Ok::<_, zbus::Error>(u32::try_from(preference)? == PREFER_DARK)
    };
    matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Ok(true)))
}

/// The taskbar has a tone of its own, apart from the windows'.
#[cfg(windows)]
async fn prefers_dark() -> bool {
    const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";
    let is_light = windows_registry::CURRENT_USER.open(KEY).and_then(|key| key.get_u32("SystemUsesLightTheme"));
    is_light.is_ok_and(|light| light == 0)
}

#[cfg(not(any(target_os = "linux", windows)))]
async fn prefers_dark() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_desktops_have_a_dark_panel_whatever_is_preferred() {
        assert_eq!(Panel::always("ubuntu:GNOME"), Some(Panel::Dark));
        assert_eq!(Panel::always("XFCE"), Some(Panel::Dark));
        assert_eq!(Panel::always("KDE"), None);
        assert_eq!(Panel::always(""), None);
    }
}
