//! npm's part of the set-up: each package folder's dependencies, and the pages that the server carries inside.

use std::fs;

use anyhow::{Context, Result};

use crate::fingerprint::{Fingerprint, Stamp};
use crate::steps::Steps;
use crate::{process, project, tools};

/// The npm package of the pages.
pub(crate) const UI: &str = "ui";
/// The npm package of the guide's tests.
pub(crate) const GUIDE: &str = "tests/guide";
/// The npm package of the tests in browsers, and of the benchmarks.
pub(crate) const BROWSER: &str = "tests/browser";
/// The npm package of the desktop tests.
pub(crate) const DESKTOP: &str = "tests/desktop";
/// What is beside the pages' sources and not one of them.
const NOT_SOURCES: [&str; 3] = ["node_modules", "dist", ".vite"];

/// Installs the dependencies of the npm packages in `folders`, where they changed since they were last installed.
///
/// # Errors
/// When npm fails.
pub(crate) fn install(steps: &mut Steps, folders: &[&'static str]) -> Result<()> {
    let mut changed = Vec::new();
    for &folder in folders {
        let path = project::path(folder);
        let fingerprint = Fingerprint::default()
            .word(&tools::node_version().unwrap_or_default())
            .files(&path.join("package.json"), &[])?
            .files(&path.join("package-lock.json"), &[])?
            .finish();
        let stamp = Stamp::new(&format!("npm-{folder}"));
        // npm writes this file last, so a folder that was cut short is done again.
        let is_there = path.join("node_modules/.package-lock.json").is_file();
        if !is_there || !stamp.holds(&fingerprint) {
            changed.push((folder, stamp, fingerprint));
        }
    }
    if changed.is_empty() {
        steps.next("npm packages: unchanged");
        return Ok(());
    }
    let names: Vec<_> = changed.iter().map(|(folder, ..)| *folder).collect();
    steps.next(&format!("Installing npm packages in {} …", names.join(", ")));
    for (folder, stamp, fingerprint) in changed {
        stamp.clear();
        let mut npm = process::npm(folder);
        npm.args(["ci", "--no-audit", "--no-fund"]);
        steps.run(&format!("npm-{folder}"), &mut npm)?;
        stamp.set(&fingerprint)?;
    }
    Ok(())
}

/// Whether the npm package in `folder` has a script of this name.
pub(crate) fn has_script(folder: &str, name: &str) -> bool {
    let package = fs::read_to_string(project::path(folder).join("package.json")).unwrap_or_default();
    let scripts = package
        .split_once("\"scripts\"")
        .and_then(|(_, rest)| rest.split_once('}'));
    scripts.is_some_and(|(scripts, _)| scripts.contains(&format!("\"{name}\":")))
}

/// Builds the pages, where their sources or what was built of them changed since.
///
/// # Errors
/// When the build fails.
pub(crate) fn build_pages(steps: &mut Steps) -> Result<()> {
    let stamp = Stamp::new("pages");
    if stamp.holds(&pages_fingerprint()?) {
        steps.next("Pages: unchanged");
        return Ok(());
    }
    steps.next("Building the pages …");
    stamp.clear();
    let mut npm = process::npm(UI);
    npm.args(["run", "build"]);
    steps.run("pages", &mut npm)?;
    let dist = project::path("ui/dist");
    fs::metadata(&dist).with_context(|| format!("the build of the pages left no {}", dist.display()))?;
    stamp.set(&pages_fingerprint()?)
}

/// Of the sources and of what was built: a build by other hands, or one that was removed, is done again.
fn pages_fingerprint() -> Result<String> {
    let ui = project::path(UI);
    Ok(Fingerprint::default()
        .files(&ui, &NOT_SOURCES)?
        .files(&project::path("assets"), &[])?
        .word("built")
        .files(&ui.join("dist"), &[])?
        .finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_scripts_of_a_package() {
        assert!(has_script(UI, "build"));
        assert!(!has_script(UI, "vite"));
        assert!(!has_script("no/such/folder", "build"));
    }
}
