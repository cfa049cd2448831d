//! The one table of test suites: what `cargo xtask test` runs, in this order.

use std::process::Command;

use crate::packages::{
    BROWSER, COMPILER, MEDIASOUP, NETWORK, Purpose, RECORDING, SCREEN, STREAMING, TRAY, WINDOW_BUILD,
};
use crate::{node, process};

/// A suite of tests.
pub(crate) struct Suite {
    /// Its name for `--only`.
    pub(crate) name: &'static str,
    /// What it tests, in a few words.
    pub(crate) about: &'static str,
    pub(crate) purposes: &'static [&'static Purpose],
    /// The folder of its npm package.
    pub(crate) npm: Option<&'static str>,
    /// Whether the workspace is compiled before it: its time is then its own.
    pub(crate) builds: bool,
    /// Runs it; the exit code tells whether it passed.
    pub(crate) command: fn() -> Command,
}

/// Everything that compiling the whole workspace needs.
pub(crate) const WORKSPACE: [&Purpose; 3] = [&COMPILER, &MEDIASOUP, &WINDOW_BUILD];

/// The suites, quickest to tell something first.
pub(crate) const ALL: [Suite; 7] = [
    Suite {
        name: "stand-in",
        about: "what mediasoup's worker is built on: src-tauri/mediasoup-meson",
        purposes: &[&COMPILER, &MEDIASOUP],
        npm: None,
        builds: false,
        command: || {
            let mut python = process::python();
            python.args([
                "-B",
                "-m",
                "unittest",
                "discover",
                "--start-directory",
                "src-tauri/mediasoup-meson/tests",
            ]);
            python
        },
    },
    Suite {
        name: "pages",
        about: "the pages' own logic: ui",
        purposes: &[],
        npm: Some(node::UI),
        builds: false,
        command: || npm_run(node::UI, "test"),
    },
    Suite {
        name: "rust",
        about: "the rules, and the server with real workers: src-tauri, tests/server",
        purposes: &[&COMPILER, &MEDIASOUP, &WINDOW_BUILD, &RECORDING, &STREAMING],
        npm: None,
        builds: true,
        command: || {
            let mut cargo = process::cargo();
            cargo.args(["test", "--workspace", "--no-fail-fast"]);
            cargo
        },
    },
    Suite {
        name: "guide",
        about: "the guide's checklist, as a frontend from elsewhere drives it: tests/guide",
        purposes: &WORKSPACE,
        npm: Some(node::GUIDE),
        builds: true,
        command: || npm_run(node::GUIDE, "test"),
    },
    Suite {
        name: "browser",
        about: "meetings in real browsers: tests/browser/meeting",
        purposes: &[&COMPILER, &MEDIASOUP, &WINDOW_BUILD, &RECORDING, &BROWSER],
        npm: Some(node::BROWSER),
        builds: true,
        command: || npm_run(node::BROWSER, "test"),
    },
    Suite {
        name: "network",
        about: "computers in several networks, as root: tests/browser/network",
        purposes: &[&COMPILER, &MEDIASOUP, &WINDOW_BUILD, &RECORDING, &BROWSER, &NETWORK],
        npm: Some(node::BROWSER),
        builds: true,
        command: || npm_run(node::BROWSER, "test:network"),
    },
    Suite {
        name: "desktop",
        about: "the window and the tray: tests/desktop",
        purposes: &[
            &COMPILER,
            &MEDIASOUP,
            &WINDOW_BUILD,
            &TRAY,
            &RECORDING,
            &STREAMING,
            &BROWSER,
            &SCREEN,
            &NETWORK,
        ],
        npm: Some(node::DESKTOP),
        builds: true,
        command: || npm_run(node::DESKTOP, "test"),
    },
];

/// The suite called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Suite> {
    ALL.iter().find(|suite| suite.name == name)
}

/// The names of all suites, for a sentence.
pub(crate) fn names() -> String {
    ALL.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ")
}

fn npm_run(folder: &str, script: &str) -> Command {
    let mut npm = process::npm(folder);
    npm.args(["run", "--silent", script]);
    npm
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn suites_have_names_of_their_own() {
        for (index, suite) in ALL.iter().enumerate() {
            assert!(
                ALL[index + 1..].iter().all(|other| other.name != suite.name),
                "{} is there twice",
                suite.name
            );
        }
    }

    #[test]
    fn npm_suites_are_where_the_table_says() {
        for folder in ALL.iter().filter_map(|suite| suite.npm) {
            assert!(
                project::path(folder).join("package-lock.json").is_file(),
                "{folder} has no package-lock.json"
            );
        }
    }
}
