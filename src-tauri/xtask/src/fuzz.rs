//! Fuzzing of what reads what others send or left behind, in tests/fuzz: by cargo-fuzz, for a bounded time. It is compiled
//! in a way of its own, without the media engine, in which no other target shares.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::arguments::FuzzOptions;
use crate::fingerprint::{Fingerprint, Stamp};
use crate::report::Report;
use crate::steps::Steps;
use crate::{process, project};

/// The package with the targets, each with its examples in `corpus`.
pub(crate) const PACKAGE: &str = "tests/fuzz";
/// The targets: what comes from clients first.
pub(crate) const TARGETS: [&str; 7] = [
    "requests",
    "edge",
    "packets",
    "sender-reports",
    "track-files",
    "sidecars",
    "descriptions",
];
/// cargo-fuzz, as it is installed.
const VERSION: &str = "0.13.2";
/// How long the checks go on with all targets together, in seconds.
const CHECK_SECONDS: u32 = 60;
/// How long a target goes on where nothing else is said, in seconds.
pub(crate) const SECONDS: u32 = 60;
/// How much memory a target may come to, in MB: what it holds for one input it bounds by itself.
const MEMORY_MB: u32 = 512;

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

/// Runs the targets that `options` names, or all, one after the other.
///
/// # Errors
/// When cargo-fuzz cannot be installed or a target cannot be compiled; a target that found something is told by the exit
/// code.
pub(crate) fn fuzz(options: &FuzzOptions) -> Result<ExitCode> {
    let targets = match &options.only[..] {
        [] => TARGETS.to_vec(),
        only => TARGETS
            .into_iter()
            .filter(|name| only.iter().any(|only| only == name))
            .collect(),
    };
    let mut steps = Steps::new(2 + targets.len());
    let mut report = Report::default();
    install(&mut steps)?;
    steps.next("Building the targets …");
    build(&steps)?;
    let seconds = options.seconds;
    for target in targets {
        steps.next(&format!("Fuzzing {target}, for {seconds} s …"));
        report.run(target, || run(&steps, target, seconds));
    }
    Ok(report.finish())
}

/// Compiles the targets, as a step of its own, and lets all of them run for a minute together.
///
/// # Errors
/// When something breaks one: names the folder with what does.
pub(crate) fn check(steps: &Steps) -> Result<()> {
    build(steps)?;
    let each = CHECK_SECONDS.div_ceil(u32::try_from(TARGETS.len())?);
    TARGETS.into_iter().try_for_each(|target| run(steps, target, each))
}

fn build(steps: &Steps) -> Result<()> {
    steps.run("fuzz-build", &mut cargo_fuzz("build"))
}

fn run(steps: &Steps, target: &str, seconds: u32) -> Result<()> {
    let found = project::memory().join("fuzz").join(target);
    let corpus = found.join("corpus");
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut run = cargo_fuzz("run");
    // What it finds goes into the first folder; the examples of the checkout stay as they are.
    run.arg(target)
        .arg(&corpus)
        .arg(project::path(PACKAGE).join("corpus").join(target));
    run.arg("--").arg(format!("-max_total_time={seconds}")).args([
        "-timeout=10",
        &format!("-rss_limit_mb={MEMORY_MB}"),
        "-print_final_stats=1",
    ]);
    run.arg(format!("-artifact_prefix={}/", found.display()));
    let advice = || {
        format!(
            "something that others may send or leave behind breaks what reads it; it is in {}. Once that is mended, \
             keep it as an example in {PACKAGE}/corpus/{target}",
            found.display()
        )
    };
    steps.run(&format!("fuzz-{target}"), &mut run).with_context(advice)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_run_and_has_examples() {
        let package = project::path(PACKAGE);
        let manifest = fs::read_to_string(package.join("Cargo.toml")).expect("the package is there");
        let built = manifest
            .split("[[bin]]")
            .skip(1)
            .filter_map(|bin| bin.split('"').nth(1));
        let mut built: Vec<&str> = built.collect();
        built.sort_unstable();
        let mut run = TARGETS.to_vec();
        run.sort_unstable();
        assert_eq!(built, run);
        for target in TARGETS {
            let examples = fs::read_dir(package.join("corpus").join(target)).expect("a corpus");
            assert!(examples.count() > 2, "{target}");
        }
    }
}
