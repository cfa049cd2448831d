//! What random people do, before it is known who is in the room: numbers are turned into those who are there when a
//! command's turn comes.

use mediasoup::prelude::MediaKind;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::super::{DoorChange, PolicyChange, Role};
use super::scenes::scene;
use crate::wire::{Devices, DoorKind, Secret};

/// Somebody in the room, by a number; the highest is somebody who is not.
pub(super) type Who = u8;
pub(super) const OUTSIDER: Who = 31;

/// How somebody comes.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) browser: usize,
    pub(super) same_socket: bool,
    pub(super) shows_device: bool,
    pub(super) name: Option<u8>,
    pub(super) label: Option<u8>,
    /// Whether a key is shown, and whether it is the right one.
    pub(super) key: Option<bool>,
    /// Whether a passcode is shown, and whether it is the right one.
    pub(super) passcode: Option<bool>,
    pub(super) token: Token,
    pub(super) resumable: bool,
    /// Whether they are to be left out of recordings, if that is said.
    pub(super) left_out: Option<bool>,
}

/// The proof of a place that somebody brings.
#[derive(Debug, Clone)]
pub(super) enum Token {
    None,
    /// The last one that this browser got.
    Last,
    /// The one before.
    Old,
    Wrong,
}

/// Whom something is done to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) who: Who,
    pub(super) by_label: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Deed {
    Hold(MediaKind, bool, Target),
    StopScreenShare(Target),
    Remove(Target),
    /// By the number of somebody in the list of the removed.
    LetBackIn(u8),
    LowerHand(Target),
    Grant(Target, Role),
    Revoke(Target, Role),
    SetPolicy(PolicyChange),
    ForEverybody(Devices, bool),
    SetDoor(DoorChange),
    /// By the number of somebody in the list of those who wait; nobody is all.
    Admit(Option<u8>),
    TurnAway(Option<u8>),
}

#[derive(Debug, Clone)]
pub(super) enum Command {
    Join(Visit),
    Leave(Who),
    Lose(Who),
    /// Somebody who waits or was admitted hangs up, with a goodbye or without.
    HangUp(u8, bool),
    /// So many ms.
    Pass(u64),
    Introduce(Who, Option<u8>, Option<u8>),
    Produce(Who, MediaKind, bool),
    Pause(Who, u8, bool),
    Close(Who, u8),
    CloseAll(Who),
    UpdateState(Who, Option<bool>, Option<bool>),
    LeaveOut(Who, bool),
    SetHand(Who, bool, Option<Target>),
    React(Who, bool),
    Write(Who, bool),
    /// A file of so many MB.
    Offer(Who, u8),
    FileArrives(u8),
    /// Whether it is whole.
    FileCame(u8, bool),
    /// Nobody in the room is the owner of the machine.
    Act(Option<Who>, Deed),
    Heard(Option<Who>),
    StartRecording,
    StopRecording,
    Move(u8),
}

pub(super) fn sequence() -> impl Strategy<Value = Vec<Command>> {
    // Somebody is there at first; a room in which nobody is has few rules.
    let turns = prop_oneof![15 => command().prop_map(|command| vec![command]), 1 => scene()];
    (vec(visit().prop_map(Command::Join), 1..4), vec(turns, 0..70)).prop_map(|(mut commands, rest)| {
        commands.extend(rest.into_iter().flatten());
        commands
    })
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => coming_and_going(),
        4 => media(),
        2 => words(),
        2 => files(),
        5 => (option::weighted(0.8, who()), deed()).prop_map(|(who, deed)| Command::Act(who, deed)),
    ]
}

fn coming_and_going() -> impl Strategy<Value = Command> {
    prop_oneof![
        6 => visit().prop_map(Command::Join),
        1 => who().prop_map(Command::Leave),
        2 => who().prop_map(Command::Lose),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(waiter, goodbye)| Command::HangUp(waiter, goodbye)),
        2 => (1..25_000u64).prop_map(Command::Pass),
        1 => (25_000..200_000u64).prop_map(Command::Pass),
        1 => (who(), option::of(0..3u8), option::of(0..5u8)).prop_map(|(who, name, label)| Command::Introduce(who, name, label)),
    ]
}

fn media() -> impl Strategy<Value = Command> {
    prop_oneof![
        5 => (who(), kind(), prop::bool::weighted(0.3)).prop_map(|(who, kind, share)| Command::Produce(who, kind, share)),
        4 => (who(), any::<u8>(), any::<bool>()).prop_map(|(who, stream, off)| Command::Pause(who, stream, off)),
        1 => (who(), any::<u8>()).prop_map(|(who, stream)| Command::Close(who, stream)),
        1 => who().prop_map(Command::CloseAll),
        3 => (who(), any::<Option<bool>>(), any::<Option<bool>>())
            .prop_map(|(who, audio, video)| Command::UpdateState(who, audio, video)),
        1 => option::of(who()).prop_map(Command::Heard),
        2 => (who(), any::<bool>()).prop_map(|(who, left_out)| Command::LeaveOut(who, left_out)),
    ]
}

fn words() -> impl Strategy<Value = Command> {
    let likely = || prop::bool::weighted(0.8);
    prop_oneof![
        3 => (who(), likely(), option::weighted(0.3, target())).prop_map(|(who, up, of)| Command::SetHand(who, up, of)),
        1 => (who(), likely()).prop_map(|(who, good)| Command::React(who, good)),
        2 => (who(), likely()).prop_map(|(who, good)| Command::Write(who, good)),
        1 => Just(Command::StartRecording),
        1 => Just(Command::StopRecording),
        1 => (0..3u8).prop_map(Command::Move),
    ]
}

fn files() -> impl Strategy<Value = Command> {
    // The last one that was offered is the likeliest to be waited for.
    let number = || prop_oneof![4 => Just(0), 2 => 0..4u8, 1 => any::<u8>()];
    prop_oneof![
        3 => (who(), 0..62u8).prop_map(|(who, mb)| Command::Offer(who, mb)),
        3 => number().prop_map(Command::FileArrives),
        3 => (number(), prop::bool::weighted(0.8)).prop_map(|(number, whole)| Command::FileCame(number, whole)),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let role = || prop_oneof![Just(Role::Host), Just(Role::CoHost)];
    prop_oneof![
        5 => (kind(), prop::bool::weighted(0.6), target()).prop_map(|(kind, held, of)| Deed::Hold(kind, held, of)),
        1 => target().prop_map(Deed::StopScreenShare),
        2 => target().prop_map(Deed::Remove),
        1 => any::<u8>().prop_map(Deed::LetBackIn),
        1 => target().prop_map(Deed::LowerHand),
        3 => (target(), role()).prop_map(|(target, role)| Deed::Grant(target, role)),
        2 => (target(), role()).prop_map(|(target, role)| Deed::Revoke(target, role)),
        4 => policy_change().prop_map(Deed::SetPolicy),
        2 => (devices(), any::<bool>()).prop_map(|(devices, enabled)| Deed::ForEverybody(devices, enabled)),
        4 => door_change().prop_map(Deed::SetDoor),
        3 => option::of(any::<u8>()).prop_map(Deed::Admit),
        2 => option::of(any::<u8>()).prop_map(Deed::TurnAway),
    ]
}

fn policy_change() -> impl Strategy<Value = PolicyChange> {
    let change = || option::weighted(0.4, any::<bool>());
    // Locked rooms are dull; most changes leave the door alone.
    let locked = option::weighted(0.1, any::<bool>());
    let size = option::weighted(
        0.3,
        prop_oneof![Just(0), Just(10 << 20), Just(60 << 20), Just(61 << 20)],
    );
    let changes = (locked, change(), change(), change(), change(), size);
    changes.prop_map(|(locked, screens, cameras, chat, record, size)| PolicyChange {
        max_file_bytes: size,
        locked,
        screen_share_enabled: screens,
        cameras_enabled: cameras,
        chat_enabled: chat,
        guests_may_record: record,
    })
}

fn door_change() -> impl Strategy<Value = DoorChange> {
    let kind = prop_oneof![
        2 => Just(DoorKind::Open),
        2 => Just(DoorKind::Passcode),
        3 => Just(DoorKind::WaitingRoom),
    ];
    let passcode = prop_oneof![Just(" sesame "), Just("mellon"), Just("abc")];
    // One bound too small and two too large.
    let bound = option::weighted(0.2, 0..8_u32);
    (option::weighted(0.8, kind), option::weighted(0.5, passcode), bound).prop_map(|(kind, passcode, max_people)| {
        DoorChange {
            kind,
            passcode: passcode.map(Secret::from),
            max_people,
        }
    })
}

fn visit() -> impl Strategy<Value = Visit> {
    let token = prop_oneof![
        2 => Just(Token::None),
        5 => Just(Token::Last),
        1 => Just(Token::Old),
        1 => Just(Token::Wrong),
    ];
    (
        0..6usize,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.7),
        option::of(0..3u8),
        option::of(0..5u8),
        option::weighted(0.2, any::<bool>()),
        option::of(any::<bool>()),
        token,
        prop::bool::weighted(0.7),
        option::weighted(0.5, any::<bool>()),
    )
        .prop_map(
            |(browser, same_socket, shows_device, name, label, key, passcode, token, resumable, left_out)| Visit {
                browser,
                same_socket,
                shows_device,
                name,
                label,
                key,
                passcode,
                token,
                resumable,
                left_out,
            },
        )
}

fn who() -> impl Strategy<Value = Who> {
    0..=OUTSIDER
}

fn target() -> impl Strategy<Value = Target> {
    (who(), any::<bool>()).prop_map(|(who, by_label)| Target { who, by_label })
}

fn kind() -> impl Strategy<Value = MediaKind> {
    prop_oneof![Just(MediaKind::Audio), Just(MediaKind::Video)]
}

fn devices() -> impl Strategy<Value = Devices> {
    prop_oneof![
        Just(Devices::Microphones),
        Just(Devices::Cameras),
        Just(Devices::Screens)
    ]
}
