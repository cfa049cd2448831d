//! Clients that do not know that a stream may begin paused are refused instead, and told why.

use super::*;

fn plain(id: &str) -> Newcomer {
    Newcomer {
        understands_paused: false,
        ..newcomer(id)
    }
}

#[test]
fn what_is_kept_off_is_refused_to_who_would_take_it_for_on() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.room.join(plain(BEN), scene.now).unwrap().seat;
    let cleo = scene.join(CLEO).seat;
    for (kind, refusal) in [
        (MediaKind::Audio, Refusal::AudioHeld),
        (MediaKind::Video, Refusal::VideoHeld),
    ] {
        for target in [BEN, CLEO] {
            scene.hold(Actor::Owner, target, kind, true).unwrap();
        }
        assert_eq!(scene.room.may_produce(ben, kind, false), Err(refusal));
        assert!(scene.room.may_produce(cleo, kind, false).unwrap().paused);
        scene.hold(Actor::Owner, BEN, kind, false).unwrap();
        assert!(!scene.room.may_produce(ben, kind, false).unwrap().paused);
        scene.hold(Actor::Owner, BEN, kind, true).unwrap();
    }
    // A screen is shown with its sound held back, rather than not at all.
    assert!(!scene.room.may_produce(ben, MediaKind::Video, true).unwrap().paused);
    assert!(scene.room.may_produce(ben, MediaKind::Audio, true).unwrap().paused);
}

#[test]
fn an_event_beside_the_refusal_says_why() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.room.join(plain(BEN), scene.now).unwrap().seat;
    let cleo = scene.join(CLEO).seat;
    let beside = |scene: &Scene, seat, kind, is_screen_share, refusal: &Refusal| {
        let effect = scene.room.told_beside(seat, kind, is_screen_share, refusal);
        effect.map(|effect| told(&[effect]).remove(0))
    };
    let to_ben = |event: &str| Some(format!("{event} to {:?}", Audience::One(ben)));
    let audio = |scene: &Scene, seat| beside(scene, seat, MediaKind::Audio, false, &Refusal::AudioHeld);
    assert_eq!(audio(&scene, ben), to_ben("audio-locked"));
    assert_eq!(audio(&scene, cleo), None, "it reads the answer");
    let screen = |scene: &Scene| beside(scene, ben, MediaKind::Video, true, &Refusal::NotAllowed);
    assert_eq!(screen(&scene), None);
    let change = PolicyChange {
        screen_share_enabled: Some(false),
        ..PolicyChange::default()
    };
    let effects = scene.act(Actor::Owner, Action::SetPolicy(change)).unwrap();
    assert_eq!(screen(&scene), to_ben("screenshare-denied"));
    let locked: Vec<bool> = list(&effects).iter().map(|entry| entry.screen_share_locked).collect();
    assert_eq!(locked, [false, true, true], "hosts may share");
}

#[test]
fn a_lock_shows_in_the_list() {
    let (mut scene, _) = Scene::of_three();
    let effects = scene.hold(Actor::Owner, BEN, MediaKind::Audio, true).unwrap();
    let locked: Vec<bool> = list(&effects).iter().map(|entry| entry.audio_locked).collect();
    assert_eq!(locked, [false, true, false]);
    assert_eq!(events(&effects, "force-mute")[0]["locked"], true);
}
