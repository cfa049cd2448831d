//! `cargo xtask bench`: builds the optimised server and runs the benchmarks in tests/bench against it, with the npm
//! package of the tests in browsers. They print figures; nothing passes or fails by them.

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::BenchOptions;
use crate::packages::{BROWSER, COMPILER, MEDIASOUP, NETWORK, RECORDING};
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::{node, process, project};

/// The benchmarks, as tests/bench/main.js has them.
pub(crate) const NAMES: [&str; 7] = [
    "startup",
    "participants",
    "picture",
    "cameras",
    "network",
    "flood",
    "composing",
];

/// Runs the benchmarks that `options` names, or all.
///
/// # Errors
/// When the set-up, the build or a benchmark fails.
pub(crate) fn bench(options: &BenchOptions, yes: bool) -> Result<ExitCode> {
    let needs = Needs::default().and(
        &[&COMPILER, &MEDIASOUP, &RECORDING, &BROWSER, &NETWORK],
        Some(node::BROWSER),
    );
    let mut steps = Steps::new(setup::STEPS + 2);
    setup::prepare(&mut steps, &needs, yes)?;
    steps.next("Building the optimised server (the first time, mediasoup's worker takes some minutes) …");
    let mut cargo = process::cargo();
    cargo.args(["build", "--release", "--workspace", "--bin", "confab-serve"]);
    setup::compile(&steps, "build-release", &mut cargo)?;
    steps.next("Measuring …");
    let mut npm = process::npm(node::BROWSER);
    npm.args(["run", "--silent", "bench", "--"])
        .args(&options.only)
        .env("CONFAB_SERVE", project::program("confab-serve", true));
    process::run(&mut npm)?;
    Ok(ExitCode::SUCCESS)
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
        assert_eq!(names, NAMES);
    }
}
