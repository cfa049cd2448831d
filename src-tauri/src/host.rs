//! What the shell knows: the server it started, or why there is none. Everything else is in the server's snapshots.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use confab_server::{Server, config::Config};
use tauri::{AppHandle, Manager};

use crate::{knocks::Knocks, notifications, quit, settings::Settings, tray, view, window};

/// Where the server is in its life.
#[derive(Clone)]
pub(crate) enum Phase {
    /// Being started.
    Starting,
    /// It could not start; the sentence says why and what to do.
    Failed(String),
    /// Serving.
    Running(Server),
    /// Finishing its recordings and saying goodbye; the program ends after it.
    Stopping,
}

/// The shell's state, one for the program.
pub(crate) struct Host {
    config: Config,
    phase: Mutex<Phase>,
    notices: Mutex<Vec<String>>,
    /// What the shell remembers between runs.
    pub(crate) settings: Settings,
    /// Held while the window is looked for and made.
    pub(crate) opening: Mutex<()>,
    revision: Mutex<u64>,
    /// Guards against asking twice at once whether to quit.
    pub(crate) quit: quit::Asking,
}

impl Host {
    /// The state before the server is started.
    pub(crate) fn new(config: Config) -> Self {
        let settings = Settings::load(&config.data_dir);
        Self {
            config,
            phase: Mutex::new(Phase::Starting),
            notices: Mutex::default(),
            settings,
            opening: Mutex::default(),
            revision: Mutex::default(),
            quit: quit::Asking::default(),
        }
    }

    /// Where the server is now.
    pub(crate) fn phase(&self) -> Phase {
        lock(&self.phase).clone()
    }

    /// Where the server is now, with a number that is higher than at every earlier look: whoever is told of both in
    /// the wrong order can tell which is newer.
    pub(crate) fn look(&self) -> (u64, Phase) {
        let mut revision = lock(&self.revision);
        *revision += 1;
        (*revision, self.phase())
    }

    /// The running server.
    ///
    /// # Errors
    /// A sentence for a person when it does not run.
    pub(crate) fn server(&self) -> Result<Server, String> {
        match self.phase() {
            Phase::Running(server) => Ok(server),
            Phase::Starting => Err("Confab is still starting. Try again in a moment.".to_owned()),
            Phase::Failed(message) => Err(message),
            Phase::Stopping => Err("Confab is closing.".to_owned()),
        }
    }

    /// Sentences of the shell itself, such as a missing tray.
    pub(crate) fn notices(&self) -> Vec<String> {
        lock(&self.notices).clone()
    }

    /// Adds a sentence of the shell itself.
    pub(crate) fn add_notice(&self, sentence: String) {
        lock(&self.notices).push(sentence);
    }

    fn set_phase(&self, phase: Phase) {
        *lock(&self.phase) = phase;
    }
}

/// A lock that a panic elsewhere has poisoned still holds a whole value here: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Moves to another phase and shows it.
pub(crate) fn enter(app: &AppHandle, phase: Phase) {
    app.state::<Host>().set_phase(phase);
    show(app);
}

/// Starts the server and follows its snapshots until it stops.
pub(crate) fn start_server(app: &AppHandle) {
    enter(app, Phase::Starting);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match Server::start(app.state::<Host>().config.clone()).await {
            Ok(server) => {
                enter(&app, Phase::Running(server.clone()));
                follow(&app, &server).await;
            }
            Err(error) => {
                eprintln!("{error}");
                enter(&app, Phase::Failed(error.to_string()));
                window::open(&app);
            }
        }
    });
}

/// Shows every snapshot, at most ten a second: who speaks changes more often than an eye follows.
async fn follow(app: &AppHandle, server: &Server) {
    let mut snapshots = server.snapshots();
    let mut before = snapshots.borrow_and_update().clone();
    tracing::info!(link = %before.link, "the meeting is open");
    let mut knocks = Knocks::default();
    loop {
        let patience = knocks.due(&before).unwrap_or(Duration::MAX);
        match tokio::time::timeout(patience, snapshots.changed()).await {
            Ok(Ok(())) => {
                let now = snapshots.borrow_and_update().clone();
                show(app);
                notifications::announce(app, &before, &now);
                before = now;
            }
            Ok(Err(_)) => return,
            Err(_) => {}
        }
        knocks.follow(app, &before);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Brings the tray and the window, if it is open, up to date.
pub(crate) fn show(app: &AppHandle) {
    tray::update(app);
    view::emit(app);
}
