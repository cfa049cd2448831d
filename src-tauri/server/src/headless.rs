//! Confab without a window: the join link and the QR code in the terminal.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::network::links;
use crate::server::{Server, StartError};

/// The exit code of a process that was told twice to end, as shells have it for Ctrl-C.
const ENDED_AT_ONCE: i32 = 130;

/// Serves until the process is asked to end (Ctrl-C, SIGTERM), printing the join link whenever it changes. Asked a second
/// time, the process ends at once.
///
/// # Errors
/// [`StartError`], whose text is a sentence for a person.
pub async fn run(config: Config) -> Result<(), StartError> {
    let mut signals = Signals::hear();
    let server = tokio::select! {
        started = Server::start(config) => started?,
        () = signals.next() => return Ok(()),
    };
    let mut snapshots = server.snapshots();
    let mut printed = (String::new(), Vec::<String>::new());
    loop {
        let (link, host_link, problems) = {
            let snapshot = snapshots.borrow_and_update();
            let room = snapshot.rooms.iter().find(|room| room.id == snapshot.default_room);
            let host_link = room.map(|room| room.host_link.clone());
            (snapshot.link.clone(), host_link, snapshot.problems.clone())
        };
        if link != printed.0 {
            print_link(&link, host_link.as_deref());
        }
        problems
            .iter()
            .filter(|problem| !printed.1.contains(problem))
            .for_each(say);
        printed = (link, problems);
        tokio::select! {
            () = signals.next() => break,
            changed = snapshots.changed() => if changed.is_err() { break },
        }
    }
    say("Ending the meeting … Press Ctrl-C again to end at once.");
    tokio::select! {
        () = server.stop() => Ok(()),
        () = signals.next() => {
            say("Ended at once: recordings are completed when Confab is next started.");
            // Whatever hangs must not be waited for, and returning waits for the runtime's threads.
            std::process::exit(ENDED_AT_ONCE)
        }
    }
}

/// Prints a line; a terminal that is gone, or a pipe that nobody reads, is no reason to end a meeting.
fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn print_link(link: &str, host_link: Option<&str>) {
    say(format_args!(
        "\nConfab is ready. Others on this network join at\n\n    {link}\n"
    ));
    if let Ok(qr) = links::qr_terminal(link, std::io::stdout().is_terminal()) {
        say(qr);
    }
    if let Some(host_link) = host_link {
        say(format_args!(
            "Your own link makes you the host; keep it to yourself:\n\n    {host_link}\n"
        ));
    }
    say("Their browser warns of the certificate once; that is expected: choose to go on. Press Ctrl-C to end.");
}

/// The signals by which a process is asked to end, heard from when this is made.
struct Signals {
    #[cfg(unix)]
    heard: Option<(Signal, Signal)>,
}

#[cfg(unix)]
impl Signals {
    fn hear() -> Self {
        let both = signal(SignalKind::interrupt()).and_then(|first| Ok((first, signal(SignalKind::terminate())?)));
        // They end the process as they always do then, only without a goodbye.
        let heard = both.inspect_err(|error| tracing::warn!(%error, "signals cannot be heard"));
        Self { heard: heard.ok() }
    }

    /// Resolves at the next one.
    async fn next(&mut self) {
        match &mut self.heard {
            Some((interrupt, terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => (),
                    _ = terminate.recv() => (),
                }
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn hear() -> Self {
        Self {}
    }

    /// Resolves at the next one.
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
