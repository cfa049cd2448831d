//! Confab on the desktop: the meeting server of `confab-server` behind a tray icon and a native window.
//!
//! The shell holds no truth. It starts the server, shows its snapshots and sends it commands; without a display it
//! says so and serves headless with the same server.

mod app;
mod broadcasts;
mod commands;
mod display;
mod host;
mod hosting;
mod knocks;
mod library;
mod logging;
mod notifications;
mod opening;
mod quit;
mod rooms;
mod settings;
mod tray;
mod tray_menu;
mod view;
mod window;

use std::process::ExitCode;

use clap::Parser;
use confab_server::config::{self, Config, ConfigError, Options};

/// Host a meeting from the tray: the people around you join in their browsers.
#[derive(Debug, Parser)]
#[command(name = "confab", version)]
struct Command {
    #[command(flatten)]
    server: Options,

    /// Start in the tray, without opening the window.
    #[arg(long)]
    tray: bool,
}

fn main() -> ExitCode {
    let (config, in_tray) = match settings_of_this_start() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    logging::start();
    if !display::is_available() {
        eprintln!("There is no display: serving without a window, as confab-serve does.");
        return match tauri::async_runtime::block_on(confab_server::headless::run(config)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    match app::run(config, in_tray) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The window of Confab could not start: {error:#}. Without one: confab-serve.");
            ExitCode::FAILURE
        }
    }
}

/// The server's settings and whether to start in the tray: from the flags, the environment and a `.env` file.
fn settings_of_this_start() -> Result<(Config, bool), ConfigError> {
    config::load_dotenv()?;
    let command = Command::parse();
    Ok((command.server.into_config()?, command.tray))
}
