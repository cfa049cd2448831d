//! Answers, reactions, pins, and who is writing.

use serde_json::{Value, json};

use super::*;
use crate::wire::Reply;

impl Scene {
    fn answer(&mut self, seat: Seat, id: &str, to: &str) -> Value {
        let message = OutgoingMessage {
            id: id.to_owned(),
            text: "yes".to_owned(),
            reply_to: Some(Reply { id: to.to_owned() }),
            sender: None,
        };
        let effects = self.room.say(seat, message, self.now).unwrap();
        events(&effects, "receive-message")[0]["message"]["replyTo"].clone()
    }

    fn react(&mut self, seat: Seat, emoji: &str) -> Result<String, Refusal> {
        let effects = self.room.react_to_message(seat, "m1", emoji.to_owned())?;
        Ok(events(&effects, "message-react-update")[0]["action"]
            .as_str()
            .unwrap()
            .to_owned())
    }

    fn kept(&self, at: usize) -> Value {
        serde_json::to_value(&self.room.chat().history()[at].message).unwrap()
    }
}

#[test]
fn what_is_answered_is_the_servers_word() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.say(anna, "m1", &"ä".repeat(300)).unwrap();
    let quoted = json!({ "id": "m1", "text": "ä".repeat(200), "senderName": "User anna" });
    assert_eq!(scene.answer(ben, "m2", "m1"), quoted);
    assert_eq!(scene.kept(1)["replyTo"], quoted);
    assert_eq!(scene.answer(ben, "m3", "nothing"), Value::Null);
    // Who writes under an id that there is already does not put words into the mouth of the first.
    scene.say(ben, "m1", "nonsense").unwrap();
    assert_eq!(scene.answer(ben, "m4", "m1"), quoted);
}

#[test]
fn each_has_one_reaction_to_a_message() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    assert_eq!(scene.react(ben, "👍"), Err(Refusal::MessageNotFound));
    scene.say(anna, "m1", "hello").unwrap();
    assert_eq!(scene.react(ben, "👍").as_deref(), Ok("added"));
    assert_eq!(scene.react(cleo, "👍").as_deref(), Ok("added"));
    assert_eq!(scene.react(cleo, "🎉").as_deref(), Ok("updated"));
    assert_eq!(scene.kept(0)["reactions"], json!({ "👍": [BEN], "🎉": [CLEO] }));
    assert_eq!(scene.react(ben, "👍").as_deref(), Ok("removed"));
    assert_eq!(scene.react(cleo, "🎉").as_deref(), Ok("removed"));
    assert_eq!(scene.kept(0)["reactions"], Value::Null);
    assert!(matches!(scene.react(ben, "ok"), Err(Refusal::Invalid(_))));
}

#[test]
fn the_reactions_of_a_room_are_bounded() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.say(anna, "m1", "hello").unwrap();
    let mut taken = 0;
    for number in 0..6_000 {
        let visitor = scene.join(&format!("{number}-socket")).seat;
        let done = scene.react(visitor, "👍");
        scene.room.leave(visitor);
        match done {
            Ok(_) => taken += 1,
            Err(refusal) => {
                assert!(matches!(refusal, Refusal::Limit(_)));
                break;
            }
        }
    }
    assert_eq!(taken, 5_000);
}

#[test]
fn hosts_pin_one_message_at_a_time() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    for id in ["m1", "m2"] {
        scene.say(ben, id, "hello").unwrap();
    }
    let refused = scene.room.pin_message(ben, "m1", true);
    assert_eq!(refused, Err(Refusal::NotAllowed));
    assert_eq!(scene.room.pin_message(anna, "m3", true), Err(Refusal::MessageNotFound));
    let pin = |scene: &mut Scene, id: &str, pinned| {
        let effects = scene.room.pin_message(anna, id, pinned).unwrap();
        events(&effects, "pin-message-update")
    };
    let told = |id: &str, pinned: bool| json!({ "messageId": id, "pinned": pinned });
    assert_eq!(pin(&mut scene, "m1", true), [told("m1", true)]);
    assert_eq!(pin(&mut scene, "m2", true), [told("m1", false), told("m2", true)]);
    assert_eq!(
        (scene.kept(0)["pinned"].clone(), scene.kept(1)["pinned"].clone()),
        (Value::Null, json!(true))
    );
    assert!(pin(&mut scene, "m2", true).is_empty());
    assert_eq!(pin(&mut scene, "m2", false), [told("m2", false)]);
}

#[test]
fn the_others_are_told_who_is_writing() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    let effects = scene.room.type_message(ben, true).unwrap();
    assert_eq!(told(&effects), [format!("typing-start to {:?}", Audience::Others(ben))]);
    assert_eq!(
        events(&effects, "typing-start"),
        [json!({ "socketId": BEN, "name": "User ben-" })]
    );
    let stops = scene.room.type_message(ben, false).unwrap();
    assert_eq!(events(&stops, "typing-stop").len(), 1);
    let change = PolicyChange {
        chat_enabled: Some(false),
        ..PolicyChange::default()
    };
    scene.act(Actor::Peer(anna), Action::SetPolicy(change)).unwrap();
    assert_eq!(scene.room.type_message(ben, true), Err(Refusal::NotAllowed));
}
