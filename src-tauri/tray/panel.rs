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
        if platform::is_dark().await { Self::Dark } else { Self::Light }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::time::Duration;

    use zbus::zvariant::{DynamicType, OwnedValue};
    use zbus::{Connection, Result};

    /// What answers later than this does not answer.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// What decides the tone of a desktop's panel.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Rule {
        /// Dark whatever the windows are.
        AlwaysDark,
        /// A switch of its own, else the preference.
        Xfce,
        /// The preference of the session.
        Preference,
    }

    pub(super) fn rule(desktop: &str) -> Rule {
        let names = |known: &str| desktop.split(':').any(|name| name.eq_ignore_ascii_case(known));
        match () {
            () if names("gnome") || names("unity") => Rule::AlwaysDark,
            () if names("xfce") => Rule::Xfce,
            () => Rule::Preference,
        }
    }

    pub(super) async fn is_dark() -> bool {
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let asked = async {
            Ok::<_, zbus::Error>(match rule(&desktop) {
                Rule::AlwaysDark => true,
                Rule::Xfce => xfce_panel_is_dark().await? || prefers_dark().await?,
                Rule::Preference => prefers_dark().await?,
            })
        };
        matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Ok(true)))
    }

    /// The colours that the session prefers, from the portal of its desktop.
    async fn prefers_dark() -> Result<bool> {
        const PREFER_DARK: u32 = 1;
        let portal = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
        let about = ("org.freedesktop.appearance", "color-scheme");
        let answer = ask(portal, "org.freedesktop.portal.Settings", "ReadOne", &about).await?;
        Ok(u32::try_from(answer)? == PREFER_DARK)
    }

    async fn xfce_panel_is_dark() -> Result<bool> {
        let settings = ("org.xfce.Xfconf", "/org/xfce/Xfconf");
        let about = ("xfce4-panel", "/panels/dark-mode");
        // A switch that was never touched is not there, and is off.
        let answer = ask(settings, "org.xfce.Xfconf", "GetProperty", &about).await;
        Ok(answer.is_ok_and(|value| bool::try_from(value).unwrap_or(false)))
    }

    async fn ask<B>((service, path): (&str, &str), interface: &str, method: &str, about: &B) -> Result<OwnedValue>
    where
        B: serde::Serialize + DynamicType,
    {
        let bus = Connection::session().await?;
        let answer = bus.call_method(Some(service), path, Some(interface), method, about).await?;
        answer.body().deserialize()
    }
}

/// The taskbar has a tone of its own, apart from the windows'.
#[cfg(windows)]
mod platform {
    const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";

    pub(super) async fn is_dark() -> bool {
        let key = windows_registry::CURRENT_USER.open(KEY);
        key.and_then(|key| key.get_u32("SystemUsesLightTheme")).is_ok_and(|light| light == 0)
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod platform {
    pub(super) async fn is_dark() -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::platform::{Rule, rule};

    #[test]
    fn some_desktops_have_a_panel_of_their_own_tone() {
        assert_eq!(rule("ubuntu:GNOME"), Rule::AlwaysDark);
        assert_eq!(rule("XFCE"), Rule::Xfce);
        assert_eq!(rule("KDE"), Rule::Preference);
        assert_eq!(rule(""), Rule::Preference);
    }
}
