//! `cargo xtask test`: the set-up, one build, then every suite of the table; goes on after one that failed.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::TestOptions;
use crate::report::Report;
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::suites::{self, Build, Suite};
use crate::{process, wire};

/// Runs the suites that `options` names, or all.
///
/// # Errors
/// When the set-up or the build fails; a failed suite is told by the exit code.
pub(crate) fn test(options: &TestOptions, yes: bool) -> Result<ExitCode> {
    let is_wanted = |suite: &&Suite| options.only.is_empty() || options.only.iter().any(|name| name == suite.name);
    let wanted: Vec<_> = suites::ALL.iter().filter(is_wanted).collect();
    let mut needs = Needs::default();
    for suite in &wanted {
        needs = needs.and(suite.purposes, suite.npm);
    }
    let build = wanted.iter().map(|suite| suite.build).max().unwrap_or(Build::Nothing);
    let builds = usize::from(build != Build::Nothing);
    let mut steps = Steps::new(setup::STEPS + builds + wanted.len());
    setup::prepare(&mut steps, &needs, yes)?;
    if build != Build::Nothing {
        steps.next("Building (the first time, mediasoup's worker takes some minutes) …");
        setup::compile(&steps, "build", &mut build_command())?;
    }
    let mut report = Report::default();
    for suite in wanted {
        steps.next(&format!("Testing {} …", suite.about));
        report.run(suite.name, || process::run(&mut wire::aside((suite.command)())));
    }
    Ok(report.finish())
}

/// Compiles for all suites at once: cargo would compile the dependencies again for a package alone.
fn build_command() -> Command {
    let mut cargo = process::cargo();
    cargo.args(["test", "--workspace", "--no-run"]);
    cargo
}
