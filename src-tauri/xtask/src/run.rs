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

const DESKTOP: [&str; 4] = ["--package", "confab", "--bin", "confab"];
const HEADLESS: [&str; 4] = ["--package", "confab-server", "--bin", "confab-serve"];

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
        (needs, &HEADLESS)
    } else {
        (needs.and(&[&WINDOW_BUILD, &TRAY], None), &DESKTOP)
    };
    let mut steps = Steps::new(setup::STEPS + 2);
    setup::prepare(&mut steps, &needs, yes)?;

    steps.next("Building Confab (the first time, mediasoup's worker takes some minutes) …");
    let profile: &[&str] = if options.release { &["--release"] } else { &[] };
    setup::compile(
        &steps,
        "build",
        process::cargo().arg("build").args(program).args(profile),
    )?;

    steps.next(if is_headless {
        "Serving"
    } else {
        "Starting: look for the icon in the tray"
    });
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // In the folder where the person is, for paths among the arguments.
    cargo
        .args(["run", "--quiet", "--manifest-path"])
        .arg(project::path("Cargo.toml"))
        .args(program)
        .args(profile);
    cargo.arg("--").args(&options.rest);
    become_program(&mut cargo)
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
