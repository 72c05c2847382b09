//! What several requests of one run share: connections, and keys that were looked up already.

use std::rc::Rc;

use crate::failure::Failure;
use crate::plan::{Connection, RequestPlan};
use crate::send::Sender;
use crate::sign::Signing;

/// Grows with each request that needs something new.
#[derive(Debug, Default)]
pub struct Session {
    senders: Vec<(Connection, Rc<Sender>)>,
    signings: Vec<(RequestPlan, Rc<Signing>)>,
}

impl Session {
    /// The sender for requests that connect like this.
    pub fn sender(&mut self, connection: &Connection) -> Rc<Sender> {
        let found = self.senders.iter().find(|(known, _)| known == connection);
        if let Some((_, sender)) = found {
            return Rc::clone(sender);
        }
        let sender = Rc::new(Sender::new(connection.clone()));
        self.senders.push((connection.clone(), Rc::clone(&sender)));
        sender
    }

    /// What signs requests like this, made by `make` if there is none yet.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub async fn signing(
        &mut self,
        plan: &RequestPlan,
        make: impl Future<Output = Result<Signing, Failure>>,
    ) -> Result<Rc<Signing>, Failure> {
        let found = self
            .signings
            .iter()
            .find(|(known, _)| signs_alike(known, plan));
        if let Some((_, signing)) = found {
            return Ok(Rc::clone(signing));
        }
        let signing = Rc::new(make.await?);
        self.signings.push((plan.clone(), Rc::clone(&signing)));
        Ok(signing)
    }
}

fn signs_alike(a: &RequestPlan, b: &RequestPlan) -> bool {
    let value = |plan: &RequestPlan| plan.region.as_ref().map(|region| region.value.clone());
    a.credentials == b.credentials
        && a.service.value == b.service.value
        && value(a) == value(b)
        && a.profile == b.profile
        && a.time == b.time
        && a.controls == b.controls
}
