//! The headers that tell a browser what our pages may do: nothing but their own files and their own server.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Scripts, styles, pictures and connections from this server only; pictures and sounds may also be made in the page
/// (`data:`, `blob:`). Guests' pictures from foreign servers would tell those who is in the meeting, so they are not
/// loaded. `ws:` and `wss:` are named because Safari before 15.4 does not count them under `'self'`. Inline styles are
/// forbidden too: `style` attributes in markup do nothing, setting them from a script works.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; \
     style-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), \
             picture-in-picture=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// A middleware for [`axum::middleware::from_fn`] that adds them to every answer.
pub async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}
