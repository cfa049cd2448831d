//! The wire types in ui/src/wire, which are generated from the server's and committed: whether they are still the same.
//! The server's unit tests write them, wherever TS_RS_EXPORT_DIR says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::steps::Steps;
use crate::{process, project, setup};

/// Where the generated types are kept.
const KEPT: &str = "ui/src/wire";
const EXPORT_DIR: &str = "TS_RS_EXPORT_DIR";

/// Makes `command`, a run of the server's unit tests, write the types beside the checkout's files and not over them.
pub(crate) fn aside(mut command: Command) -> Command {
    command.env(EXPORT_DIR, fresh_folder());
    command
}

/// Generates the types anew and compares them; with `fix`, writes them where they are kept.
///
/// # Errors
/// When they differ: names the files, and the command that mends it.
pub(crate) fn check(steps: &Steps, fix: bool) -> Result<()> {
    let kept = project::path(KEPT);
    let fresh = fresh_folder();
    remove(&fresh)?;
    let mut cargo = process::cargo();
    // For the whole workspace, as the tests are compiled: for the server alone cargo would compile dependencies again.
    cargo
        .args(["test", "--workspace", "--lib", "--bins", "--", "export_bindings"])
        .env(EXPORT_DIR, &fresh);
    setup::compile(steps, "wire", &mut cargo)?;
    let different = different(&kept, &fresh)?;
    if different.is_empty() {
        return Ok(());
    }
    if !fix {
        bail!(
            "{KEPT} is not what the server's types generate: {}; `cargo xtask check --fix` mends it",
            join(&different)
        );
    }
    for name in &different {
        let (from, to) = (fresh.join(name), kept.join(name));
        if from.is_file() {
            fs::create_dir_all(to.parent().unwrap_or(&kept))?;
            fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        } else {
            fs::remove_file(&to).with_context(|| format!("cannot remove {}", to.display()))?;
        }
    }
    steps.note(&format!("brought up to date: {}", join(&different)));
    Ok(())
}

fn fresh_folder() -> PathBuf {
    project::memory().join("wire")
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// The names of files that one of two folders has and the other has not, or has otherwise.
fn different(kept: &Path, fresh: &Path) -> Result<Vec<PathBuf>> {
    let mut names = BTreeSet::new();
    list(kept, Path::new(""), &mut names)?;
    list(fresh, Path::new(""), &mut names)?;
    Ok(names
        .into_iter()
        .filter(|name| fs::read(kept.join(name)).ok() != fs::read(fresh.join(name)).ok())
        .collect())
}

fn list(top: &Path, below: &Path, names: &mut BTreeSet<PathBuf>) -> Result<()> {
    let folder = top.join(below);
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = below.join(entry?.file_name());
        if top.join(&name).is_dir() {
            list(top, &name, names)?;
        } else if name.extension().is_some_and(|extension| extension == "ts") {
            names.insert(name);
        }
    }
    Ok(())
}

fn join(names: &[PathBuf]) -> String {
    names
        .iter()
        .map(|name| name.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_files_that_changed_came_or_went() {
        let top = std::env::temp_dir().join(format!("confab-xtask-wire-{}", std::process::id()));
        let (kept, fresh) = (top.join("kept"), top.join("fresh"));
        for folder in [&kept, &fresh] {
            fs::create_dir_all(folder.join("serde_json")).expect("makes a folder");
            fs::write(folder.join("Same.ts"), "same").expect("writes");
            fs::write(folder.join("notes.md"), folder.display().to_string()).expect("writes");
        }
        fs::write(kept.join("Changed.ts"), "old").expect("writes");
        fs::write(fresh.join("Changed.ts"), "new").expect("writes");
        fs::write(kept.join("Gone.ts"), "old").expect("writes");
        fs::write(fresh.join("serde_json/Came.ts"), "new").expect("writes");
        let names = different(&kept, &fresh);
        fs::remove_dir_all(&top).expect("removes");
        assert_eq!(
            join(&names.expect("compares")),
            "Changed.ts, Gone.ts, serde_json/Came.ts"
        );
    }
}
