//! Hands in the order in which they rose, and reactions that are one sign.

use std::time::Duration;

use serde_json::json;

use super::*;

#[test]
fn hands_have_an_order_even_in_the_same_moment() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    for seat in [cleo, anna, ben] {
        let effects = scene.room.set_hand(seat, true, None, scene.now).unwrap();
        assert_eq!(told(&effects), ["participant-list-update to All"]);
    }
    let raised: Vec<_> = [cleo, anna, ben].map(|seat| scene.look(seat).hand_raised_at).into();
    assert_eq!(raised, [Some(1_000), Some(1_001), Some(1_002)]);
    scene.pass(Duration::from_secs(1));
    assert_eq!(scene.room.set_hand(cleo, true, None, scene.now), Ok(Vec::new()));
    assert_eq!(scene.look(cleo).hand_raised_at, Some(1_000), "a hand rises once");

    let lowered = scene.room.set_hand(cleo, false, None, scene.now).unwrap();
    assert_eq!(list(&lowered)[2].hand_raised_at, None);
    scene.room.set_hand(cleo, true, None, scene.now).unwrap();
    assert_eq!(scene.look(cleo).hand_raised_at, Some(2_000));
}

#[test]
fn hosts_lower_others_hands_and_raise_none() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    scene.room.set_hand(ben, true, None, scene.now).unwrap();
    let of_ben = || Some(BEN.to_owned());
    let refused = scene.room.set_hand(cleo, false, of_ben(), scene.now);
    assert_eq!(refused, Err(Refusal::NotAllowed));
    let refused = scene.room.set_hand(anna, true, Some(CLEO.to_owned()), scene.now);
    assert_eq!(refused, Err(Refusal::NotAllowed));
    scene.room.set_hand(anna, false, of_ben(), scene.now).unwrap();
    assert_eq!(scene.look(ben).hand_raised_at, None);
    scene.room.set_hand(ben, true, of_ben(), scene.now).unwrap();
    assert!(scene.look(ben).hand_raised_at.is_some(), "one may name oneself");
}

#[test]
fn a_hand_stays_up_through_a_lost_connection() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    scene.room.set_hand(anna, true, None, scene.now).unwrap();
    scene.room.lose(anna, scene.now);
    let back = scene.resume("anna-again", "t1", None);
    assert_eq!(list(&back.effects)[0].hand_raised_at, Some(1_000));
}

#[test]
fn a_reaction_is_one_sign() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    for sign in ["👍", "❤️", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "é"]
    {
        let effects = scene.room.react(anna, sign.to_owned(), None).unwrap();
        let others = format!("receive-video-reaction to {:?}", Audience::Others(anna));
        assert_eq!(told(&effects), ["reaction to All", others.as_str()]);
        assert_eq!(events(&effects, "reaction"), [json!({ "peerId": ANNA, "emoji": sign })]);
    }
    let long = format!("a{}", "\u{301}".repeat(16));
    for wrong in ["", " ", "\n", "\u{7}", "👍👍", "ok", "<b>", long.as_str()] {
        let refused = scene.room.react(anna, wrong.to_owned(), None);
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{wrong:?}");
    }
}
