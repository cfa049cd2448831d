//! The system underneath: which of the packages are missing. On Debian and its relatives its database knows; elsewhere
//! the things themselves are looked for.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::packages::{Package, Probe, Purpose};
use crate::process;

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

fn group(purposes: &[&'static Purpose], is_there: impl Fn(&Package) -> bool) -> Vec<Missing> {
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

/// What to install where the packages cannot be installed from here; empty where nothing is missing.
pub(crate) fn advice(missing: &[Missing]) -> String {
    let groups = missing
        .iter()
        .map(|group| format!("{} (for {})", group.names.join(", "), group.what));
    groups.collect::<Vec<_>>().join(", ")
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
}
