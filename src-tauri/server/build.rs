//! Asks the stand-in that built mediasoup's worker what the final link must add.
//!
//! The libraries have to come after the worker's archive, or the linker's `--as-needed` drops them: hence link
//! arguments of this package's own binaries and tests, not `rustc-link-lib`.

#[path = "../mediasoup-meson/link_args.rs"]
mod link_args;

fn main() {
    link_args::print(concat!(env!("CARGO_MANIFEST_DIR"), "/../mediasoup-meson/meson"));
}
