//! Logging of the desktop program: to stderr, by level and module, and nothing secret.
//!
//! `RUST_LOG` chooses what is shown, as for `confab-serve`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging; to be called once.
pub(crate) fn start() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,zbus=warn,tracing=warn,usvg=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
