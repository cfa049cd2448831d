//! Who is left out of recordings, from when on, and that it is their own word alone.

use super::*;

fn saying(id: &str, left_out: bool) -> Newcomer {
    Newcomer {
        left_out: Some(left_out),
        ..newcomer(id)
    }
}

#[test]
fn everybody_is_told_when_somebody_asks_to_be_left_out_and_when_they_take_it_back() {
    let (mut scene, [_, ben, cleo]) = Scene::of_three();
    for left_out in [true, false] {
        let effects = scene.room.leave_out(ben, left_out);
        assert_eq!(
            effects[0],
            Effect::LeaveOut(ben, left_out),
            "it is so before it is told"
        );
        assert_eq!(told(&effects[1..]), ["participant-list-update to All"]);
        assert_eq!(list(&effects)[1].is_left_out, left_out);
        assert_eq!(scene.room.is_recorded(ben), !left_out);
        assert!(scene.room.is_recorded(cleo));
        assert_eq!(scene.room.leave_out(ben, left_out), [], "nothing changed");
    }
}

#[test]
fn who_says_so_when_joining_is_never_recorded() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let joined = scene.room.join(saying(BEN, true), scene.now).unwrap();
    assert!(list(&joined.effects)[1].is_left_out);
    let recorded: Vec<Seat> = scene.room.recorded_peers().map(|(seat, _)| seat).collect();
    assert_eq!(recorded, [anna]);
}

#[test]
fn it_holds_through_a_lost_connection_unless_who_comes_back_says_otherwise() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    scene.room.leave_out(anna, true);
    scene.room.lose(anna, scene.now);
    assert!(!scene.room.is_recorded(anna));
    let back = scene.resume("anna-again", "t1", Some("t2"));
    assert!(list(&back.effects)[0].is_left_out);
    let newcomer = Newcomer {
        old_token: Some(Secret::from("t2")),
        ..saying("anna-anew", false)
    };
    let back = scene.room.join(newcomer, scene.now).unwrap();
    assert!(back.effects.contains(&Effect::LeaveOut(anna, false)));
    assert!(!list(&back.effects)[0].is_left_out);
}
