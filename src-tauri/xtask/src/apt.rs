//! Installing Debian's packages: as root or through sudo, after asking where there is somebody to ask.

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::steps::Steps;
use crate::system::Missing;

/// A package whose service begins as it is installed, while tests start the program themselves.
const SERVER: &str = "nginx";

/// Installs what is missing with apt-get, after asking where there is somebody to ask and `yes` was not said.
///
/// # Errors
/// When the person says no, when there is no right to install, or when apt-get fails.
pub(crate) fn install(steps: &Steps, missing: &[Missing], yes: bool) -> Result<()> {
    let names: Vec<_> = missing.iter().flat_map(|group| group.names.iter().copied()).collect();
    let by_hand = format!("apt-get install --no-install-recommends {}", names.join(" "));
    let is_root = is_root();
    if !is_root && process::find("sudo").is_none() {
        bail!("installing packages takes root, and there is no sudo here; run this as root, then try again: {by_hand}");
    }
    if !yes && io::stdin().is_terminal() && !agrees(steps)? {
        bail!(
            "nothing was installed; to do it by hand: {}{by_hand}",
            if is_root { "" } else { "sudo " }
        );
    }
    steps.note("reading the lists of packages …");
    steps.run("apt-get-update", apt_get(is_root).arg("update"))?;
    steps.note("installing …");
    let mut install = apt_get(is_root);
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&names);
    steps.run("apt-get-install", &mut install)?;
    // Where systemd is at work: elsewhere it did not begin.
    if names.contains(&SERVER) && Path::new("/run/systemd/system").is_dir() {
        steps.note("ending the web server that came with it, which only tests start …");
        let mut disable = as_root(is_root);
        disable.args(["systemctl", "disable", "--now", SERVER]);
        steps.run("systemctl-disable", &mut disable)?;
    }
    Ok(())
}

fn apt_get(is_root: bool) -> Command {
    let mut command = as_root(is_root);
    // Another apt-get, of an automatic update say, is waited for instead of failing.
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "--option",
        "DPkg::Lock::Timeout=300",
    ]);
    command
}

/// What runs the arguments that it is given, variables of the environment first, with the right to install.
fn as_root(is_root: bool) -> Command {
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        if !io::stdin().is_terminal() {
            command.arg("--non-interactive");
        }
        command.arg("env");
    }
    command
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|(_, user)| user.trim() == "0")
}

fn agrees(steps: &Steps) -> Result<bool> {
    steps.note("Install them now? [Y/n]");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(means_yes(&answer))
}

/// An empty line is a yes; the end of the input is not.
fn means_yes(answer: &str) -> bool {
    !answer.is_empty() && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installs_only_after_a_yes() {
        for answer in ["\n", "y\n", "Yes\n"] {
            assert!(means_yes(answer), "{answer:?}");
        }
        for answer in ["", "n\n", "no\n", "what\n"] {
            assert!(!means_yes(answer), "{answer:?}");
        }
    }
}
