//! Who may do what: the one place that decides it.

use crate::PersonId;
use crate::event::{Event, Visibility};
use crate::person::Role;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person whose device it is.
    pub person: PersonId,
    /// What they may do.
    pub role: Role,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// To know what an event is about, not only when it is.
    SeeEvent(&'a Event),
    /// To change anything of an event, delete it or bring it back.
    ChangeEvent(&'a Event),
    /// To turn an event into another.
    EditEvent {
        /// As it is.
        before: &'a Event,
        /// As it would be.
        after: &'a Event,
    },
    /// To add, change and deactivate people, and to invite them.
    ManagePeople,
    /// To see what was done in the office, to copy its data and to go back to a copy.
    ManageHub,
    /// To see and revoke this person's devices.
    ManageDevices(PersonId),
    /// To know a person's e-mail address.
    SeeEmail(PersonId),
}

/// Whether the actor may.
#[must_use]
pub fn may(actor: Actor, action: Action<'_>) -> bool {
    let is_admin = actor.role == Role::Admin;
    match action {
        Action::SeeEvent(event) => {
            event.visibility == Visibility::Team || event.created_by == actor.person || event.is_assigned(actor.person)
        }
        Action::ChangeEvent(event) => {
            may(actor, Action::SeeEvent(event)) && (is_admin || event.created_by == actor.person)
        }
        Action::EditEvent { before, after } => {
            may(actor, Action::ChangeEvent(before))
                || (before.is_assigned(actor.person) && changes_only_what_an_assignee_may(actor.person, before, after))
        }
        Action::ManagePeople | Action::ManageHub => is_admin,
        Action::ManageDevices(owner) | Action::SeeEmail(owner) => is_admin || owner == actor.person,
    }
}

/// An assignee sets the status, and hands the event on: takes themselves off it, for others or not.
fn changes_only_what_an_assignee_may(assignee: PersonId, before: &Event, after: &Event) -> bool {
    let same_but_for_people = Event {
        status: before.status,
        assignees: before.assignees.clone(),
        revision: before.revision,
        updated_at: before.updated_at,
        ..after.clone()
    };
    let hands_on = !after.is_assigned(assignee)
        && before.assignees.iter().all(|person| *person == assignee || after.is_assigned(*person));
    same_but_for_people == *before && (after.assignees == before.assignees || hands_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Status;
    use crate::fixture::{ann, bob, event};

    fn carl() -> PersonId {
        PersonId::from_bytes([3; 16])
    }

    fn member(person: PersonId) -> Actor {
        Actor { person, role: Role::Member }
    }

    fn admin(person: PersonId) -> Actor {
        Actor { person, role: Role::Admin }
    }

    /// Bob's event for Ann, seen by the two, by Carl, and by an admin who is neither.
    fn actors() -> [Actor; 4] {
        [member(bob()), member(ann()), member(carl()), admin(carl())]
    }

    fn edit(actor: Actor, change: impl FnOnce(&mut Event)) -> bool {
        let before = event();
        let mut after = event();
        change(&mut after);
        after.revision += 1;
        may(actor, Action::EditEvent { before: &before, after: &after })
    }

    #[test]
    fn everybody_sees_team_events_and_only_its_own_people_a_private_one() {
        let private = Event { visibility: Visibility::Private, ..event() };
        assert_eq!(actors().map(|actor| may(actor, Action::SeeEvent(&event()))), [true; 4]);
        assert_eq!(actors().map(|actor| may(actor, Action::SeeEvent(&private))), [true, true, false, false]);
    }

    #[test]
    fn creator_and_admin_change_everything_else_nobody() {
        assert_eq!(actors().map(|actor| may(actor, Action::ChangeEvent(&event()))), [true, false, false, true]);
        assert_eq!(actors().map(|actor| edit(actor, |event| event.title = "Other".into())), [true, false, false, true]);
    }

    #[test]
    fn nobody_changes_what_they_cannot_see() {
        let private = Event { visibility: Visibility::Private, ..event() };
        assert_eq!(actors().map(|actor| may(actor, Action::ChangeEvent(&private))), [true, false, false, false]);
    }

    #[test]
    fn an_assignee_sets_the_status_and_hands_the_event_on() {
        assert!(edit(member(ann()), |event| event.status = Status::Done));
        assert!(edit(member(ann()), |event| event.assignees = vec![]));
        assert!(edit(member(ann()), |event| event.assignees = vec![carl()]));
        assert!(!edit(member(ann()), |event| event.assignees.push(carl())), "adding others is the creator's");
        assert!(!edit(member(carl()), |event| event.status = Status::Done), "carl is no assignee");
    }

    #[test]
    fn people_and_hub_are_the_admins_and_devices_their_owners() {
        for action in [Action::ManagePeople, Action::ManageHub] {
            assert!(may(admin(ann()), action) && !may(member(ann()), action));
        }
        for action in [Action::ManageDevices(ann()), Action::SeeEmail(ann())] {
            assert!(may(member(ann()), action) && may(admin(bob()), action) && !may(member(bob()), action));
        }
    }
}
