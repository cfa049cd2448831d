//! Broadcasts as the native window has them: started, stopped, and where to.

use confab_server::broadcast::{BroadcastOptions, Target};
use serde::Deserialize;
use tauri::State;

use crate::{
    commands::{parse_room, sentence},
    host::Host,
};

/// Where to broadcast to, as the window sends it. There is no `Debug`, as the key is a secret.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    address: String,
    key: String,
    /// Whether it is kept for the next time.
    keep: bool,
}

/// Broadcasts a room to a place, or to the one that is kept for it.
#[tauri::command]
pub(crate) async fn start_broadcast(
    host: State<'_, Host>,
    room: String,
    place: Option<Place>,
    options: BroadcastOptions,
) -> Result<(), String> {
    let room = parse_room(&room)?;
    let server = host.server()?;
    let Some(Place { address, key, keep }) = place else {
        return server.start_broadcast(&room, None, options).await.map_err(sentence);
    };
    let target = Target::parse(&address, &key).map_err(sentence)?;
    server
        .start_broadcast(&room, Some(target.clone()), options)
        .await
        .map_err(sentence)?;
    let kept = keep.then_some(target);
    server.keep_broadcast_target(&room, kept).await.map_err(sentence)
}

/// Stops a room's broadcast, or takes one away that ended by itself.
#[tauri::command]
pub(crate) async fn stop_broadcast(host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.stop_broadcast(&room).await.map_err(sentence)
}

/// Forgets the place that is kept for a room.
#[tauri::command]
pub(crate) async fn forget_broadcast(host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?
        .keep_broadcast_target(&room, None)
        .await
        .map_err(sentence)
}
