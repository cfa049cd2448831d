//! Runs things one after the other, goes on after a failure, and sums up at the end what passed.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::steps::in_words;

/// How each of several things went.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

struct Line {
    name: String,
    failure: Option<String>,
    took: Duration,
}

impl Report {
    /// Runs one of them.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        let begun = Instant::now();
        let failure = work().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("{name}: {failure}");
        }
        self.0.push(Line {
            name: name.to_owned(),
            failure,
            took: begun.elapsed(),
        });
    }

    /// Prints the sum, and answers for the whole.
    pub(crate) fn finish(&self) -> ExitCode {
        print!("\n{}", self.text());
        if self.failed() == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn failed(&self) -> usize {
        self.0.iter().filter(|line| line.failure.is_some()).count()
    }

    fn text(&self) -> String {
        let width = self.0.iter().map(|line| line.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for line in &self.0 {
            let verdict = if line.failure.is_some() { "FAILED" } else { "passed" };
            text.push_str(&format!("{:<width$}  {verdict}  {}\n", line.name, in_words(line.took)));
            if let Some(failure) = &line.failure {
                text.push_str(&format!("{:<width$}  {failure}\n", ""));
            }
        }
        text.push_str(&format!(
            "{} passed, {} failed\n",
            self.0.len() - self.failed(),
            self.failed()
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_after_a_failure_and_names_it() {
        let mut report = Report::default();
        report.run("one", || anyhow::bail!("it broke"));
        report.run("three", || Ok(()));
        let text = report.text();
        assert!(text.contains("one    FAILED"), "{text}");
        assert!(text.contains("it broke"), "{text}");
        assert!(text.contains("three  passed"), "{text}");
        assert!(text.ends_with("1 passed, 1 failed\n"), "{text}");
    }
}
