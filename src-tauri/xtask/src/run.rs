//! `cargo xtask run`: builds and starts Confab. The program takes this one's place, so that signals and the exit code
//! are its own.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::RunOptions;
use crate::packages::{COMPILER, MEDIASOUP, RECORDING, TRAY, WINDOW_BUILD};
use crate::setup::{self, Needs};
use crate::steps::Steps;
use crate::{process, project};

/// Starts the desktop app where there is a display, otherwise the server in the terminal.
///
/// # Errors
/// When the set-up or the build fails, or the program cannot be started.
pub(crate) fn run(options: &RunOptions, yes: bool) -> Result<ExitCode> {
    let is_headless = options.headless || !has_display();
    if is_headless && !options.headless {
        println!("There is no display here: Confab will serve from this terminal, without its window and tray icon.");
    }
    let needs = Needs::default().and(&[&COMPILER, &MEDIASOUP, &RECORDING], None);
    let (needs, program) = if is_headless {
        (needs, "confab-serve")
    } else {
        (needs.and(&[&WINDOW_BUILD, &TRAY], None), "confab")
    };
    let mut steps = Steps::new(setup::STEPS + 2);
    setup::prepare(&mut steps, &needs, yes)?;

    steps.next("Building Confab (the first time, mediasoup's worker takes some minutes) …");
    // One program, with the dependencies as the whole workspace wants them: for its package alone cargo would compile
    // some otherwise, mediasoup's worker among them, and again for the tests.
    let mut cargo = process::cargo();
    cargo.args(["build", "--workspace", "--bin", program]);
    if options.release {
        cargo.arg("--release");
    }
    setup::compile(&steps, "build", &mut cargo)?;

    steps.next(if is_headless {
        "Serving"
    } else {
        "Starting: look for the icon in the tray"
    });
    become_program(Command::new(project::program(program, options.release)).args(&options.rest))
}

/// Whether a window can be shown: the same question that the desktop app asks.
fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(anyhow::Error::new(error).context(process::cannot_start(command)))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<ExitCode> {
    process::run(command).map(|()| ExitCode::SUCCESS)
}
