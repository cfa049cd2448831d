//! Tests that change what a whole process has run in one of their own: each is an ignored test of this program, which the one that counts starts.

use std::process::Command;

/// A command that starts this program.
pub(crate) fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// Runs an ignored test by a command that starts this program.
pub(crate) fn run(mut command: Command, test: &str) {
    let output = command
        .args([test, "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{complaints}"
    );
}
