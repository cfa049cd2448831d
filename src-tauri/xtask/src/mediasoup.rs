//! Which way mediasoup's worker will be built, so that its libraries are installed only where upstream's way, which
//! downloads their sources, is not open. The way itself is decided by src-tauri/mediasoup-meson/meson.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::fingerprint::Stamp;
use crate::steps::Steps;
use crate::{process, project};

const STAND_IN: &str = "src-tauri/mediasoup-meson/meson";

/// Whether the worker can be built without the distribution's libraries, because its sources answer on the web. Asked
/// once; the answer holds until `forget`.
///
/// # Errors
/// When the crates cannot be fetched, which say where the sources are.
pub(crate) fn is_upstream_open(steps: &Steps) -> Result<bool> {
    match env::var("CONFAB_MEDIASOUP_LIBS").as_deref() {
        Ok("system") => return Ok(false),
        Ok("upstream") => return Ok(true),
        _ => {}
    }
    let version = locked_version(&fs::read_to_string(project::path("Cargo.lock")).context("cannot read Cargo.lock")?)
        .context("Cargo.lock has no mediasoup-sys")?;
    if stamp().holds(&version) {
        return Ok(true);
    }
    steps.note("looking whether the sources of mediasoup's libraries can be downloaded …");
    steps.run(
        "cargo-fetch",
        process::cargo().args(["fetch", "--locked", "--target", &host()?]),
    )?;
    let worker = registry_folder(&version).context("cargo fetched mediasoup-sys, but its folder is not to be found")?;
    let is_open = process::succeeds(process::python().arg(STAND_IN).arg("wraps-answer").arg(worker));
    steps.note(if is_open {
        "they can"
    } else {
        "they cannot: this system's libraries are needed"
    });
    if is_open {
        stamp().set(&version)?;
    }
    Ok(is_open)
}

/// Forgets the answer, after a build that failed: the web may not have kept its word.
pub(crate) fn forget() {
    stamp().clear();
}

fn stamp() -> Stamp {
    Stamp::new("mediasoup-upstream")
}

/// The version of mediasoup-sys that Cargo.lock holds.
fn locked_version(lock: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"mediasoup-sys\"");
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
        .map(str::to_owned)
}

fn host() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let (_, version) = process::output(Command::new(rustc).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say for which system it compiles")
}

fn registry_folder(version: &str) -> Option<PathBuf> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()?.join(".cargo"),
    };
    let registries = fs::read_dir(home.join("registry/src")).ok()?;
    let folders = registries
        .flatten()
        .map(|entry| entry.path().join(format!("mediasoup-sys-{version}")));
    folders.into_iter().find(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_that_is_locked() {
        let lock = "[[package]]\nname = \"mediasoup\"\nversion = \"0.33.1\"\n\n[[package]]\nname = \"mediasoup-sys\"\nversion = \"0.24.0\"\n";
        assert_eq!(locked_version(lock).as_deref(), Some("0.24.0"));
        assert_eq!(
            locked_version("[[package]]\nname = \"mediasoup\"\nversion = \"0.33.1\"\n"),
            None
        );
        assert_eq!(locked_version("name = \"mediasoup-sys\""), None);
    }

    #[test]
    fn the_lock_of_this_checkout_has_a_version() {
        let lock = fs::read_to_string(project::path("Cargo.lock")).expect("reads");
        assert!(locked_version(&lock).is_some());
    }
}
