//! `cargo xtask bench`: builds the optimised server and runs the benchmarks in tests/bench against it. Those that look at
//! it from outside are scripts, with the npm package of the tests in browsers; what a part of it costs is a bench of
//! cargo's. They print figures; nothing passes or fails by them.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::BenchOptions;
use crate::packages::{BROWSER, COMPILER, MEDIASOUP, NETWORK, RECORDING, STREAMING};
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::{node, process, project};

/// The benchmark that is cargo's; all others are in tests/bench/main.js.
const RECORDING_COST: &str = "recording";

/// The one of them that belongs to it: what becomes of a recording.
const COMPOSING: &str = "composing";

/// The benchmark that takes half an hour: it runs where it is named.
const HALF_AN_HOUR: &str = "sync";

/// The benchmarks.
pub(crate) const NAMES: [&str; 9] = [
    "startup",
    "participants",
    "picture",
    "cameras",
    "network",
    "flood",
    COMPOSING,
    HALF_AN_HOUR,
    RECORDING_COST,
];

/// Runs the benchmarks that `options` names, or all.
///
/// # Errors
/// When the set-up, the build or a benchmark fails.
pub(crate) fn bench(options: &BenchOptions, yes: bool) -> Result<ExitCode> {
    let needs = Needs::default().and(
        &[&COMPILER, &MEDIASOUP, &RECORDING, &STREAMING, &BROWSER, &NETWORK],
        Some(node::BROWSER),
    );
    let is_named = |name: &str| options.only.iter().any(|only| only == name);
    let wanted = |name: &str| {
        is_named(name)
            || (options.only.is_empty() && name != HALF_AN_HOUR)
            || (name == COMPOSING && is_named(RECORDING_COST))
    };
    let scripts: Vec<_> = NAMES
        .into_iter()
        .filter(|name| *name != RECORDING_COST && wanted(name))
        .collect();
    let mut steps = Steps::new(setup::STEPS + 2);
    setup::prepare(&mut steps, &needs, yes)?;
    steps.next("Building the optimised server (the first time, mediasoup's worker takes some minutes) …");
    let mut cargo = process::cargo();
    cargo.args(["build", "--release", "--workspace", "--bin", "confab-serve"]);
    setup::compile(&steps, "build-release", &mut cargo)?;
    if wanted(RECORDING_COST) {
        setup::compile(&steps, "build-bench", recording_cost().arg("--no-run"))?;
    }
    steps.next("Measuring …");
    if !scripts.is_empty() {
        let mut npm = process::npm(node::BROWSER);
        npm.args(["run", "--silent", "bench", "--"])
            .args(&scripts)
            .env("CONFAB_SERVE", project::program("confab-serve", true));
        process::run(&mut npm)?;
    }
    if wanted(RECORDING_COST) {
        println!("{RECORDING_COST}:");
        process::run(recording_cost().arg("--quiet"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn recording_cost() -> Command {
    let mut cargo = process::cargo();
    cargo.args(["bench", "--workspace", "--bench", RECORDING_COST]);
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmarks_are_those_of_the_program_that_runs_them() {
        let program = std::fs::read_to_string(project::path("tests/bench/main.js")).expect("it is there");
        let table = program
            .split_once("const ALL = {")
            .and_then(|(_, rest)| rest.split_once('}'));
        let (table, _) = table.expect("its table");
        let names: Vec<_> = table
            .split(',')
            .map(|entry| entry.split(':').next().unwrap_or_default().trim())
            .filter(|name| !name.is_empty())
            .collect();
        assert_eq!([names, vec![RECORDING_COST]].concat(), NAMES);
    }
}
