//! What recording and broadcasting cost: `cargo xtask bench recording`. Prints figures and judges nothing.
//!
//! Cameras and voices come over RTP into a real router, from a process of their own. They are watched three times: with nobody
//! but the router, with Confab's recorder, and with ffmpeg copying each from a plain transport, as recorders outside of the
//! server do. A figure is what was used more than by the router alone. Then they are broadcast to a server for RTMP.

#[cfg(target_os = "linux")]
mod broadcasting;
#[cfg(target_os = "linux")]
mod comparison;
#[cfg(target_os = "linux")]
mod copying;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod delay;
#[cfg(target_os = "linux")]
#[path = "../../server/broadcast/nginx.rs"]
mod nginx;
#[cfg(target_os = "linux")]
mod streams;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    comparison::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("  not measured: only Linux tells what is asked here of a process");
}
