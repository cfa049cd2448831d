//! Keeps the addresses up to date while the program runs: a cable is pulled, the laptop moves to another Wi-Fi, the host
//! picks another address. Who is interested subscribes and hears of changes only.
//!
//! It asks every two seconds rather than listening to the system's events: that is one code path for every system, and
//! quick enough, since a new network needs longer than that to hand out an address.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    addresses::{Address, Addresses},
    interfaces::{self, Survey, SurveyError},
    ranking::rank,
};

/// The time between two looks at the interfaces.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// Why an address cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChooseError {
    /// It is not, or no longer, in the list.
    #[error("{0} is not an address of this computer now: choose one from the list.")]
    Unknown(IpAddr),
    /// The owner fixed it.
    #[error(
        "The address is fixed to {0} by ANNOUNCED_IP: remove that setting and start Confab again to choose another."
    )]
    Announced(IpAddr),
}

/// The current addresses, and a handle to choose among them. Clones are the same watch.
#[derive(Debug, Clone)]
pub struct AddressWatch {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    announced: Option<IpAddr>,
    state: Mutex<State>,
    published: watch::Sender<Arc<Addresses>>,
}

#[derive(Debug)]
struct State {
    ranked: Vec<Address>,
    choice: Option<IpAddr>,
    refused: Option<SurveyError>,
}

impl State {
    fn addresses(&self, announced: Option<IpAddr>) -> Addresses {
        Addresses {
            refused: self.refused.clone(),
            ..Addresses::new(self.ranked.clone(), self.choice, announced)
        }
    }
}

impl AddressWatch {
    /// Looks once, then starts the task that looks again every [`INTERVAL`] until `shutdown`.
    pub async fn start(announced: Option<IpAddr>, shutdown: CancellationToken) -> (Self, JoinHandle<()>) {
        Self::start_with(interfaces::survey, announced, shutdown).await
    }

    /// As [`start`](Self::start), asking `survey` instead of the system.
    pub async fn start_with(
        survey: impl Fn() -> Result<Survey, SurveyError> + Send + Sync + 'static,
        announced: Option<IpAddr>,
        shutdown: CancellationToken,
    ) -> (Self, JoinHandle<()>) {
        let survey = Arc::new(survey);
        let (ranked, refused) = match look(&survey).await {
            Ok(ranked) => (ranked, None),
            Err(error) => {
                tracing::warn!(%error, "cannot list the network interfaces");
                (Vec::new(), Some(error))
            }
        };
        let state = State {
            ranked,
            choice: None,
            refused,
        };
        let (published, _) = watch::channel(Arc::new(state.addresses(announced)));
        let shared = Arc::new(Shared {
            announced,
            state: Mutex::new(state),
            published,
        });
        let task = tokio::spawn(keep_looking(survey, Arc::clone(&shared), shutdown));
        (Self { shared }, task)
    }

    /// The addresses as they are now.
    #[must_use]
    pub fn current(&self) -> Arc<Addresses> {
        Arc::clone(&self.shared.published.borrow())
    }

    /// The addresses as they are now and every change of them.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Addresses>> {
        self.shared.published.subscribe()
    }

    /// Makes `ip` the address of the join link, or with `None` the best one again. A chosen address that goes away is
    /// replaced by the best one and is used again when it comes back.
    ///
    /// # Errors
    /// When the address is not one of this computer's, or `ANNOUNCED_IP` fixes it.
    pub fn choose(&self, ip: Option<IpAddr>) -> Result<(), ChooseError> {
        if let (Some(announced), Some(_)) = (self.shared.announced, ip) {
            return Err(ChooseError::Announced(announced));
        }
        self.shared.update(|state| match ip {
            Some(ip) if state.ranked.iter().all(|address| address.ip != ip) => Err(ChooseError::Unknown(ip)),
            choice => {
                state.choice = choice;
                Ok(())
            }
        })
    }
}

impl Shared {
    /// Changes the state and publishes what follows from it, if that differs from before.
    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Held while publishing, so that an older conclusion never overwrites a newer one.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = change(&mut state);
        let next = state.addresses(self.announced);
        self.published.send_if_modified(|current| {
            let is_new = **current != next;
            if is_new {
                tracing::info!(address = %next.chosen, listen = ?next.listen, "the network addresses changed");
                *current = Arc::new(next);
            }
            is_new
        });
        answer
    }
}

async fn look<F>(survey: &Arc<F>) -> Result<Vec<Address>, SurveyError>
where
    F: Fn() -> Result<Survey, SurveyError> + Send + Sync + 'static,
{
    let survey = Arc::clone(survey);
    match tokio::task::spawn_blocking(move || survey()).await {
        Ok(found) => found.map(|found| rank(&found)),
        Err(error) => Err(SurveyError::new(&error)),
    }
}

async fn keep_looking<F>(survey: Arc<F>, shared: Arc<Shared>, shutdown: CancellationToken)
where
    F: Fn() -> Result<Survey, SurveyError> + Send + Sync + 'static,
{
    let mut was_refused = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        match look(&survey).await {
            Ok(ranked) => {
                was_refused = false;
                shared.update(|state| (state.ranked, state.refused) = (ranked, None));
            }
            Err(error) => {
                // Once is enough in the log: the next looks will fail the same way.
                if !was_refused {
                    was_refused = true;
                    tracing::warn!(%error, "cannot list the network interfaces");
                }
                shared.update(|state| state.refused = Some(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// A computer whose interfaces the test changes.
    #[derive(Clone, Default)]
    struct Computer(Arc<Mutex<Option<Survey>>>);

    impl Computer {
        fn set(&self, found: &[(&str, &str)]) {
            let found = found
                .iter()
                .map(|(name, text)| ((*name).to_owned(), ip(text)))
                .collect();
            *self.0.lock().expect("the lock") = Some(Survey { found, routed: None });
        }

        fn refuse(&self) {
            *self.0.lock().expect("the lock") = None;
        }

        async fn watch(
            &self,
            announced: Option<IpAddr>,
            shutdown: CancellationToken,
        ) -> (AddressWatch, JoinHandle<()>) {
            let computer = self.clone();
            let survey = move || {
                computer
                    .0
                    .lock()
                    .expect("the lock")
                    .clone()
                    .ok_or_else(|| SurveyError::new(&"refused"))
            };
            AddressWatch::start_with(survey, announced, shutdown).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_published_once() {
        let computer = Computer::default();
        computer.set(&[("wlan0", "192.168.1.20")]);
        let (watch, _task) = computer.watch(None, CancellationToken::new()).await;
        let mut addresses = watch.subscribe();
        assert_eq!(addresses.borrow_and_update().chosen, ip("192.168.1.20"));

        tokio::time::sleep(INTERVAL * 5).await;
        assert!(
            !addresses.has_changed().expect("the watch runs"),
            "nothing changed, nothing is said"
        );

        computer.set(&[("wlan0", "10.0.0.7")]);
        addresses.changed().await.expect("the watch runs");
        assert_eq!(addresses.borrow_and_update().chosen, ip("10.0.0.7"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_choice_holds_while_its_address_exists_and_returns_with_it() {
        let computer = Computer::default();
        computer.set(&[("eth0", "10.0.0.5"), ("wlan0", "192.168.1.20")]);
        let (watch, _task) = computer.watch(None, CancellationToken::new()).await;
        let mut addresses = watch.subscribe();

        watch.choose(Some(ip("192.168.1.20"))).expect("it is in the list");
        assert_eq!(watch.current().chosen, ip("192.168.1.20"));
        assert!(watch.current().is_manual);
        addresses.mark_unchanged();

        computer.set(&[("eth0", "10.0.0.5")]);
        addresses.changed().await.expect("the watch runs");
        assert_eq!(addresses.borrow_and_update().chosen, ip("10.0.0.5"));

        computer.set(&[("eth0", "10.0.0.5"), ("wlan0", "192.168.1.20")]);
        addresses.changed().await.expect("the watch runs");
        assert_eq!(addresses.borrow_and_update().chosen, ip("192.168.1.20"));

        watch.choose(None).expect("automatic is always possible");
        assert_eq!(watch.current().chosen, ip("10.0.0.5"));
    }

    #[tokio::test]
    async fn what_cannot_be_chosen_is_refused_with_a_sentence() {
        let computer = Computer::default();
        computer.set(&[("eth0", "10.0.0.5")]);
        let (watch, _task) = computer.watch(None, CancellationToken::new()).await;
        assert_eq!(
            watch.choose(Some(ip("10.9.9.9"))),
            Err(ChooseError::Unknown(ip("10.9.9.9")))
        );
        assert_eq!(watch.current().chosen, ip("10.0.0.5"));

        let (watch, _task) = computer.watch(Some(ip("203.0.113.9")), CancellationToken::new()).await;
        let refusal = watch.choose(Some(ip("10.0.0.5"))).expect_err("the owner fixed it");
        assert!(refusal.to_string().contains("ANNOUNCED_IP"));
        assert_eq!(watch.choose(None), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_stops_answering_changes_no_address_and_is_told() {
        let computer = Computer::default();
        computer.set(&[("eth0", "10.0.0.5")]);
        let (watch, _task) = computer.watch(None, CancellationToken::new()).await;
        computer.refuse();
        tokio::time::sleep(INTERVAL * 3).await;
        assert_eq!(watch.current().chosen, ip("10.0.0.5"));
        let problem = watch.current().problem().expect("it is told");
        assert!(
            problem.contains("(refused)") && problem.contains("knew before"),
            "{problem}"
        );
        computer.set(&[("eth0", "10.0.0.5")]);
        tokio::time::sleep(INTERVAL * 3).await;
        assert_eq!(watch.current().problem(), None);
    }

    #[tokio::test]
    async fn a_system_that_never_answers_leaves_loopback() {
        let (watch, _task) = Computer::default().watch(None, CancellationToken::new()).await;
        assert_eq!(watch.current().chosen, ip("127.0.0.1"));
        let problem = watch.current().problem().expect("it is told");
        assert!(
            problem.contains("(refused)") && problem.contains("ANNOUNCED_IP"),
            "{problem}"
        );
    }

    #[tokio::test]
    async fn it_ends_with_the_shutdown() {
        let shutdown = CancellationToken::new();
        let (_watch, task) = AddressWatch::start(None, shutdown.clone()).await;
        shutdown.cancel();
        task.await.expect("the task ends by itself");
    }
}
