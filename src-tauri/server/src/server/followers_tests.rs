//! Media follows the network, at the second try too.

use std::collections::BTreeMap;
use std::net::{IpAddr, UdpSocket};
use std::num::NonZeroUsize;
use std::sync::Mutex;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::files::FileStorage;
use crate::kept::{Kept, KeptSettings};
use crate::media::WorkerPoolSettings;
use crate::meeting::MeetingsSettings;
use crate::network::interfaces::Survey;

/// How long anything may take before the test counts as hung.
const HUNG: Duration = Duration::from_secs(60);

/// What the computer's interfaces are at the moment.
type Found = Arc<Mutex<Survey>>;

fn survey(ips: &[&str]) -> Survey {
    let found = ips.iter().map(|ip| ("eth0".to_owned(), ip.parse().unwrap())).collect();
    Survey { found, routed: None }
}

async fn until(
    changes: &mut tokio::sync::watch::Receiver<BTreeMap<Subject, String>>,
    fits: impl FnMut(&BTreeMap<Subject, String>) -> bool,
) {
    let found = tokio::time::timeout(HUNG, changes.wait_for(fits)).await;
    found.expect("it comes").expect("the problems are held");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_cannot_follow_the_network_says_so_and_tries_again() {
    // Loopback addresses, of which every Linux has sixteen million, stand for those of two networks.
    let found = Found::new(Mutex::new(survey(&["127.0.0.1"])));
    let asked = Arc::clone(&found);
    let shutdown = CancellationToken::new();
    let look = move || Ok(asked.lock().unwrap().clone());
    let (addresses, _looking) = AddressWatch::start_with(look, None, shutdown.clone()).await;

    // Two ports for one worker, which listens on 127.0.0.1 in any case here: it has the first, and another program the second where the worker is to listen next.
    let other = IpAddr::from([127, 0, 0, 77]);
    let (ports, taken) = (23_000..=23_900)
        .step_by(2)
        .find_map(|first| {
            let is_free = UdpSocket::bind(("127.0.0.1", first)).is_ok();
            let taken = UdpSocket::bind((other, first + 1)).ok().filter(|_| is_free)?;
            Some((first..=first + 1, taken))
        })
        .expect("free ports");
    let settings = WorkerPoolSettings {
        workers: NonZeroUsize::MIN,
        ports,
    };
    let started = addresses.current();
    let pool = Arc::new(WorkerPool::start(settings, &listen_addresses(&started)).await.unwrap());
    let problems = Problems::default();
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path(), problems.clone()).await;
    let files = FileStorage::open(folder.path(), 0, problems.clone()).await;
    let links = JoinLinks::new(addresses.clone(), 1);
    let settings = MeetingsSettings::default();
    let kept_settings = KeptSettings {
        default_room: "meeting".parse().unwrap(),
        most_people: settings.room.max_peers,
        guests_make_rooms: None,
    };
    let kept = Kept::open(folder.path(), kept_settings, problems.clone()).unwrap();
    let follower = NetworkFollower {
        addresses,
        meetings: Meetings::new(Arc::clone(&pool), library, files, links.clone(), kept, settings),
        pool,
        links,
        problems: problems.clone(),
    };
    let following = tokio::spawn(shutdown.clone().run_until_cancelled_owned(follower.follow(started)));
    let mut changes = problems.subscribe();

    *found.lock().unwrap() = survey(&["127.0.0.77"]);
    until(&mut changes, |standing| {
        standing
            .get(&Subject::Media)
            .is_some_and(|problem| problem.contains("127.0.0.77") && problem.contains("No media port"))
    })
    .await;
    drop(taken);
    until(&mut changes, BTreeMap::is_empty).await;
    shutdown.cancel();
    following.await.unwrap();
}
