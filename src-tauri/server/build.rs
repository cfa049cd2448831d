//! Asks the stand-in that built mediasoup's worker what the final link must add, and sees to the folder of the pages.
//!
//! The libraries have to come after the worker's archive, or the linker's `--as-needed` drops them: hence link
//! arguments of this package's own binaries and tests, not `rustc-link-lib`.

#[path = "../mediasoup-meson/link_args.rs"]
mod link_args;

fn main() {
    // The pages are embedded from here; the server also builds, and its tests run, before they are built.
    let pages = "../../ui/dist";
    println!("cargo:rerun-if-changed={pages}");
    if let Err(error) = std::fs::create_dir_all(pages) {
        panic!("Cannot make the folder {pages} for the pages: {error}");
    }
    link_args::print("../mediasoup-meson/meson");
}
