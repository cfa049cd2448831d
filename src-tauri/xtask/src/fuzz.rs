//! Fuzzing of what reads clients' requests, in tests/fuzz: by cargo-fuzz, for a bounded time. It is compiled in a way of
//! its own, without the media engine, in which no other target shares.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::fingerprint::{Fingerprint, Stamp};
use crate::steps::Steps;
use crate::{process, project};

/// The package with the target, and the target.
pub(crate) const PACKAGE: &str = "tests/fuzz";
const TARGET: &str = "requests";
/// cargo-fuzz, as it is installed.
const VERSION: &str = "0.13.2";
/// How long it goes on, in seconds.
const SECONDS: u32 = 60;

/// Installs cargo-fuzz for this checkout alone, as one step.
///
/// # Errors
/// When it cannot be installed.
pub(crate) fn install(steps: &mut Steps) -> Result<()> {
    let stamp = Stamp::new("cargo-fuzz");
    let wanted = Fingerprint::default().word(VERSION).finish();
    if program().is_file() && stamp.holds(&wanted) {
        steps.next("cargo-fuzz: there");
        return Ok(());
    }
    steps.next("cargo-fuzz …");
    let mut cargo = process::cargo();
    cargo
        .args(["install", "cargo-fuzz", "--locked", "--version", VERSION, "--root"])
        .arg(tools());
    steps.run("cargo-fuzz", &mut cargo)?;
    stamp.set(&wanted)
}

/// Compiles the target, as a step of its own, and lets it run.
///
/// # Errors
/// When something breaks it: names the folder with what does.
pub(crate) fn check(steps: &Steps) -> Result<()> {
    let found = project::memory().join("fuzz");
    let corpus = found.join("corpus");
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut build = cargo_fuzz("build");
    build.arg(TARGET);
    steps.run("fuzz-build", &mut build)?;
    let mut run = cargo_fuzz("run");
    // What it finds goes into the first folder; the examples of the checkout stay as they are.
    run.arg(TARGET)
        .arg(&corpus)
        .arg(project::path(PACKAGE).join("corpus").join(TARGET));
    run.arg("--")
        .arg(format!("-max_total_time={SECONDS}"))
        .args(["-timeout=10", "-print_final_stats=1"]);
    run.arg(format!("-artifact_prefix={}/", found.display()));
    let advice = || {
        format!(
            "something that a client may send breaks what reads it; it is in {}. Once that is mended, keep it as an \
             example in {PACKAGE}/corpus/{TARGET}",
            found.display()
        )
    };
    steps.run("fuzz", &mut run).with_context(advice)
}

/// cargo-fuzz itself, set to work here: without a sanitizer, which the stable compiler has not, nor does safe code need
/// one.
fn cargo_fuzz(verb: &str) -> Command {
    let mut command = Command::new(program());
    command
        .current_dir(project::root())
        .args([
            "fuzz",
            verb,
            "--sanitizer",
            "none",
            "--fuzz-dir",
            PACKAGE,
            "--target-dir",
        ])
        .arg(project::path("target/fuzz"));
    command
}

fn program() -> PathBuf {
    tools()
        .join("bin")
        .join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX))
}

fn tools() -> PathBuf {
    project::memory().join("tools")
}
