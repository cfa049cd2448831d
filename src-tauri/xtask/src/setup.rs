//! The set-up that every command begins with: the system's packages, npm's packages, the pages. Each of the three is
//! one step, and says so in one line where there is nothing to do.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::packages::{self, Purpose};
use crate::steps::Steps;
use crate::{apt, fuzz, mediasoup, node, suites, system, tools};

/// The steps of `prepare`.
pub(crate) const STEPS: usize = 3;

/// What a command needs before it can begin.
#[derive(Default)]
pub(crate) struct Needs {
    pub(crate) purposes: Vec<&'static Purpose>,
    /// The folders of npm packages beside the pages' own.
    pub(crate) npm: Vec<&'static str>,
}

impl Needs {
    /// The needs with those of `other` added.
    pub(crate) fn and(mut self, purposes: &[&'static Purpose], npm: Option<&'static str>) -> Self {
        for purpose in purposes {
            if !self.purposes.iter().any(|held| held.what == purpose.what) {
                self.purposes.push(purpose);
            }
        }
        self.npm.extend(npm.filter(|folder| !self.npm.contains(folder)));
        self
    }
}

/// Does the set-up, in three steps.
///
/// # Errors
/// A sentence for the person about what is missing or what failed.
pub(crate) fn prepare(steps: &mut Steps, needs: &Needs, yes: bool) -> Result<()> {
    tools::require()?;
    install_packages(steps, &needs.purposes, yes)?;
    let mut folders = vec![node::UI];
    folders.extend(needs.npm.iter().filter(|folder| **folder != node::UI));
    node::install(steps, &folders)?;
    node::build_pages(steps)
}

/// Runs a build of cargo's as part of the current step.
///
/// # Errors
/// When it fails.
pub(crate) fn compile(steps: &Steps, name: &str, command: &mut Command) -> Result<()> {
    steps.run(name, command).inspect_err(|_| mediasoup::forget())
}

/// `cargo xtask setup`: the set-up of all commands.
///
/// # Errors
/// As `prepare`.
pub(crate) fn everything(yes: bool) -> Result<ExitCode> {
    let mut needs = Needs::default().and(&packages::ALL, None);
    for suite in &suites::ALL {
        needs = needs.and(suite.purposes, suite.npm);
    }
    let mut steps = Steps::new(STEPS + 1);
    prepare(&mut steps, &needs, yes)?;
    fuzz::install(&mut steps)?;
    println!("Everything is in place: `cargo xtask run` starts Confab, `cargo xtask test` tests it.");
    Ok(ExitCode::SUCCESS)
}

fn install_packages(steps: &mut Steps, purposes: &[&'static Purpose], yes: bool) -> Result<()> {
    let mut missing = system::missing(purposes)?;
    let is_debian = system::is_debian();
    let heading = if is_debian { "Debian packages" } else { "Packages" };
    if missing.is_empty() {
        steps.next(&format!("{heading}: all there"));
        return Ok(());
    }
    steps.next(&format!("{heading} …"));
    if missing.iter().any(|group| group.what == packages::MEDIASOUP.what) && mediasoup::is_upstream_open(steps)? {
        let others: Vec<_> = purposes
            .iter()
            .copied()
            .filter(|purpose| purpose.what != packages::MEDIASOUP.what)
            .collect();
        missing = system::missing(&others)?;
    }
    if missing.is_empty() {
        steps.note("nothing else is missing");
    } else if is_debian {
        for group in &missing {
            steps.note(&format!("missing for {}: {}", group.what, group.names.join(" ")));
        }
        apt::install(steps, &missing, yes)?;
    } else {
        let advice = system::advice(&missing);
        steps.note(&format!(
            "not found here, by Debian's names: {advice}. Going on; install them if this fails."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::{COMPILER, RECORDING};

    #[test]
    fn needs_add_up_without_repeating() {
        let needs = Needs::default()
            .and(&[&COMPILER], Some("ui"))
            .and(&[&RECORDING, &COMPILER], Some("ui"))
            .and(&[], Some("tests/guide"))
            .and(&[], None);
        assert_eq!(
            needs.purposes.iter().map(|purpose| purpose.what).collect::<Vec<_>>(),
            ["compiling", "recordings"]
        );
        assert_eq!(needs.npm, ["ui", "tests/guide"]);
    }
}
