//! Where tracks lie in time: by their senders' clocks, however their packets come.

use std::time::{Duration, SystemTime};

use confab_server::problems::Problems;
use confab_server::recording::MemberEvent;
use serde_json::Value;
use tokio::time::sleep;

use super::studio::{self, Source, Studio};
use super::{opened, reported, time, track_file, tracks, written};

/// How far sound and picture of one person, or two people, may be apart: a packet of sound, in seconds.
const APART: f64 = 0.02;
/// How long a beep lasts, in seconds.
const BEEP: f64 = 0.2;

/// When something is heard or seen in a track, on the recording's time line.
fn times(folder: &str, track: &Value) -> Vec<f64> {
    let path = track_file(folder, track);
    let in_file = if track["kind"] == "audio" {
        studio::beeps(&path)
    } else {
        studio::flashes(&path)
    };
    let offset = time(track, "offsetMs") as f64 / 1000.0;
    in_file.into_iter().map(|at| offset + at).collect()
}

/// How far a moment is from the next one of `others`, in seconds.
fn distance(moment: f64, others: &[f64]) -> f64 {
    let distances = others.iter().map(|other| (other - moment).abs());
    distances.fold(f64::MAX, f64::min)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_their_sound_and_picture_are_together_though_one_of_them_comes_a_second_late() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    library.stop(); // nothing is to be composed
    let recorder = library.start(&studio.router, "team", Vec::new()).await.unwrap();
    let begin = SystemTime::now();
    let anna = studio.send_flashes_of(1, begin).await;
    recorder.tell(MemberEvent::ProducerOpened(anna.picture.described.clone()));
    recorder.tell(MemberEvent::ProducerOpened(anna.voice.described.clone()));
    sleep(Duration::from_secs(1)).await;
    let ben = studio.send_flashes_of(2, begin).await;
    recorder.tell(MemberEvent::ProducerOpened(ben.picture.described.clone()));
    recorder.tell(MemberEvent::ProducerOpened(ben.voice.described.clone()));
    reported(&library, &[1, 2, 3, 4]).await;
    recorder.finish().await;

    let folder = library.snapshots().borrow()[0].folder.clone();
    let tracks = tracks(&folder);
    let heard: Vec<Vec<f64>> = tracks.iter().map(|track| times(&folder, track)).collect();
    assert_eq!(heard.len(), 4);
    // Some have one more at the end than others, or, who come late, one less at the start.
    let begin = heard.iter().map(|moments| moments[0]).fold(0.0, f64::max);
    let end = heard
        .iter()
        .map(|moments| moments[moments.len() - 1])
        .fold(f64::MAX, f64::min);
    let in_all = |moment: &&f64| (begin - APART..=end + APART).contains(*moment);
    let compared: Vec<&f64> = heard[0].iter().filter(in_all).collect();
    assert!(compared.len() >= 2, "{heard:?}");
    for moment in compared {
        for others in &heard {
            assert!(distance(*moment, others) <= APART, "{heard:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_a_gap_and_what_follows_stays_in_its_time() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    library.stop(); // nothing is to be composed
    let voice = studio.send(1, Source::Beeps).await;
    let existing = vec![voice.described.clone()];
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    reported(&library, &[1]).await;
    voice.producer.pause().await.unwrap();
    recorder.tell(MemberEvent::ProducerPaused(voice.described.producer_id));
    let bytes = library.snapshots().borrow()[0].bytes;
    sleep(Duration::from_secs(3)).await;
    voice.producer.resume().await.unwrap();
    recorder.tell(MemberEvent::ProducerResumed(voice.described.producer_id));
    written(&library, 1, bytes + 16_000).await; // some seconds of it
    recorder.finish().await;

    let folder = library.snapshots().borrow()[0].folder.clone();
    let track = &tracks(&folder)[0];
    let pause = &track["pauses"][0];
    let ends = time(pause, "toMs");
    assert!(ends > time(pause, "fromMs"), "{track}");
    // One that goes on when the pause ends is heard from there on only.
    let mut beeps = times(&folder, track);
    beeps.retain(|beep| (beep - ends as f64 / 1000.0).abs() > BEEP);
    // One every two seconds but in the pause, which leaves out at least one.
    let steps: Vec<f64> = beeps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for step in &steps {
        let of_two = step.rem_euclid(2.0);
        assert!(of_two.min(2.0 - of_two) <= APART, "{beeps:?}");
    }
    assert_eq!(steps.iter().filter(|step| **step > 3.0).count(), 1, "{beeps:?}");
}
