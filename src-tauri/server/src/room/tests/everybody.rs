//! What is done to everybody at once, to whom, and by whom.

use super::*;
use crate::wire::Devices;

fn everybody(devices: Devices, enabled: bool) -> Action {
    Action::SetForEverybody { devices, enabled }
}

#[test]
fn everybody_below_is_muted_and_let_unmute() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    scene.make_cohost(ben);
    let dora = scene.join("dora").seat;
    let held = |scene: &Scene| [anna, ben, cleo, dora].map(|seat| scene.look(seat).is_audio_held);
    scene.produce(cleo, 1, MediaKind::Audio, false);

    let effects = scene
        .act(Actor::Peer(ben), everybody(Devices::Microphones, false))
        .unwrap();
    assert_eq!(held(&scene), [false, false, true, true], "co-hosts mute guests alone");
    assert_eq!(events(&effects, "force-mute").len(), 2);
    assert_eq!(events(&effects, "participant-list-update").len(), 1);
    assert!(scene.stream(cleo, 1).paused);
    scene
        .act(Actor::Peer(anna), everybody(Devices::Microphones, false))
        .unwrap();
    assert_eq!(held(&scene), [false, true, true, true]);
    let effects = scene
        .act(Actor::Peer(anna), everybody(Devices::Microphones, true))
        .unwrap();
    assert_eq!(held(&scene), [false; 4]);
    assert!(
        events(&effects, "force-mute")
            .iter()
            .all(|event| event["audio"] == false)
    );
    assert!(scene.stream(cleo, 1).paused, "nobody but the person turns it on");
}

#[test]
fn cameras_and_screens_are_a_matter_of_the_rooms_policy() {
    for (devices, event, field) in [
        (Devices::Cameras, "force-video-pause", "video"),
        (Devices::Screens, "screenshare-control", "enabled"),
    ] {
        let (mut scene, [anna, ben, _]) = Scene::of_three();
        scene.produce(ben, 1, MediaKind::Video, devices == Devices::Screens);
        for enabled in [false, true] {
            let effects = scene.act(Actor::Peer(anna), everybody(devices, enabled)).unwrap();
            let told = events(&effects, event);
            assert_eq!(told.len(), 2, "guests alone");
            assert_eq!(told[0][field], (field == "enabled") == enabled);
            assert_eq!(told[0]["by"], "User anna");
            let policy = scene.room.policy();
            let now = if devices == Devices::Cameras {
                policy.cameras_enabled
            } else {
                policy.screen_share_enabled
            };
            assert_eq!(now, enabled);
        }
        let flows = scene
            .room
            .peer(ben)
            .unwrap()
            .streams
            .values()
            .any(|stream| !stream.paused);
        assert!(!flows, "what was ended or paused does not come back by itself");
    }
}

#[test]
fn guests_do_nothing_to_everybody() {
    let (mut scene, [_, ben, _]) = Scene::of_three();
    for devices in [Devices::Microphones, Devices::Cameras, Devices::Screens] {
        for enabled in [false, true] {
            let done = scene.act(Actor::Peer(ben), everybody(devices, enabled));
            assert_eq!(done, Err(Refusal::NotAllowed));
        }
    }
}
