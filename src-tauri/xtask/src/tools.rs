//! The tools that must be there before anything can be set up: Node with npm, Python with pip.

use std::env;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// # Errors
/// When a program that everything here stands on is missing: names each, and what brings it.
pub(crate) fn require() -> Result<()> {
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
