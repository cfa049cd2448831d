//! The rules under random commands of random people, held against a model of them and against what each client of the
//! room has been told.

mod authority;
mod clients;
mod commands;
mod deeds;
mod doings;
mod doorstep;
mod model;
mod scenes;
mod sharing;
mod world;

use proptest::prelude::*;

use world::World;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_people_do_the_room_is_as_the_rules_say(first_hosts: bool, commands in commands::sequence()) {
        let mut world = World::new(first_hosts);
        for command in &commands {
            world.step(command);
        }
    }

    #[test]
    fn after_everybody_left_nothing_is_held(commands in commands::sequence(), others in commands::sequence()) {
        let mut world = World::new(true);
        for command in &commands {
            world.step(command);
        }
        world.empty();
        // Whoever comes later finds no trace of those before, but for what outlives them by the rules.
        for command in &others {
            world.step(command);
        }
    }
}
