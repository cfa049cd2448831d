//! The project's commands: `cargo xtask run | test | check | bench | fuzz | setup`.
//!
//! Each does its own set-up first, from a machine that has only cargo, Node with npm, python3 with pip and gcc:
//! the distribution's packages, the npm packages, the pages. Nothing is done twice.

mod apt;
mod arguments;
mod bench;
mod check;
mod fingerprint;
mod fuzz;
mod mediasoup;
mod node;
mod packages;
mod process;
mod project;
mod report;
mod run;
mod setup;
mod steps;
mod suites;
mod system;
mod test;
mod tools;
mod wire;

use std::process::ExitCode;

use arguments::{Arguments, Verb};

fn main() -> ExitCode {
    match Arguments::parse(std::env::args_os().skip(1)).and_then(dispatch) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let yes = arguments.yes;
    match arguments.verb {
        Verb::Help => {
            print!("{}", arguments::help());
            Ok(ExitCode::SUCCESS)
        }
        Verb::Run(options) => run::run(&options, yes),
        Verb::Test(options) => test::test(&options, yes),
        Verb::Check { fix } => check::check(fix, yes),
        Verb::Bench(options) => bench::bench(&options, yes),
        Verb::Fuzz(options) => fuzz::fuzz(&options),
        Verb::Setup => setup::everything(yes),
    }
}
