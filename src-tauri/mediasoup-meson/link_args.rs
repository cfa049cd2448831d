//! Shared by the build scripts of the packages that link mediasoup's worker.

use std::process::{Command, Stdio};

/// Prints the link arguments that `standin`, the path from the package to the program beside this file, names: the
/// distribution's libraries, or none where the worker was built upstream's way.
///
/// Build scripts run in their package's folder. Its whole path would be the one at compile time, and a checkout that is
/// moved is not compiled again.
///
/// # Panics
/// When the stand-in cannot be run or refuses; its own sentence is above the panic.
pub(crate) fn print(standin: &str) {
    println!("cargo:rerun-if-changed={standin}");
    println!("cargo:rerun-if-env-changed=CONFAB_MEDIASOUP_LIBS");
    println!("cargo:rerun-if-env-changed=PYTHON");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .args([standin, "link-args"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("Cannot run {python}, which mediasoup's build needs: {error}"));
    assert!(
        output.status.success(),
        "The stand-in for mediasoup's libraries refused."
    );
    for argument in String::from_utf8_lossy(&output.stdout).lines() {
        println!("cargo:rustc-link-arg={argument}");
    }
}
