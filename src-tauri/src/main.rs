//! Confab on the desktop: the meeting server of `confab-server` behind a tray icon and a native window.
//!
//! The shell holds no truth. It starts the server, shows its snapshots and sends it commands; without a display it
//! says so and serves headless with the same server.

mod app;
mod commands;
mod display;
mod host;
mod logging;
mod notifications;
mod opening;
mod quit;
mod settings;
mod tray;
mod tray_menu;
mod view;
mod window;

use std::process::ExitCode;

use clap::Parser;
use confab_server::config::Arguments;

/// Host a meeting from the tray: the people around you join in their browsers.
#[derive(Debug, Parser)]
#[command(name = "confab", version)]
struct Command {
    #[command(flatten)]
    server: Arguments,

    /// Start in the tray, without opening the window.
    #[arg(long)]
    tray: bool,
}

fn main() -> ExitCode {
    let command = Command::parse();
    logging::start();
    let config = match command.server.into_config() {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if !display::is_available() {
        eprintln!("There is no display: serving without a window. (`confab-serve` does the same and needs no desktop libraries.)");
        return confab_server::headless::run(config);
    }
    match app::run(config, command.tray) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The desktop part of Confab could not start: {error:#}");
            ExitCode::FAILURE
        }
    }
}
