//! Starting other programs, and saying in words how they ended.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::project;

/// Cargo, the same one that started this program, at the top of the checkout.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(project::root());
    command
}

/// npm, in a folder of the checkout.
pub(crate) fn npm(folder: &str) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(project::path(folder));
    command
}

/// The Python that mediasoup's build uses.
pub(crate) fn python() -> Command {
    let mut command = Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    command.current_dir(project::root());
    command
}

/// Where on the PATH `program` is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let suffixes: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    env::split_paths(&env::var_os("PATH")?)
        .flat_map(|folder| {
            suffixes
                .iter()
                .map(move |suffix| folder.join(format!("{program}{suffix}")))
        })
        .find(|path| path.is_file())
}

/// Runs `command` with this program's own output.
///
/// # Errors
/// When it cannot be started, or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    check(command, status)
}

/// Runs `command` and returns what it prints, whether it succeeds or not; what it says on standard error is dropped.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn output(command: &mut Command) -> Result<(ExitStatus, String)> {
    let output = command
        .stderr(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))?;
    Ok((output.status, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Whether `command` runs and succeeds, its output dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// # Errors
/// When `status` is a failure: names the command and how it ended.
pub(crate) fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

pub(crate) fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", line(command))
}

/// The command as one would type it: the program's bare name, then its arguments.
fn line(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_command_that_failed() {
        let mut command = cargo();
        command.arg("no-such-subcommand").stderr(Stdio::null());
        let words = run(&mut command).expect_err("there is no such subcommand").to_string();
        assert!(words.starts_with("`cargo no-such-subcommand` failed"), "{words}");
    }

    #[test]
    fn finds_programs_on_the_path() {
        assert!(find("cargo").is_some());
        assert!(find("no-such-program-anywhere").is_none());
    }
}
