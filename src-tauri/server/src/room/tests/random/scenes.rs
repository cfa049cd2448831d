//! Turns of events that random commands come to too seldom: several commands in a row that belong together.

use mediasoup::prelude::MediaKind;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::super::{DoorChange, PolicyChange, Role};
use super::commands::{Command, Deed, OUTSIDER, Target, Token, Visit, Who};
use crate::wire::{DoorKind, Secret};

pub(super) fn scene() -> impl Strategy<Value = Vec<Command>> {
    prop_oneof![burglary(), full_house(), change_of_mind(), demotion(), empty_house()]
}

fn owner(deed: Deed) -> Command {
    Command::Act(None, deed)
}

fn door(kind: DoorKind) -> DoorChange {
    DoorChange {
        kind: Some(kind),
        passcode: Some(Secret::from("mellon")),
        max_people: None,
    }
}

/// Somebody who has nothing to show, but for a passcode that is right or wrong.
fn stranger(browser: usize, passcode: Option<bool>) -> Command {
    Command::Join(Visit {
        browser,
        same_socket: false,
        shows_device: true,
        name: None,
        label: None,
        key: None,
        passcode,
        token: Token::None,
        resumable: false,
        left_out: None,
    })
}

/// Somebody guesses passcodes, and then knows the right one.
fn burglary() -> impl Strategy<Value = Vec<Command>> {
    (0..6usize, vec(0..15_000u64, 4..10)).prop_map(|(browser, pauses)| {
        let guesses = pauses
            .into_iter()
            .flat_map(|pause| [stranger(browser, Some(false)), Command::Pass(pause)]);
        let closing = owner(Deed::SetDoor(door(DoorKind::Passcode)));
        let mut commands: Vec<Command> = std::iter::once(closing).chain(guesses).collect();
        commands.push(stranger(browser, Some(true)));
        commands
    })
}

/// More wait than there is room for, and a host wants them in one by one.
fn full_house() -> impl Strategy<Value = Vec<Command>> {
    (1..4u32, vec(0..4u8, 1..4)).prop_map(|(bound, admitted)| {
        let narrower = DoorChange {
            max_people: Some(bound),
            ..DoorChange::default()
        };
        let mut commands = waiting();
        commands.push(owner(Deed::SetDoor(narrower)));
        commands.extend(admitted.into_iter().map(|waiter| owner(Deed::Admit(Some(waiter)))));
        commands
    })
}

/// Those who wait are turned away or let in by the door, and come again.
fn change_of_mind() -> impl Strategy<Value = Vec<Command>> {
    (any::<bool>(), 1..200_000u64).prop_map(|(opens, pause)| {
        let mut commands = waiting();
        commands.push(owner(if opens {
            Deed::SetDoor(door(DoorKind::Open))
        } else {
            Deed::TurnAway(None)
        }));
        commands.extend((0..3).map(|browser| stranger(browser, None)));
        commands.push(Command::Pass(pause));
        commands.extend((0..3).map(|browser| stranger(browser, None)));
        commands
    })
}

fn waiting() -> Vec<Command> {
    let closing = owner(Deed::SetDoor(door(DoorKind::WaitingRoom)));
    std::iter::once(closing)
        .chain((0..3).map(|browser| stranger(browser, None)))
        .collect()
}

/// Somebody has what guests may not have, and is made a guest.
fn demotion() -> impl Strategy<Value = Vec<Command>> {
    (0..OUTSIDER, any::<bool>(), any::<bool>()).prop_map(|(who, is_share, is_host)| {
        let role = if is_host { Role::Host } else { Role::CoHost };
        let target = || Target { who, by_label: false };
        let strict = PolicyChange {
            screen_share_enabled: Some(false),
            cameras_enabled: Some(false),
            chat_enabled: Some(false),
            ..PolicyChange::default()
        };
        vec![
            owner(Deed::SetPolicy(strict)),
            owner(Deed::Grant(target(), role)),
            Command::CloseAll(who),
            Command::Produce(who, MediaKind::Video, is_share),
            Command::Offer(who, 1),
            owner(Deed::Revoke(target(), role)),
        ]
    })
}

/// Everybody goes, and somebody comes to a closed door.
fn empty_house() -> impl Strategy<Value = Vec<Command>> {
    (0..6usize, prop_oneof![Just(DoorKind::Passcode), Just(DoorKind::Open)]).prop_map(|(browser, kind)| {
        let first: Who = 0;
        let mut commands = vec![owner(Deed::SetDoor(door(kind)))];
        commands.extend((0..6).map(|_| Command::Leave(first)));
        commands.extend([Command::Pass(25_000), stranger(browser, Some(true))]);
        commands
    })
}
