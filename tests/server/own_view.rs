//! A view of the file systems of a test's own, so that it can mount a small disk where no other process sees it.

use std::path::Path;
use std::process::Command;

/// How to get such a view, as root and as anybody.
const OWN_VIEW: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

/// Runs an ignored test of this program in a view of its own, where the system lets anybody have one.
pub(crate) fn run(test: &str) {
    let works = |arguments: &&[&str]| {
        let mut command = Command::new("unshare");
        command.args(*arguments).arg("true");
        command.output().is_ok_and(|output| output.status.success())
    };
    let Some(arguments) = OWN_VIEW.into_iter().find(works) else {
        eprintln!("Not tested: this system lets nobody mount a small disk.");
        return;
    };
    let output = Command::new("unshare")
        .args(arguments)
        .arg(std::env::current_exe().unwrap())
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

/// Mounts a disk in memory.
pub(crate) fn mount(options: &str, folder: &Path) {
    let mut command = Command::new("mount");
    let status = command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(folder)
        .status();
    assert!(status.unwrap().success(), "{options}");
}
