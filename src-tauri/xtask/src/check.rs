//! `cargo xtask check`: formatting, lints, types and generated files of everything, and a minute of fuzzing; goes on after
//! one that failed.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::report::Report;
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::suites;
use crate::{fuzz, node, process, project, wire};

/// Runs the checks; with `fix`, formats and regenerates first instead of complaining.
///
/// # Errors
/// When the set-up fails or a package has no checks; a failed check is told by the exit code.
pub(crate) fn check(fix: bool, yes: bool) -> Result<ExitCode> {
    let mut needs = Needs::default().and(&suites::WORKSPACE, Some(node::UI));
    for suite in &suites::ALL {
        needs = needs.and(&[], suite.npm);
    }
    let folders = needs.npm.clone();
    if let Some(folder) = folders.iter().find(|folder| !is_checked(folder)) {
        bail!("{folder}/package.json lacks the script 'check' or 'format', which every npm package here has");
    }
    let mut steps = Steps::new(setup::STEPS + 5 + folders.len());
    let mut report = Report::default();
    setup::prepare(&mut steps, &needs, yes)?;

    steps.next("Formatting of the Rust sources …");
    report.run("formatting", || {
        process::run(&mut rustfmt(fix, "Cargo.toml"))?;
        process::run(&mut rustfmt(fix, &format!("{}/Cargo.toml", fuzz::PACKAGE)))
    });
    for folder in folders {
        steps.next(&format!("Types, lints and formatting of {folder} …"));
        report.run(folder, || {
            if fix {
                process::run(&mut npm_run(folder, "format"))?;
            }
            process::run(&mut npm_run(folder, "check"))
        });
    }
    steps.next("Lints of the Rust sources (the first time, mediasoup's worker takes some minutes) …");
    report.run("clippy", || setup::compile(&steps, "clippy", &mut clippy()));
    steps.next("The generated types in the pages …");
    report.run("wire types", || wire::check(&steps, fix));
    let installed = fuzz::install(&mut steps);
    steps.next("Fuzzing what reads what others send, for a minute …");
    report.run("fuzzing", || installed.and_then(|()| fuzz::check(&steps)));
    Ok(report.finish())
}

/// Whether an npm package says how it is checked and formatted.
fn is_checked(folder: &str) -> bool {
    ["check", "format"]
        .iter()
        .all(|script| node::has_script(folder, script))
}

fn rustfmt(fix: bool, manifest: &str) -> Command {
    let mut cargo = process::cargo();
    cargo
        .args(["fmt", "--all", "--manifest-path"])
        .arg(project::path(manifest));
    if !fix {
        cargo.arg("--check");
    }
    cargo
}

fn clippy() -> Command {
    let mut cargo = process::cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo
}

fn npm_run(folder: &str, script: &str) -> Command {
    let mut npm = process::npm(folder);
    npm.args(["run", "--silent", script]);
    npm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_npm_package_is_checked() {
        assert!(is_checked(node::UI));
        for folder in suites::ALL.iter().filter_map(|suite| suite.npm) {
            assert!(is_checked(folder), "{folder}");
        }
        assert!(!is_checked("no/such/folder"));
    }
}
