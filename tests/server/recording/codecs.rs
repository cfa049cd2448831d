//! Pictures in every codec that a room takes come whole into a file that plays, and into the film. What Chromium sends is the subject of the tests in browsers.

use confab_server::problems::Problems;
use confab_server::recording::RecordingState;

use super::studio::{Relay, Source, Studio, probe};
use super::{composed, number, opened, track_file, tracks, written};

/// What others call them: our name, ffmpeg's, and how the file's name ends.
const CODECS: [(Source, &str, &str); 3] = [
    (Source::Vp9Camera, "vp9", "webm"),
    (Source::H264Camera, "h264", "mkv"),
    (Source::Av1Camera, "av1", "webm"),
];

#[tokio::test(flavor = "multi_thread")]
async fn cameras_in_other_codecs_are_kept_as_they_come_and_stand_in_the_film() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let senders = [
        studio.send(1, Source::Vp9Camera).await,
        studio.send(2, Source::H264Camera).await,
        studio.send(3, Source::Av1Camera).await,
    ];
    let existing = senders.iter().map(|sender| sender.described.clone()).collect();
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    written(&library, CODECS.len(), 100_000).await;
    // What a process that is killed now would leave plays as well.
    let folder = library.snapshots().borrow()[0].folder.clone();
    for track in tracks(&folder) {
        let copy = track_file(&folder, &track).with_extension("copy");
        std::fs::copy(track_file(&folder, &track), &copy).unwrap();
        assert!(probe(&copy).frames(0) > 10, "{track}");
        std::fs::remove_file(copy).unwrap();
    }
    assert_eq!(recorder.finish().await.failure, None);
    let tracks = tracks(&folder);
    for (track, (_, codec, extension)) in tracks.iter().zip(CODECS) {
        assert_eq!((&track["codec"], number(track, "lostPackets")), (&codec.into(), 0));
        assert_eq!((number(track, "width"), number(track, "height")), (320, 240));
        let path = track_file(&folder, track);
        assert_eq!(path.extension().unwrap(), extension);
        let file = probe(&path);
        assert_eq!((file.codecs(), file.size()), (vec![codec], (320, 240)));
        assert_eq!(
            file.frames(0),
            number(track, "frames"),
            "every frame in {track} decodes"
        );
    }
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_packet_costs_only_the_frames_up_to_the_next_key_frame_in_every_codec() {
    let studio = Studio::new().await;
    for (source, codec, _) in CODECS {
        let folder = tempfile::tempdir().unwrap();
        let library = opened(folder.path(), Problems::default()).await;
        library.stop(); // nothing is to be composed
        let camera = studio.relay(1, source, Relay::Lossy).await;
        let existing = vec![camera.described.clone()];
        let recorder = library.start(&studio.router, "team", existing).await.unwrap();
        camera.begin();
        let sent = camera.end().await;
        recorder.finish().await;
        let folder = library.snapshots().borrow()[0].folder.clone();
        let track = &tracks(&folder)[0];
        assert_eq!(number(track, "lostPackets"), sent.disturbed, "{codec}");
        let frames = number(track, "frames");
        assert!(
            frames < sent.frames && frames > sent.frames / 3,
            "{codec}: {frames} of {sent:?}"
        );
        assert!(sent.key_frame_requests > 0, "{codec}: {sent:?}");
        assert_eq!(probe(&track_file(&folder, track)).frames(0), frames, "{codec}");
    }
}
