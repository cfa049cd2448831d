//! What becomes of a recording whose meeting loses its media: the worker is a thread of this process, and cannot be made to die alone, so its word is given here.

use std::num::{NonZeroU8, NonZeroU32};

use mediasoup::worker_manager::WorkerManager;

use super::super::library::Library;
use super::super::metadata::Metadata;
use super::super::snapshot::RecordingState;
use super::*;
use crate::media::media_codecs;
use crate::problems::Problems;

const PAYLOAD_TYPE: u8 = 100;

/// A voice that sends nothing of its own accord.
async fn voice(router: &Router) -> (DirectTransport, Producer) {
    let transport = router.create_direct_transport(DirectTransportOptions::default()).await;
    let transport = transport.unwrap();
    let codec = RtpCodecParameters::Audio {
        mime_type: MimeTypeAudio::Opus,
        payload_type: PAYLOAD_TYPE,
        clock_rate: NonZeroU32::new(48_000).unwrap(),
        channels: NonZeroU8::new(2).unwrap(),
        parameters: RtpCodecParametersParameters::default(),
        rtcp_feedback: vec![],
    };
    let encoding = RtpEncodingParameters {
        ssrc: Some(7),
        ..RtpEncodingParameters::default()
    };
    let parameters = RtpParameters {
        codecs: vec![codec],
        encodings: vec![encoding],
        ..RtpParameters::default()
    };
    let producer = transport
        .produce(ProducerOptions::new(MediaKind::Audio, parameters))
        .await;
    (transport, producer.unwrap())
}

/// 20 ms of silence, by number.
fn packet(number: u16) -> Vec<u8> {
    let time = (u32::from(number) * 960).to_be_bytes();
    let header = [&[0x80, PAYLOAD_TYPE][..], &number.to_be_bytes(), &time, &[0, 0, 0, 7]];
    [&header.concat()[..], &[0xfc, 0xff, 0xfe]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_is_told_in_a_sentence_and_what_was_there_stays() {
    let worker = WorkerManager::new()
        .create_worker(WorkerSettings::default())
        .await
        .unwrap();
    let router = worker.create_router(RouterOptions::new(media_codecs())).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path(), Problems::default()).await;
    library.stop(); // nothing is to be composed
    let (_transport, producer) = voice(&router).await;
    let described = RecordedProducer {
        producer_id: producer.id(),
        source: producer.downgrade(),
        seat: 1,
        peer_name: "Anna".to_owned(),
        kind: MediaKind::Audio,
        is_screen_share: false,
        paused: false,
    };
    let recorder = library.start(&router, "team", vec![described]).await.unwrap();
    let Producer::Direct(sending) = &producer else {
        panic!("a direct transport makes direct producers")
    };
    let written = async {
        for number in 0.. {
            sending.send(packet(number)).unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            if library.snapshots().borrow()[0].bytes > 4_000 {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), written)
        .await
        .expect("it is written");

    recorder.told.send((Duration::ZERO, Told::MediaGone)).unwrap();
    drop(producer);
    let recorded = recorder.finish().await;
    assert_eq!((recorded.tracks, recorded.failure.as_deref()), (1, Some(MEDIA_GONE)));
    let snapshot = library.snapshots().borrow()[0].clone();
    assert_eq!(
        (snapshot.state, snapshot.message.as_deref()),
        (RecordingState::Waiting, Some(MEDIA_GONE))
    );
    let kept = Metadata::load(snapshot.folder.as_ref()).unwrap();
    let track = &kept.tracks[0];
    assert!(track.frames > 100 && track.end_ms.is_some(), "{track:?}");
    assert_eq!(kept.message.as_deref(), Some(MEDIA_GONE));
}
