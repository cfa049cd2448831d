//! Where things are in this checkout.

use std::env;
use std::path::{Path, PathBuf};

/// The top folder of the checkout.
pub(crate) fn root() -> PathBuf {
    // Two levels above this package. Cargo says where that is now: what was compiled in may be from before the checkout
    // was moved, which makes cargo compile nothing.
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().nth(2).unwrap_or(&package).to_path_buf()
}

/// A path of the checkout by its name from the top.
pub(crate) fn path(name: &str) -> PathBuf {
    root().join(name)
}

/// The folder where this program keeps what it remembers: stamps and logs.
pub(crate) fn memory() -> PathBuf {
    path("target/xtask")
}

/// The folder of the programs that cargo builds in the profile for development: this program is one of them.
pub(crate) fn programs() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    program.parent().map_or_else(|| path("target/debug"), Path::to_path_buf)
}

/// A program that cargo built, in the profile for development or optimised.
pub(crate) fn program(name: &str, is_optimised: bool) -> PathBuf {
    let folder = programs();
    let folder = if is_optimised {
        folder.with_file_name("release")
    } else {
        folder
    };
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}
