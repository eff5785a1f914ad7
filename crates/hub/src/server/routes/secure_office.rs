//! HTTPS for browsers: the switches, what is to be installed, and the way from the plain page.

use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rappel_core::Invalid;
use rappel_store::{DeviceKind, Error};

use crate::authority::Authority;
use crate::hub::Hub;
use crate::server::auth::{SignedIn, cookie, cookie_name, cookie_of, spent_cookie};
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::guard::Source;
use crate::server::line::Channel;
use crate::server::privacy::Privacy;
use crate::wire::access::DeviceItem;
use crate::wire::person::PersonItem;
use crate::wire::secure_office::{
    ArrivalInput, Arrived, AuthorityItem, Handover, HandoverInput, SecureOfficeItem, SecureOfficePatch,
};

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/secure-office", get(show).patch(update))
        .route("/api/secure-office/handovers", post(set_out))
        .route("/api/secure-office/arrivals", post(arrive))
        .route("/authority/rappel.crt", get(der))
        .route("/authority/rappel.pem", get(text))
        .route("/authority/rappel.mobileconfig", get(profile))
}

async fn show(State(hub): State<Hub>, privacy: Privacy, headers: HeaderMap) -> Json<SecureOfficeItem> {
    Json(describe(&hub, privacy, &headers))
}

fn describe(hub: &Hub, privacy: Privacy, headers: &HeaderMap) -> SecureOfficeItem {
    let office = hub.secure_office();
    let called = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    SecureOfficeItem {
        on: office.is_on(),
        plain_http: office.takes_plain(),
        private: privacy.is_private,
        address: hub.secure_address(called),
        authority: office.authority().map(|authority| AuthorityItem {
            name: authority.name().to_owned(),
            fingerprint: authority.fingerprint(),
            thumbprint: authority.thumbprint(),
            expires_at: authority.expires_at().to_string(),
        }),
    }
}

/// Whoever takes plain HTTP away from others must have come without it: so they can come back.
async fn update(
    State(hub): State<Hub>,
    caller: SignedIn,
    privacy: Privacy,
    headers: HeaderMap,
    body: Body<SecureOfficePatch>,
) -> Result<Json<SecureOfficeItem>, ApiError> {
    let SecureOfficePatch { on, plain_http } = body.value;
    if plain_http == Some(false) && !privacy.is_private {
        return Err(ApiError::HttpsRequired);
    }
    hub.set_secure_office(caller.by(), on, plain_http).await?;
    Ok(Json(describe(&hub, privacy, &headers)))
}

/// For a signed-in browser that will come over HTTPS.
async fn set_out(
    State(hub): State<Hub>,
    caller: SignedIn,
    body: Body<HandoverInput>,
) -> Result<(StatusCode, Json<Handover>), ApiError> {
    let wrong = || Invalid::new("challenge", "is not a SHA-256 in base64url");
    let challenge = URL_SAFE_NO_PAD.decode(&body.value.challenge).map_err(|_| wrong())?;
    let challenge = challenge.try_into().map_err(|_| wrong())?;
    let person = caller.0.actor.person;
    let devices = hub.store().devices(Some(person)).await?;
    let is_browser = |device: &rappel_store::Device| device.id == caller.0.device && device.kind == DeviceKind::Browser;
    if !devices.iter().any(is_browser) {
        return Err(ApiError::Forbidden);
    }
    let code = hub.handovers().begin(caller.0.device, challenge, Instant::now()).map_err(|error| {
        tracing::error!(%error, "there are no random numbers");
        ApiError::Internal
    })?;
    Ok((StatusCode::CREATED, Json(Handover { code })))
}

/// It is the same device as before, with another token: the one that others could read is void.
async fn arrive(
    State(hub): State<Hub>,
    channel: Channel,
    source: Option<axum::Extension<Source>>,
    headers: HeaderMap,
    body: Body<ArrivalInput>,
) -> Result<Response, ApiError> {
    if !channel.is_tls() {
        return Err(ApiError::HttpsRequired);
    }
    // A cookie is set for the hub's own page alone.
    if source.is_none_or(|axum::Extension(source)| source != Source::OwnPage) {
        return Err(ApiError::OriginRefused);
    }
    let refused = ApiError::InvitationRefused;
    let ArrivalInput { code, secret } = body.value;
    let device = hub.handovers().take(&code, &secret, Instant::now()).ok_or(refused.clone())?;
    // Cookies ignore schemes: this browser's own of the plain page has come along. Somebody else's
    // code would sign its person in as somebody else.
    if let Some(token) = cookie_of(&headers, &cookie_name(&hub, Channel::Plain))
        && let Some(own) = hub.store().authenticate(&token, hub.now()).await?
        && own.device != device
    {
        return Err(refused);
    }
    let moved = hub.store().move_browser(device, hub.now()).await.map_err(|error| match error {
        Error::NotFound => refused,
        other => other.into(),
    })?;
    let cookies = AppendHeaders([
        (header::SET_COOKIE, cookie(&hub, &moved.token, channel)),
        (header::SET_COOKIE, spent_cookie(&hub, Channel::Plain)),
    ]);
    let answer =
        Arrived { person: PersonItem::new(&moved.person, true), device: DeviceItem::new(&moved.device, false) };
    Ok((cookies, Json(answer)).into_response())
}

/// What devices other than Apple's install.
async fn der(State(hub): State<Hub>) -> Result<Response, ApiError> {
    let authority = hub.secure_office().authority().ok_or(ApiError::NotFound)?;
    Ok(download("application/x-x509-ca-cert", authority.certificate().to_vec()))
}

/// For programs and whoever looks after many machines.
async fn text(State(hub): State<Hub>) -> Result<Response, ApiError> {
    let authority = hub.secure_office().authority().ok_or(ApiError::NotFound)?;
    Ok(download("application/x-pem-file", pem(&authority)))
}

/// For iPhones and iPads.
async fn profile(State(hub): State<Hub>) -> Result<Response, ApiError> {
    let authority = hub.secure_office().authority().ok_or(ApiError::NotFound)?;
    Ok(download("application/x-apple-aspen-config", profile_of(&authority)))
}

/// The certificate is no secret.
fn download(content_type: &'static str, body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn lines_of(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    lines.join("\n")
}

/// RFC 7468.
fn pem(authority: &Authority) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines_of(authority.certificate()))
}

/// A configuration profile, as iPhones and iPads install it. Its identifiers are the certificate's, so
/// that the same one is not installed twice.
fn profile_of(authority: &Authority) -> String {
    let name = authority.name().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let id = |what: &str| {
        let hash = blake3::derive_key(what, authority.certificate());
        uuid::Builder::from_custom_bytes(std::array::from_fn(|at| hash[at])).into_uuid().hyphenated().to_string()
    };
    let (profile, payload) = (id("rappel profile"), id("rappel profile payload"));
    let certificate = lines_of(authority.certificate());
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>PayloadContent</key>
<array>
<dict>
<key>PayloadCertificateFileName</key><string>rappel.crt</string>
<key>PayloadContent</key><data>
{certificate}
</data>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>rappel.authority.{payload}</string>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadUUID</key><string>{payload}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict>
</array>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>rappel.profile.{profile}</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>{profile}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
"#
    )
}
