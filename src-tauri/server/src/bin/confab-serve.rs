//! Confab's server alone, without a window: for machines without a display.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser;
use confab_server::config::{self, Options};
use confab_server::headless;
use tracing_subscriber::EnvFilter;

/// A meeting server for the people around you, without a window.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    config::load_dotenv()?;
    let config = Arguments::parse().options.into_config()?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,usvg=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(headless::run(config))?;
    Ok(())
}
