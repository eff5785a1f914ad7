//! Copies of the hub's data: for admins.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use futures_util::StreamExt;
use rappel_core::authorize::{Action, may};
use rappel_store::{BackupError, CopyAction, Incoming, IncomingError, RestoreError, Restored, Trouble};
use tokio::io::AsyncReadExt;

use super::Path;
use crate::copying::blocking;
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::connected::{Patience, Peer};
use crate::server::error::ApiError;
use crate::server::hosts::Hosts;
use crate::wire::copies::{CopyDetail, CopyItem, CopyList, RestoredItem};

/// The largest copy that is taken, in bytes: far more than an office comes to in a lifetime.
const UPLOAD_MAX: u64 = 1024 * 1024 * 1024;
/// Nothing comes for so long: nothing more will.
const PIECE_WITHIN: Duration = Duration::from_secs(10);
/// How much of a copy is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Where a copy is brought. Its body is no JSON, and is not read before it is known who brings it.
pub(in crate::server) const UPLOADS: &str = "/api/copies/uploads";

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/copies", get(list).post(make))
        .route("/api/copies/{name}", get(show))
        .route("/api/copies/{name}/file", get(download))
}

/// Those for which a restore does not wait: one is a restore, the other may take long to come.
pub(super) fn unhurried() -> Router<Hub> {
    Router::new().route("/api/copies/uploads", post(upload)).route("/api/copies/{name}/restore", post(restore))
}

/// A signed-in admin.
struct Admin(SignedIn);

impl FromRequestParts<Hub> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, hub: &Hub) -> Result<Self, ApiError> {
        let caller = SignedIn::from_request_parts(parts, hub).await?;
        if may(caller.0.actor, Action::ManageHub) { Ok(Self(caller)) } else { Err(ApiError::Forbidden) }
    }
}

async fn list(
    State(hub): State<Hub>,
    _admin: Admin,
    Peer(peer): Peer,
    hosts: Option<Extension<Arc<Hosts>>>,
) -> Result<Json<CopyList>, ApiError> {
    let copies = hub.list_copies().await?;
    let is_elsewhere = match (peer, hosts) {
        (Some(peer), Some(Extension(hosts))) => !hosts.is_own_address(peer.ip()),
        _ => false,
    };
    let folder = hub.copies().folder().display().to_string();
    Ok(Json(CopyList {
        is_late: hub.copies_are_late(&copies).await?,
        copies: copies.iter().map(CopyItem::from).collect(),
        folder: Some(folder).filter(|_| !is_elsewhere),
        failure: hub.copying().failure().map(Into::into),
    }))
}

async fn make(State(hub): State<Hub>, Admin(caller): Admin) -> Result<(StatusCode, Json<CopyItem>), ApiError> {
    let made = hub.make_copy(caller.by()).await.map_err(|error| not_made(&error))?;
    Ok((StatusCode::CREATED, Json(CopyItem::from(&made))))
}

async fn show(State(hub): State<Hub>, _admin: Admin, Path(name): Path<String>) -> Result<Json<CopyDetail>, ApiError> {
    let (copy, file) = hub.find_copy(name).await?;
    let lost = hub.lost_by(file).await.map(Into::into);
    Ok(Json(CopyDetail { copy: CopyItem::from(&copy), lost }))
}

async fn download(
    State(hub): State<Hub>,
    Admin(caller): Admin,
    patience: Patience,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let (copy, path) = hub.find_copy(name).await?;
    let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(&error))?;
    hub.store().record_copy(caller.by(), CopyAction::Download, copy.name.clone(), hub.now()).await?;
    let pieces = futures_util::stream::try_unfold((file, copy.bytes), move |(mut file, left)| {
        let patience = patience.clone();
        async move {
            let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            if left == 0 {
                return Ok(None);
            }
            file.read_exact(&mut piece).await?;
            patience.renew();
            let left = left - piece.len() as u64;
            Ok::<_, std::io::Error>(Some((piece, (file, left))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (header::CONTENT_LENGTH, copy.bytes.to_string()),
        // A name of the hub's own making: it needs no quoting.
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"rappel-{}\"", copy.name)),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn upload(
    State(hub): State<Hub>,
    Admin(caller): Admin,
    patience: Patience,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<CopyItem>), ApiError> {
    let expected = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let copies = hub.copies();
    let mut incoming = blocking(move || Incoming::begin(copies, expected, UPLOAD_MAX)).await?.map_err(not_taken)?;
    let mut pieces = request.into_body().into_data_stream();
    loop {
        let piece = tokio::time::timeout(PIECE_WITHIN, pieces.next()).await.map_err(|_| ApiError::BodyTooSlow)?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|_| ApiError::MalformedJson("the body broke off".to_owned()))?;
        patience.renew();
        let (rest, taken) = blocking(move || {
            let taken = incoming.write(&piece);
            (incoming, taken)
        })
        .await?;
        taken.map_err(not_taken)?;
        incoming = rest;
    }
    let copy = hub.take_copy(incoming, caller.by()).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(CopyItem::from(&copy))))
}

/// Whoever asks for it gets its answer; every session ends, theirs too.
async fn restore(
    State(hub): State<Hub>,
    Admin(caller): Admin,
    Path(name): Path<String>,
) -> Result<Json<RestoredItem>, ApiError> {
    let Restored { identity, kept } = hub.restore_copy(name, caller.by()).await.map_err(refused)?;
    let kept = kept.and_then(|kept| Some(kept.file_name()?.to_string_lossy().into_owned()));
    Ok(Json(RestoredItem { epoch: identity.epoch, kept }))
}

fn not_made(error: &BackupError) -> ApiError {
    tracing::error!(%error, "a copy cannot be made");
    match error.trouble() {
        Some(Trouble::DiskFull) => ApiError::NoRoomForCopy,
        Some(Trouble::Storage) | None => ApiError::CopyFailed,
    }
}

fn not_taken(error: IncomingError) -> ApiError {
    match error {
        IncomingError::TooLarge => ApiError::CopyTooLarge,
        IncomingError::Io(error) => unreadable(&error),
    }
}

fn unreadable(error: &std::io::Error) -> ApiError {
    tracing::error!(%error, "a copy cannot be read or written");
    match error.kind() {
        std::io::ErrorKind::NotFound => ApiError::NotFound,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ApiError::NoRoomForCopy,
        _ => ApiError::CopyFailed,
    }
}

fn refused(error: RestoreError) -> ApiError {
    let refused = |code, message: &str| ApiError::CopyRefused { code, message: message.to_owned() };
    match error {
        RestoreError::Empty(_)
        | RestoreError::Foreign(_)
        | RestoreError::Itself(_)
        | RestoreError::NotClosed { .. } => refused("copy_foreign", "This is no copy that Rappel has made."),
        RestoreError::Newer { found, known } => refused(
            "copy_newer",
            &format!("This copy is of schema {found}, and this version knows {known}: use a newer version of Rappel."),
        ),
        RestoreError::Damaged(reason) => refused("copy_damaged", &format!("This copy is damaged: {reason}.")),
        RestoreError::NoAdmin => refused("copy_without_admin", "This copy holds no office with an active admin."),
        RestoreError::Unreadable { error, .. } | RestoreError::Folder { error, .. } => unreadable(&error),
        RestoreError::Keep(error) => not_made(&error),
        RestoreError::Sqlite(error) => rappel_store::Error::from(error).into(),
        RestoreError::Store(error) => error.into(),
    }
}
