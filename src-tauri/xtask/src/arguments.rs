//! What was asked for on the command line. Parsed by hand: the few flags are not worth waiting for a parser's build.

use std::ffi::OsString;

use anyhow::{Result, bail};

use crate::{bench, fuzz, suites};

/// A parsed command line.
#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) verb: Verb,
    /// Install missing packages without asking.
    pub(crate) yes: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Verb {
    Run(RunOptions),
    Test(TestOptions),
    Check { fix: bool },
    Bench(BenchOptions),
    Fuzz(FuzzOptions),
    Setup,
    Help,
}

/// `cargo xtask run`: which program, how it is built, and the program's own arguments.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RunOptions {
    pub(crate) headless: bool,
    pub(crate) release: bool,
    pub(crate) rest: Vec<OsString>,
}

/// `cargo xtask test`: the suites wanted, none meaning all of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TestOptions {
    pub(crate) only: Vec<String>,
}

/// `cargo xtask bench`: the benchmarks wanted, none meaning all of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct BenchOptions {
    pub(crate) only: Vec<String>,
}

/// `cargo xtask fuzz`: the targets wanted, none meaning all of them, and how long each goes on.
#[derive(Debug, PartialEq)]
pub(crate) struct FuzzOptions {
    pub(crate) only: Vec<String>,
    pub(crate) seconds: u32,
}

impl Arguments {
    /// Parses what follows `cargo xtask`.
    ///
    /// # Errors
    /// A sentence that names the argument that is not known, and points to the help.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let mut words = Vec::new();
        let mut rest = Vec::new();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if argument == "--" {
                rest.extend(arguments.by_ref());
            } else {
                words.push(argument.to_string_lossy().into_owned());
            }
        }
        let yes = take(&mut words, "--yes") | take(&mut words, "-y");
        if words.is_empty() || take(&mut words, "--help") | take(&mut words, "-h") {
            return Ok(Self { verb: Verb::Help, yes });
        }
        let name = words.remove(0);
        let takes_rest = name == "run";
        let verb = match name.as_str() {
            "help" => Verb::Help,
            "run" => Verb::Run(RunOptions {
                headless: take(&mut words, "--headless"),
                release: take(&mut words, "--release"),
                rest: std::mem::take(&mut rest),
            }),
            "test" => Verb::Test(TestOptions {
                only: take_suites(&mut words)?,
            }),
            "check" => Verb::Check {
                fix: take(&mut words, "--fix"),
            },
            "bench" => Verb::Bench(BenchOptions {
                only: take_names(&mut words, "benchmark", &bench::NAMES)?,
            }),
            "fuzz" => {
                let seconds = take_seconds(&mut words)?;
                Verb::Fuzz(FuzzOptions {
                    only: take_names(&mut words, "target", &fuzz::TARGETS)?,
                    seconds: seconds.unwrap_or(fuzz::SECONDS),
                })
            }
            "setup" => Verb::Setup,
            other => bail!("there is no command '{other}'; `cargo xtask help` lists them"),
        };
        if let Some(word) = words.first() {
            let hint = if takes_rest {
                " (arguments for the program itself go after `--`)"
            } else {
                ""
            };
            bail!("`{name}` does not know '{word}'{hint}; `cargo xtask help` lists what it knows");
        }
        if let Some(argument) = rest.first() {
            bail!(
                "`{name}` passes no arguments on, so it cannot take '{}' after `--`",
                argument.to_string_lossy()
            );
        }
        Ok(Self { verb, yes })
    }
}

/// Removes every `flag` from `words` and says whether there was one.
fn take(words: &mut Vec<String>, flag: &str) -> bool {
    let before = words.len();
    words.retain(|word| word != flag);
    words.len() < before
}

/// Removes each `--only <suite>` from `words`; refuses names that are not in the table of suites.
fn take_suites(words: &mut Vec<String>) -> Result<Vec<String>> {
    let mut only = Vec::new();
    while let Some(at) = words
        .iter()
        .position(|word| word == "--only" || word.starts_with("--only="))
    {
        let word = words.remove(at);
        let value = match word.strip_prefix("--only=") {
            Some(value) => value.to_owned(),
            None if at < words.len() => words.remove(at),
            None => bail!("`--only` wants the name of a suite: {}", suites::names()),
        };
        for name in value.split(',') {
            if suites::find(name).is_none() {
                bail!("there is no suite '{name}'; the suites are {}", suites::names());
            }
            only.push(name.to_owned());
        }
    }
    Ok(only)
}

/// Removes the names of what there is from `words`; refuses names of what there is not, before anything is built for them.
fn take_names(words: &mut Vec<String>, kind: &str, names: &[&str]) -> Result<Vec<String>> {
    let (flags, only): (Vec<_>, Vec<_>) = words.drain(..).partition(|word| word.starts_with('-'));
    *words = flags;
    if let Some(name) = only.iter().find(|name| !names.contains(&name.as_str())) {
        let names = names.join(", ");
        bail!("there is no {kind} '{name}'; the {kind}s are {names}");
    }
    Ok(only)
}

/// Removes `--seconds <number>` from `words`.
fn take_seconds(words: &mut Vec<String>) -> Result<Option<u32>> {
    let Some(at) = words
        .iter()
        .position(|word| word == "--seconds" || word.starts_with("--seconds="))
    else {
        return Ok(None);
    };
    let word = words.remove(at);
    let value = match word.strip_prefix("--seconds=") {
        Some(value) => value.to_owned(),
        None if at < words.len() => words.remove(at),
        None => String::new(),
    };
    match value.parse() {
        Ok(seconds @ 1..) => Ok(Some(seconds)),
        _ => bail!("`--seconds` wants a number of seconds, at least 1"),
    }
}

/// The help, with the suites as they are in the table.
pub(crate) fn help() -> String {
    let mut text = "\
Confab's commands. Each installs and builds what it needs first, and does nothing twice.

cargo xtask run [--headless] [--release] [-- ARGUMENTS]
    Builds and starts Confab: the tray app where there is a display, otherwise the server in the terminal.
    --headless  the server in the terminal in any case     --release  the optimised build
cargo xtask test [--only SUITE[,SUITE]]
    Runs the tests. The suites:
"
    .to_owned();
    for suite in suites::ALL {
        text.push_str(&format!("      {:<9} {}\n", suite.name, suite.about));
    }
    text.push_str(
        "\
cargo xtask check [--fix]
    Formatting, lints, types, generated files, and a minute of fuzzing. --fix formats and regenerates instead of complaining.
cargo xtask bench [NAME ...]
    Runs the benchmarks, or those named, with the optimised server, and prints their figures; sync takes half an hour and has to be named. The benchmarks:
",
    );
    text.push_str(&format!("      {}\n", bench::NAMES.join(", ")));
    text.push_str(
        "\
cargo xtask fuzz [--seconds N] [TARGET ...]
    Fuzzes the targets, or those named, for so many seconds each, a minute if nothing is said; what breaks one is kept. The targets:
",
    );
    text.push_str(&format!("      {}\n", fuzz::TARGETS.join(", ")));
    text.push_str(
        "\
cargo xtask setup
    Only the set-up: the packages, the npm packages and the pages that the other commands need.

--yes installs missing Debian packages without asking; so does a run without a terminal.
",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    fn refusal(line: &str) -> String {
        parse(line).expect_err("should be refused").to_string()
    }

    #[test]
    fn reads_every_command() {
        let run = parse("run --release -- --port 9000").expect("parses");
        let rest = vec!["--port".into(), "9000".into()];
        assert_eq!(
            run.verb,
            Verb::Run(RunOptions {
                headless: false,
                release: true,
                rest
            })
        );
        assert!(!run.yes);
        assert_eq!(
            parse("--yes check --fix").expect("parses"),
            Arguments {
                verb: Verb::Check { fix: true },
                yes: true
            }
        );
        assert_eq!(
            parse("setup -y").expect("parses"),
            Arguments {
                verb: Verb::Setup,
                yes: true
            }
        );
        let bench = |only: &[&str]| {
            Verb::Bench(BenchOptions {
                only: only.iter().map(|&name| name.to_owned()).collect(),
            })
        };
        let fuzz = |only: &[&str], seconds| {
            Verb::Fuzz(FuzzOptions {
                only: only.iter().map(|&name| name.to_owned()).collect(),
                seconds,
            })
        };
        assert_eq!(parse("fuzz").expect("parses").verb, fuzz(&[], 60));
        assert_eq!(
            parse("fuzz packets --seconds 3600 edge").expect("parses").verb,
            fuzz(&["packets", "edge"], 3600)
        );
        assert_eq!(parse("fuzz --seconds=5").expect("parses").verb, fuzz(&[], 5));
        assert_eq!(parse("bench").expect("parses").verb, bench(&[]));
        assert_eq!(
            parse("bench startup cameras --yes").expect("parses").verb,
            bench(&["startup", "cameras"])
        );
    }

    #[test]
    fn takes_suites_by_name_in_both_spellings() {
        let verb = parse("test --only rust --only=stand-in,rust").expect("parses").verb;
        let only = ["rust", "stand-in", "rust"].map(str::to_owned).to_vec();
        assert_eq!(verb, Verb::Test(TestOptions { only }));
    }

    #[test]
    fn refuses_what_it_does_not_know_and_says_where_to_look() {
        assert!(refusal("fly").contains("'fly'"));
        assert!(refusal("test --only nothing").contains("rust"));
        assert!(refusal("test --only").contains("wants the name"));
        assert!(refusal("run --port 9000").contains("after `--`"));
        assert!(refusal("check -- x").contains("'x'"));
        assert!(refusal("bench startup nothing").contains("participants"));
        assert!(refusal("bench --seconds").contains("'--seconds'"));
        assert!(refusal("bench -- 5").contains("'5'"));
        assert!(refusal("fuzz nothing").contains("sender-reports"));
        for seconds in ["", "0", "-1", "ten"] {
            assert!(refusal(&format!("fuzz --seconds {seconds}")).contains("at least 1"));
        }
    }

    #[test]
    fn shows_the_help_when_asked_or_when_nothing_is_asked() {
        for line in ["", "help", "--help", "test -h"] {
            assert_eq!(parse(line).expect("parses").verb, Verb::Help, "{line:?}");
        }
        assert!(help().contains("stand-in"));
    }
}
