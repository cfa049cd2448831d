//! What stands in the way at this moment, in sentences for the owner: shown in the window, printed in the terminal.
//!
//! Whoever notices a trouble that lasts sets it here under its subject, and takes it back when it is over. What the
//! network lacks follows from the addresses alone and is not kept here (see [`Addresses::problem`](crate::network::Addresses::problem)).

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// What a problem is about. There is one problem of each at most, and they are told in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The settings could not be understood at the start.
    Settings,
    /// A media worker died.
    Worker,
    /// Media does not follow the network.
    Media,
    /// The certificate does not follow the network.
    Certificates,
    /// The system lets nobody else in.
    Connections,
    /// The settings cannot be written.
    Keeping,
    /// Earlier recordings cannot be listed.
    Library,
    /// The last recording could not start or go on.
    Recording,
    /// Files that people share cannot be saved.
    Files,
}

/// The problems that stand. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Problems(Arc<watch::Sender<BTreeMap<Subject, String>>>);

impl Problems {
    /// Says that there is a problem, or another one than before, or with none that it is over; answers whether that is
    /// news.
    pub fn set(&self, subject: Subject, sentence: Option<String>) -> bool {
        self.0.send_if_modified(|standing| match sentence {
            Some(sentence) => standing.insert(subject, sentence.clone()) != Some(sentence),
            None => standing.remove(&subject).is_some(),
        })
    }

    /// The sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.0.borrow().values().cloned().collect()
    }

    /// Hears of every change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<BTreeMap<Subject, String>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_stands_until_it_is_over_and_only_changes_are_told() {
        let problems = Problems::default();
        let mut changes = problems.subscribe();
        assert!(!problems.set(Subject::Recording, None));
        assert!(!changes.has_changed().unwrap());

        problems.set(Subject::Recording, Some("The disk is full.".to_owned()));
        problems.set(Subject::Media, Some("No port is free.".to_owned()));
        assert_eq!(problems.sentences(), ["No port is free.", "The disk is full."]);

        changes.mark_unchanged();
        problems.set(Subject::Media, Some("No port is free.".to_owned()));
        assert!(!changes.has_changed().unwrap());
        problems.set(Subject::Media, None);
        assert!(changes.has_changed().unwrap());
        assert_eq!(problems.clone().sentences(), ["The disk is full."]);
    }
}
