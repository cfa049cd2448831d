//! `cargo xtask test`: the set-up, one build, then every suite of the table; goes on after one that failed.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::TestOptions;
use crate::report::Report;
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::suites::{self, Suite};
use crate::{process, project, wire};

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
    let builds = wanted.iter().any(|suite| suite.builds);
    let mut steps = Steps::new(setup::STEPS + usize::from(builds) + wanted.len());
    setup::prepare(&mut steps, &needs, yes)?;
    if builds {
        steps.next("Building (the first time, mediasoup's worker takes some minutes) …");
        setup::compile(&steps, "build", &mut build())?;
    }
    let mut report = Report::default();
    for suite in wanted {
        steps.next(&format!("Testing {} …", suite.about));
        report.run(suite.name, || {
            let mut command = wire::aside((suite.command)());
            process::run(command.env("CONFAB_PROGRAMS", project::programs()))
        });
    }
    Ok(report.finish())
}

/// Compiles the programs and all the tests at once: cargo would compile dependencies again for a part alone.
fn build() -> Command {
    let mut cargo = process::cargo();
    cargo.args(["build", "--workspace", "--lib", "--bins", "--tests", "--examples"]);
    cargo
}
