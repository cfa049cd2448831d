//! Tells the person at the terminal which step of how many the command is at, and shows how a long one goes on: the
//! program's own output on a terminal, otherwise a line now and then, with the whole output kept in a file.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{process, project};

/// How often a long step says that it goes on, where there is no terminal.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How often a step is asked whether it has ended, where there is no terminal.
const LOOK: Duration = Duration::from_millis(50);
/// How much of a failed step's output is shown; the file has all of it.
const SHOWN_LINES: usize = 150;

/// A count of the steps of one command.
pub(crate) struct Steps {
    at: usize,
    of: usize,
    live: bool,
}

impl Steps {
    /// Begins to count to `of`.
    pub(crate) fn new(of: usize) -> Self {
        Self {
            at: 0,
            of,
            live: io::stdout().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Says which step begins, or in the same line that nothing is to be done.
    pub(crate) fn next(&mut self, words: &str) {
        self.at += 1;
        println!("[{}/{}] {words}", self.at, self.of);
    }

    /// Adds words below the line of the step.
    pub(crate) fn note(&self, words: &str) {
        println!("{}{words}", self.indent());
    }

    /// Runs a long command of this step; `name` is the name of the file that keeps its output.
    ///
    /// # Errors
    /// When it cannot be started or fails; where its output was kept, its end is printed first.
    pub(crate) fn run(&self, name: &str, command: &mut Command) -> Result<()> {
        let begun = Instant::now();
        if self.live {
            process::run(command)?;
        } else {
            self.run_quietly(name, command)?;
        }
        self.note(&format!("done in {}", in_words(begun.elapsed())));
        Ok(())
    }

    fn run_quietly(&self, name: &str, command: &mut Command) -> Result<()> {
        let folder = project::memory().join("logs");
        let path = folder.join(format!("{}.log", name.replace('/', "-")));
        let log = fs::create_dir_all(&folder)
            .and_then(|()| File::create(&path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        let errors = log.try_clone().context("cannot share the log between two streams")?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut child = command.spawn().with_context(|| process::cannot_start(command))?;
        let begun = Instant::now();
        let mut told = begun;
        let mut last = String::new();
        let status = loop {
            if let Some(status) = child.try_wait().context("cannot wait for a program")? {
                break status;
            }
            if told.elapsed() >= SIGN_OF_LIFE {
                told = Instant::now();
                let line = last_line(&path);
                // A compiler names what it begins: the same line again is not what takes so long.
                let news = if line == last { "still at work" } else { line.as_str() };
                self.note(&format!("{}: {news}", in_words(begun.elapsed())));
                last = line;
            }
            thread::sleep(LOOK);
        };
        if let Err(error) = process::check(command, status) {
            let output = read(&path);
            let lines: Vec<&str> = output.lines().collect();
            let from = lines.len().saturating_sub(SHOWN_LINES);
            eprintln!("{}", lines[from..].join("\n"));
            bail!("{error}; all that it said is in {}", path.display());
        }
        Ok(())
    }

    /// As wide as the step's count, so that what belongs to a step stands under its words.
    fn indent(&self) -> String {
        " ".repeat(format!("[{}/{}] ", self.at, self.of).len())
    }
}

fn read(path: &Path) -> String {
    fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

fn last_line(path: &Path) -> String {
    let output = read(path);
    let line = output
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no word yet");
    line.chars().take(100).collect()
}

/// A duration as a person says it: `8 s`, `3 min 05 s`.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0) => format!("{} ms", duration.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_durations_in_words() {
        assert_eq!(in_words(Duration::from_millis(40)), "40 ms");
        assert_eq!(in_words(Duration::from_secs(59)), "59 s");
        assert_eq!(in_words(Duration::from_secs(185)), "3 min 05 s");
    }

    #[test]
    fn indents_to_the_width_of_the_count() {
        let mut steps = Steps::new(12);
        steps.at = 9;
        assert_eq!(steps.indent().len(), "[9/12] ".len());
        steps.at = 10;
        assert_eq!(steps.indent().len(), "[10/12] ".len());
    }

    #[test]
    fn a_failed_quiet_step_names_the_file_with_its_output() {
        let steps = Steps {
            at: 1,
            of: 1,
            live: false,
        };
        let mut command = process::cargo();
        command.arg("no-such-subcommand");
        let words = steps
            .run("steps-test", &mut command)
            .expect_err("there is no such subcommand")
            .to_string();
        assert!(words.contains("steps-test.log"), "{words}");
    }
}
