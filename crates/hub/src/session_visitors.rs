//! What a session tells an admin besides the history: who asks to be let in.

use rappel_core::authorize::{Action, Actor, may};

use super::{End, Session, Transport};
use crate::wire::frame::HubFrame;

impl<T: Transport> Session<T> {
    /// Tells an admin who asks to be let in. It is the one thing that is told from memory: nobody
    /// is let in by it.
    pub(super) async fn send_join_requests(&mut self) -> Result<(), End> {
        let requests = self.hub.join_requests().await?;
        if requests == self.told_waiting {
            return Ok(());
        }
        let person = self.hub.store().person(self.caller.actor.person).await?;
        let actor = Actor { person: person.id, role: person.role };
        if may(actor, Action::ManagePeople) {
            self.transport.send(HubFrame::JoinRequests { requests: requests.clone() }).await?;
            self.told_waiting = requests;
        }
        Ok(())
    }
}
