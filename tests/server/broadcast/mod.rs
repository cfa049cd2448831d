//! Broadcasts of real RTP to a real RTMP server, judged by the pictures and the sound that come out there.

mod control;
mod nginx;
mod secure;
mod station;

use std::time::Duration;

use confab_server::broadcast::{BroadcastOptions, BroadcastState, BroadcastStatus, Broadcaster, Target};
use confab_server::recording::{MemberEvent, PictureSize, RecordedPerson};
use station::{Colour, KEY, Station, tone};
use tokio::time::timeout;

use crate::guest::HUNG;
use crate::recording::person;
use crate::recording::studio::{Coding, Sender, Source, Studio, beeps, flashes_and_beeps, probe};

/// Small, so that it takes little of the computer that tests run on.
const SMALL: BroadcastOptions = BroadcastOptions {
    size: PictureSize::P480,
};

async fn broadcast(studio: &Studio, target: Target, senders: &[&Sender]) -> Broadcaster {
    let existing = senders.iter().map(|sender| sender.described.clone()).collect();
    Broadcaster::start(&studio.router, target, SMALL, existing)
        .await
        .unwrap()
}

async fn until(broadcaster: &Broadcaster, is_it: impl Fn(&BroadcastState) -> bool) -> BroadcastStatus {
    let mut status = broadcaster.status();
    match timeout(HUNG, status.wait_for(|status| is_it(&status.state))).await {
        Ok(Ok(status)) => status.clone(),
        _ => panic!("it stays so: {:?}", broadcaster.status().borrow()),
    }
}

fn is_live(state: &BroadcastState) -> bool {
    matches!(state, BroadcastState::Live { .. })
}

fn people(people: &[(u64, &str)]) -> MemberEvent {
    let people: Vec<RecordedPerson> = people.iter().map(|(seat, name)| person(*seat, name)).collect();
    MemberEvent::People(people)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_follows_who_comes_and_goes_and_the_line_holds() {
    let (studio, station) = (Studio::new().await, Station::open().await);
    let anna = studio.send(1, Source::Wall("red")).await;
    let voice = studio.send(1, Source::Tone(440)).await;
    let broadcaster = broadcast(&studio, station.target(), &[&anna, &voice]).await;
    broadcaster.tell(people(&[(1, "Anna")]));
    until(&broadcaster, is_live).await;
    station
        .until_seen("Anna alone", |seen| {
            seen.is(Colour::Red, 0.1, 0.5) && seen.is(Colour::Red, 0.9, 0.5)
        })
        .await;

    let ben = studio.send(2, Source::Wall("blue")).await;
    let his_voice = studio.send(2, Source::Tone(1000)).await;
    broadcaster.tell(people(&[(1, "Anna"), (2, "Ben")]));
    broadcaster.tell(MemberEvent::ProducerOpened(ben.described.clone()));
    broadcaster.tell(MemberEvent::ProducerOpened(his_voice.described.clone()));
    station
        .until_seen("both beside each other", |seen| {
            seen.is(Colour::Red, 0.25, 0.5) && seen.is(Colour::Blue, 0.75, 0.5)
        })
        .await;

    let slide = studio.send(2, Source::Slide("lime")).await;
    broadcaster.tell(MemberEvent::ProducerOpened(slide.described.clone()));
    station
        .until_seen("the shared screen large, the faces beside it", |seen| {
            seen.is(Colour::Lime, 0.1, 0.5)
                && seen.is(Colour::Lime, 0.7, 0.5)
                && seen.is(Colour::Red, 0.9, 0.42)
                && seen.is(Colour::Blue, 0.9, 0.58)
        })
        .await;

    drop(slide); // its producer closes; the room does not tell
    drop((anna, voice));
    broadcaster.tell(people(&[(2, "Ben")]));
    station
        .until_seen("Ben alone", |seen| {
            seen.is(Colour::Blue, 0.1, 0.5) && seen.is(Colour::Blue, 0.9, 0.5)
        })
        .await;
    let leave_out = |is_left_out| MemberEvent::LeftOut { seat: 2, is_left_out };
    broadcaster.tell(leave_out(true));
    broadcaster.tell(people(&[]));
    station
        .until_seen("nobody, as Ben is left out", |seen| {
            seen.is_dark(0.1, 0.5) && seen.is_dark(0.9, 0.5)
        })
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await; // a silence that the film shows
    broadcaster.tell(leave_out(false));
    broadcaster.tell(people(&[(2, "Ben")]));
    broadcaster.tell(MemberEvent::ProducerOpened(ben.described.clone()));
    broadcaster.tell(MemberEvent::ProducerOpened(his_voice.described.clone()));
    station
        .until_seen("Ben, taken in again", |seen| {
            seen.is(Colour::Blue, 0.1, 0.5) && seen.is(Colour::Blue, 0.9, 0.5)
        })
        .await;
    broadcaster.tell(MemberEvent::ProducerPaused(ben.described.producer_id));
    station
        .until_seen("Ben without a camera", |seen| {
            seen.is_dark(0.1, 0.5) && seen.is_dark(0.9, 0.5)
        })
        .await;
    broadcaster.tell(MemberEvent::ProducerResumed(ben.described.producer_id));
    station
        .until_seen("Ben again", |seen| seen.is(Colour::Blue, 0.5, 0.2))
        .await;
    timeout(HUNG, broadcaster.finish()).await.unwrap();

    let kept = station.kept();
    assert_eq!(kept.len(), 1, "one line all the time: {kept:?}");
    let film = probe(&kept[0]);
    assert_eq!((film.codecs(), film.size()), (vec!["h264", "aac"], (854, 480)));
    let (hers, his) = (tone(&kept[0], 440.0), tone(&kept[0], 1000.0));
    let (first, last) = (2, hers.len() - 3);
    assert!(hers[first] > 0.05 && his[first] < 0.02, "Anna alone: {hers:?} {his:?}");
    assert!(his[last] > 0.05 && hers[last] < 0.02, "Ben alone: {hers:?} {his:?}");
    assert!(
        hers.iter().zip(&his).any(|(hers, his)| *hers > 0.05 && *his > 0.05),
        "both at once: {hers:?} {his:?}"
    );
    let first_of_his = his.iter().position(|his| *his > 0.05).unwrap();
    assert!(
        his[first_of_his..last].iter().any(|his| *his < 0.005),
        "Ben is left out: {his:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cameras_in_every_codec_are_in_the_picture() {
    let (studio, station) = (Studio::new().await, Station::open().await);
    let anna = studio.send(1, Source::WallIn(Coding::Vp9, "red")).await;
    let ben = studio.send(2, Source::WallIn(Coding::H264, "blue")).await;
    let broadcaster = broadcast(&studio, station.target(), &[&anna, &ben]).await;
    broadcaster.tell(people(&[(1, "Anna"), (2, "Ben")]));
    until(&broadcaster, is_live).await;
    station
        .until_seen("Anna in VP9 and Ben in H.264", |seen| {
            seen.is(Colour::Red, 0.25, 0.5) && seen.is(Colour::Blue, 0.75, 0.5)
        })
        .await;
    drop(anna);
    let cem = studio.send(3, Source::WallIn(Coding::Av1, "lime")).await;
    broadcaster.tell(people(&[(2, "Ben"), (3, "Cem")]));
    broadcaster.tell(MemberEvent::ProducerOpened(cem.described.clone()));
    station
        .until_seen("Ben in H.264 and Cem in AV1", |seen| {
            seen.is(Colour::Blue, 0.25, 0.5) && seen.is(Colour::Lime, 0.75, 0.5)
        })
        .await;
    timeout(HUNG, broadcaster.finish()).await.unwrap();
    assert_eq!(probe(&station.kept()[0]).codecs(), ["h264", "aac"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_and_picture_stay_together() {
    let (studio, station) = (Studio::new().await, Station::open().await);
    let flashing = studio.send_flashes(1).await;
    let existing = vec![flashing.picture.described.clone(), flashing.voice.described.clone()];
    let started = Broadcaster::start(&studio.router, station.target(), SMALL, existing);
    let broadcaster = started.await.unwrap();
    broadcaster.tell(people(&[(1, "Anna")]));
    until(&broadcaster, is_live).await;
    tokio::time::sleep(Duration::from_secs(14)).await; // seven flashes and beeps
    timeout(HUNG, broadcaster.finish()).await.unwrap();
    let film = &station.kept()[0];
    let ((flashes, _), beeps) = (flashes_and_beeps(film), beeps(film));
    let nearest = |beep: &f64| {
        let offsets = flashes.iter().map(|flash| beep - flash);
        offsets.min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap()
    };
    let mut offsets: Vec<f64> = beeps.iter().map(nearest).collect();
    offsets.sort_by(f64::total_cmp);
    assert!(offsets.len() >= 4, "{flashes:?} {beeps:?}");
    let middle = offsets[offsets.len() / 2];
    // What a viewer does not notice; single ones may be off where the computer is short of breath.
    assert!(middle.abs() < 0.15, "{offsets:?}: {flashes:?} {beeps:?}");
    println!(
        "beeps come {:.0} ms after their flashes: {offsets:.3?}",
        middle * 1000.0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_found_again() {
    let (studio, mut station) = (Studio::new().await, Station::open().await);
    let anna = studio.send(1, Source::Wall("red")).await;
    let broadcaster = broadcast(&studio, station.target(), &[&anna]).await;
    broadcaster.tell(people(&[(1, "Anna")]));
    until(&broadcaster, is_live).await;
    station.kill();
    let lost = until(&broadcaster, |state| {
        matches!(state, BroadcastState::Reconnecting { .. })
    })
    .await;
    let BroadcastState::Reconnecting { reason, .. } = &lost.state else {
        panic!("{lost:?}")
    };
    assert!(reason.contains("127.0.0.1") && reason.ends_with('.'), "{reason}");
    station.start().await;
    until(&broadcaster, is_live).await;
    station
        .until_seen("Anna, after all", |seen| seen.is(Colour::Red, 0.5, 0.2))
        .await;
    timeout(HUNG, broadcaster.finish()).await.unwrap();
    assert_eq!(station.kept().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_says_so_and_is_live_once_there_is_one() {
    let (studio, mut station) = (Studio::new().await, Station::closed());
    let broadcaster = broadcast(&studio, station.target(), &[]).await;
    let waiting = until(&broadcaster, |state| {
        matches!(state, BroadcastState::Reconnecting { .. })
    })
    .await;
    let shown = format!("{waiting:?}");
    assert!(
        shown.contains("Nothing answers at 127.0.0.1") && !shown.contains(KEY),
        "{shown}"
    );
    station.start().await;
    until(&broadcaster, is_live).await;
    timeout(HUNG, broadcaster.finish()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_is_told_to_look_at_the_key() {
    let (studio, station) = (Studio::new().await, Station::open().await);
    for address in [station.address("closed"), station.address("nothing")] {
        let target = Target::parse(&address, KEY).unwrap();
        let broadcaster = broadcast(&studio, target, &[]).await;
        let failed = until(&broadcaster, |state| matches!(state, BroadcastState::Failed { .. })).await;
        let shown = format!("{failed:?}");
        assert!(shown.contains("stream key") && !shown.contains(KEY), "{shown}");
        timeout(HUNG, broadcaster.finish()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_to_be_found_is_named() {
    let studio = Studio::new().await;
    let target = Target::parse("rtmp://nowhere.invalid/live", KEY).unwrap();
    let broadcaster = broadcast(&studio, target, &[]).await;
    let failed = until(&broadcaster, |state| matches!(state, BroadcastState::Failed { .. })).await;
    let shown = format!("{failed:?}");
    assert!(
        shown.contains("nowhere.invalid") && shown.contains("check the address"),
        "{shown}"
    );
}
