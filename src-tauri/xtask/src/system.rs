//! The system underneath: which of the packages are missing, and how to get them. On Debian and its relatives that is
//! certain and they are installed; elsewhere the things themselves are looked for, and what is not found is named.

use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::Command;

use anyhow::{Result, bail};

use crate::packages::{Probe, Purpose};
use crate::process;
use crate::steps::Steps;

/// The missing packages of one purpose.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing {
    pub(crate) what: &'static str,
    pub(crate) names: Vec<&'static str>,
}

/// Whether packages are Debian's here, so that their names and apt-get hold.
pub(crate) fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    is_debian_release(&release) && process::find("apt-get").is_some() && process::find("dpkg-query").is_some()
}

/// Reads /etc/os-release.
fn is_debian_release(release: &str) -> bool {
    release
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| matches!(*key, "ID" | "ID_LIKE"))
        .flat_map(|(_, value)| value.trim_matches('"').split_whitespace())
        .any(|name| name == "debian")
}

/// What of `purposes` is not there. A package that two of them need is named once.
///
/// # Errors
/// When the package database cannot be asked.
pub(crate) fn missing(purposes: &[&'static Purpose]) -> Result<Vec<Missing>> {
    let here: Vec<_> = purposes
        .iter()
        .copied()
        .filter(|purpose| cfg!(target_os = "linux") || !purpose.linux_only)
        .collect();
    if !is_debian() {
        return Ok(group(&here, |package| is_found(&package.probe)));
    }
    let names = here
        .iter()
        .flat_map(|purpose| purpose.packages)
        .map(|package| package.name);
    let mut query = Command::new("dpkg-query");
    query
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(names);
    // It fails where one of the names is unknown to it, and answers for the others all the same.
    let (_, answer) = process::output(&mut query)?;
    Ok(group(&here, |package| is_installed(&answer, package.name)))
}

/// Whether dpkg-query's answer of lines `name status` has `name` as installed.
fn is_installed(answer: &str, name: &str) -> bool {
    answer
        .lines()
        .any(|line| line.split_once(' ') == Some((name, "installed")))
}

fn group(purposes: &[&'static Purpose], is_there: impl Fn(&crate::packages::Package) -> bool) -> Vec<Missing> {
    let mut named = Vec::new();
    let mut groups = Vec::new();
    for purpose in purposes {
        let mut names = Vec::new();
        for package in purpose.packages {
            if !named.contains(&package.name) && !is_there(package) {
                named.push(package.name);
                names.push(package.name);
            }
        }
        if !names.is_empty() {
            groups.push(Missing {
                what: purpose.what,
                names,
            });
        }
    }
    groups
}

fn is_found(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => process::find(name).is_some(),
        Probe::Module(name) => process::succeeds(Command::new("pkg-config").args(["--exists", name])),
        Probe::Library(name) => ["ldconfig", "/sbin/ldconfig"].into_iter().any(|program| {
            process::output(Command::new(program).arg("-p")).is_ok_and(|(_, libraries)| libraries.contains(name))
        }),
    }
}

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
    steps.run("apt-get-update", apt_get(is_root).arg("update").arg("--quiet"))?;
    let mut install = apt_get(is_root);
    install
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(names);
    steps.run("apt-get-install", &mut install)
}

fn apt_get(is_root: bool) -> Command {
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        if !io::stdin().is_terminal() {
            command.arg("--non-interactive");
        }
        command.arg("env");
    }
    // Another apt-get, of an automatic update say, is waited for instead of failing.
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "--option",
        "DPkg::Lock::Timeout=300",
    ]);
    command
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|(_, user)| user.trim() == "0")
}

fn agrees(steps: &Steps) -> Result<bool> {
    steps.note("Install them now? [Y/n]");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(means_yes(&answer))
}

/// An empty line is a yes; the end of the input is not.
fn means_yes(answer: &str) -> bool {
    !answer.is_empty() && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

/// What to install where the packages cannot be installed from here; empty where nothing is missing.
pub(crate) fn advice(missing: &[Missing]) -> String {
    let groups = missing
        .iter()
        .map(|group| format!("{} (for {})", group.names.join(", "), group.what));
    groups.collect::<Vec<_>>().join(", ")
}

/// # Errors
/// When a program that everything here stands on is missing: names each, and what brings it.
pub(crate) fn require_tools() -> Result<()> {
    let python = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let pip = process::succeeds(process::python().args(["-c", "import pip"]));
    let mut wanted = Vec::new();
    if !node_version().is_some_and(|version| is_node_new_enough(&version)) {
        wanted.push("Node 20.19 or newer".to_owned());
    }
    if process::find("npm").is_none() {
        wanted.push("npm (it comes with Node)".to_owned());
    }
    if !pip {
        wanted.push(format!("{python} with pip (Debian: python3-pip)"));
    }
    if !wanted.is_empty() {
        bail!(
            "Confab is built with tools that are not here; please install {}",
            wanted.join(" and ")
        );
    }
    Ok(())
}

/// What `node --version` says.
pub(crate) fn node_version() -> Option<String> {
    let (status, version) = process::output(Command::new("node").arg("--version")).ok()?;
    status.success().then(|| version.trim().to_owned())
}

/// Vite's floor, also in ui/package.json.
fn is_node_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= (20, 19)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::{COMPILER, MEDIASOUP, WINDOW_BUILD};

    #[test]
    fn knows_debian_and_its_relatives() {
        assert!(is_debian_release("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(is_debian_release("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian_release("ID=fedora\nHOME_URL=\"https://debian.example/\"\n"));
        assert!(!is_debian_release(""));
    }

    #[test]
    fn reads_what_the_package_database_answers() {
        let answer = "g++ installed\nlibuv1-dev config-files\nxvfb not-installed\n";
        assert!(is_installed(answer, "g++"));
        for name in ["libuv1-dev", "xvfb", "ffmpeg", "g"] {
            assert!(!is_installed(answer, name), "{name}");
        }
    }

    #[test]
    fn names_a_missing_package_once_and_under_its_purpose() {
        let there = [
            "g++",
            "libuv1-dev",
            "libssl-dev",
            "libflatbuffers-dev",
            "flatbuffers-compiler",
        ];
        let missing = group(&[&COMPILER, &MEDIASOUP, &WINDOW_BUILD], |package| {
            there.contains(&package.name)
        });
        let expected = [
            Missing {
                what: MEDIASOUP.what,
                names: vec!["pkg-config", "libsrtp2-dev"],
            },
            Missing {
                what: WINDOW_BUILD.what,
                names: vec!["libwebkit2gtk-4.1-dev"],
            },
        ];
        assert_eq!(missing, expected);
        assert_eq!(
            advice(&missing),
            "pkg-config, libsrtp2-dev (for mediasoup's worker), libwebkit2gtk-4.1-dev (for compiling the window)"
        );
    }

    #[test]
    fn installs_only_after_a_yes() {
        for answer in ["\n", "y\n", "Yes\n"] {
            assert!(means_yes(answer), "{answer:?}");
        }
        for answer in ["", "n\n", "no\n", "what\n"] {
            assert!(!means_yes(answer), "{answer:?}");
        }
    }

    #[test]
    fn wants_a_node_that_vite_runs_on() {
        for version in ["v20.19.0", "v20.20.2", "v22.1.0"] {
            assert!(is_node_new_enough(version), "{version}");
        }
        for version in ["v18.19.0", "v20.18.3", "", "nonsense"] {
            assert!(!is_node_new_enough(version), "{version}");
        }
    }
}
