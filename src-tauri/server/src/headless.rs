//! Confab without a window: the join link and the QR code in the terminal.

use std::io::IsTerminal as _;

use crate::config::Config;
use crate::network::links;
use crate::server::{Server, StartError};

/// Serves until the process is asked to end (Ctrl-C, SIGTERM), printing the join link whenever it changes.
///
/// # Errors
/// [`StartError`], whose text is a sentence for a person.
pub async fn run(config: Config) -> Result<(), StartError> {
    let server = Server::start(config).await?;
    let mut snapshots = server.snapshots();
    let mut ending = std::pin::pin!(asked_to_end());
    let mut printed = (String::new(), Vec::new());
    loop {
        let (link, problems) = {
            let snapshot = snapshots.borrow_and_update();
            (snapshot.link.clone(), snapshot.problems.clone())
        };
        if link != printed.0 {
            print_link(&link);
        }
        if problems != printed.1 {
            problems.iter().for_each(|problem| println!("{problem}"));
        }
        printed = (link, problems);
        tokio::select! {
            () = &mut ending => break,
            changed = snapshots.changed() => if changed.is_err() { break },
        }
    }
    println!("Ending the meeting …");
    server.stop().await;
    Ok(())
}

fn print_link(link: &str) {
    println!("\nConfab is ready. Others on this network join at\n\n    {link}\n");
    if let Ok(qr) = links::qr_terminal(link, std::io::stdout().is_terminal()) {
        println!("{qr}");
    }
    println!("Their browser warns of the certificate once; that is expected: choose to go on. Press Ctrl-C to end.");
}

/// Resolves when the process is asked to end. A system that cannot tell is one on which it is killed instead.
async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => (),
                _ = terminate.recv() => (),
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
