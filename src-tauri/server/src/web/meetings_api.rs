//! `/api/meetings`: frontends from elsewhere announce a meeting here before anybody joins it, and look one up.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};

use super::headers;
use crate::meeting::{Announced, Announcement, Browser, COOKIE, Meetings};
use crate::monitoring::Monitor;
use crate::signaling::Origins;
use crate::wire::{Bound, Refusal, RoomId, Secret};

/// The events under which what failed is counted.
const CREATE: &str = "create-meeting";
const FIND: &str = "find-meeting";
/// The longest body, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// What a question costs, as a multiple of the cheapest request.
const COST: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// How long a browser keeps its word, in seconds.
const WORD_KEPT: u32 = 365 * 24 * 3_600;

/// What the routes work with.
#[derive(Debug, Clone)]
pub(super) struct MeetingsApi {
    pub(super) meetings: Arc<Meetings>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) origins: Arc<Origins>,
    /// The origin of a frontend served from elsewhere, if one may use this server.
    pub(super) frontend: Option<HeaderValue>,
}

/// The body of `POST /api/meetings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    id: RoomId,
    user_id: String,
    description: Option<String>,
    starts_at: Option<Value>,
}

/// The routes.
pub(super) fn router(api: MeetingsApi) -> Router {
    Router::new()
        .route("/api/meetings", post(create))
        .route("/api/meetings/{id}", get(find))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(headers::secure))
        .with_state(api)
}

impl MeetingsApi {
    /// Whether a page that says where it is from may use this: one of this server or of the frontend. Browsers say it;
    /// what is no browser needs no leave.
    fn is_welcome(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let is_own = own.is_some_and(|(_, authority)| Some(authority) == host);
        is_own || self.frontend.as_ref() == Some(origin)
    }

    /// Counts a request; the answer to those that go no further, from foreign pages among them.
    fn turn_away(&self, event: &'static str, peer: SocketAddr, headers: &HeaderMap) -> Option<Response> {
        if !self.is_welcome(headers) {
            let sentence = "Pages from there may not use this server: set FRONTEND_URL to the frontend's address";
            return Some(failed(StatusCode::FORBIDDEN, sentence));
        }
        if !self.origins.of(peer.ip()).count_request(COST) {
            return Some(self.refused(event, &Bound::RequestsOfAddress.into()));
        }
        None
    }

    fn refused(&self, event: &'static str, refusal: &Refusal) -> Response {
        self.monitor.refused(event, refusal.kind());
        let status = match refusal {
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::NoSuchRoom => StatusCode::FORBIDDEN,
            Refusal::Closing => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::TOO_MANY_REQUESTS,
        };
        failed(status, &refusal.to_string())
    }
}

async fn create(
    State(api): State<MeetingsApi>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(response) = api.turn_away(CREATE, peer, &headers) {
        return response;
    }
    // A form of a foreign page could send anything but JSON without being asked for leave.
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = media_type.is_some_and(|kind| kind.trim_start().starts_with("application/json"));
    let read = match is_json {
        true => serde_json::from_slice::<Create>(&body).map_err(|error| error.to_string()),
        false => Err("send JSON, as `application/json`".to_owned()),
    };
    let asked = match read {
        Ok(asked) => asked,
        Err(error) => return api.refused(CREATE, &Refusal::Invalid(error)),
    };
    let address = api.origins.of(peer.ip());
    let mut browser = Browser::of(&headers, address.address());
    let word = browser.word.get_or_insert_with(Secret::random).clone();
    let announcement = Announcement {
        room: asked.id,
        creator_id: asked.user_id,
        description: asked.description,
        starts_at: asked.starts_at,
        browser,
    };
    match api.meetings.announce(announcement, || address.count_room()) {
        Ok(Some(meeting)) => {
            let cookie = format!(
                "{COOKIE}={}; Path=/; Max-Age={WORD_KEPT}; HttpOnly; SameSite=Lax",
                word.reveal()
            );
            let answer = Json(json!({ "success": true, "meeting": shown(&meeting, true) }));
            (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], answer).into_response()
        }
        Ok(None) => failed(
            StatusCode::CONFLICT,
            "There is a meeting of this name already: choose another name",
        ),
        Err(refusal) => api.refused(CREATE, &refusal),
    }
}

async fn find(
    State(api): State<MeetingsApi>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    if let Some(response) = api.turn_away(FIND, peer, &headers) {
        return response;
    }
    let browser = Browser::of(&headers, api.origins.of(peer.ip()).address());
    let found = id.parse().ok().and_then(|room: RoomId| api.meetings.announced(&room));
    match found {
        Some(meeting) => {
            let may_know = meeting.is_by_browser(&browser);
            Json(json!({ "success": true, "meeting": shown(&meeting, may_know) })).into_response()
        }
        None => failed(StatusCode::NOT_FOUND, "There is no such meeting"),
    }
}

/// A meeting as it is told. Who announced it is known to their own browser alone: by the label they become its host.
fn shown(meeting: &Announced, may_know: bool) -> Value {
    let mut shown = json!({
        "id": meeting.room,
        "creatorId": meeting.creator_id.as_ref().filter(|_| may_know),
        "createdAt": meeting.created_at,
    });
    if let Some(description) = &meeting.description {
        shown["description"] = json!(description);
    }
    if let Some(starts_at) = &meeting.starts_at {
        shown["startsAt"] = starts_at.clone();
    }
    shown
}

fn failed(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "success": false, "error": sentence }))).into_response()
}
