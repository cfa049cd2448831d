//! A room as its owner asks for it, and the id that is made of its name.

use crate::room::{DoorChange, tidied};
use crate::wire::RoomId;

/// The longest id made of a name, in characters: there is room for a number after it.
const MAX_MADE: usize = 40;

/// A room to be made ahead.
#[derive(Debug, Clone, Default)]
pub struct RoomPlan {
    /// Its id, which its link ends in; one is made of the name if there is none.
    pub id: Option<RoomId>,
    /// The name that people see.
    pub name: Option<String>,
    /// How its door differs from an open one without a limit of its own.
    pub door: DoorChange,
}

impl RoomPlan {
    /// The room's id and name. An id that is made is one that is free.
    pub(super) fn named(&self, is_taken: impl Fn(&RoomId) -> bool) -> (RoomId, Option<String>) {
        let name = self.name.clone().and_then(tidied);
        let id = self.id.clone();
        let id = id.unwrap_or_else(|| free_id(&base_of(name.as_deref().unwrap_or_default()), is_taken));
        (id, name)
    }
}

fn free_id(base: &str, is_taken: impl Fn(&RoomId) -> bool) -> RoomId {
    let mut number = 1_u64;
    loop {
        let text = if number == 1 {
            base.to_owned()
        } else {
            format!("{base}-{number}")
        };
        match text.parse() {
            Ok(id) if !is_taken(&id) => return id,
            _ => number += 1,
        }
    }
}

/// A name in small plain letters, digits and hyphens: `Monday’s Stand-up` becomes `monday-s-stand-up`.
fn base_of(name: &str) -> String {
    let mut made = slug::slugify(name);
    made.truncate(MAX_MADE);
    let made = made.trim_matches('-');
    if made.is_empty() {
        "room".to_owned()
    } else {
        made.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(name: &str, taken: &[&str]) -> String {
        let plan = RoomPlan {
            name: Some(name.to_owned()),
            ..RoomPlan::default()
        };
        plan.named(|id| taken.contains(&id.as_str())).0.to_string()
    }

    #[test]
    fn an_id_is_made_of_the_name() {
        for (name, expected) in [
            ("Standup", "standup"),
            ("  Monday’s Stand-up! ", "monday-s-stand-up"),
            ("Ärzterunde 2", "arzterunde-2"),
            ("///", "room"),
            ("", "room"),
        ] {
            assert_eq!(id_of(name, &[]), expected, "{name}");
        }
        let long = id_of(&"long name ".repeat(20), &[]);
        assert!(long.len() <= MAX_MADE && !long.ends_with('-'), "{long}");
    }

    #[test]
    fn an_id_that_is_taken_gets_a_number() {
        assert_eq!(id_of("Standup", &["standup"]), "standup-2");
        assert_eq!(id_of("Standup", &["standup", "standup-2"]), "standup-3");
    }
}
