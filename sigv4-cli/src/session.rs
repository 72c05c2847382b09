//! What several requests of one run share: connections, and keys that were looked up already.

use crate::failure::Failure;
use crate::plan::{Connection, RequestPlan};
use crate::send::Sender;
use crate::sign::Signing;

/// Grows with each request that needs something new.
#[derive(Debug, Default)]
pub struct Session {
    senders: Vec<(Connection, Sender)>,
    signed: Vec<(RequestPlan, Signed)>,
}

/// What signs, with what is to be said about it.
#[derive(Debug)]
pub struct Signed {
    /// What signs.
    pub signing: Signing,
    /// The region.
    pub region: String,
    /// The access key id.
    pub key: String,
}

impl Session {
    /// The sender for requests that connect like this; [`put_back`](Self::put_back) keeps its connections for others.
    pub fn sender(&mut self, connection: &Connection) -> Sender {
        let found = self
            .senders
            .iter()
            .position(|(known, _)| known == connection);
        match found {
            Some(index) => self.senders.swap_remove(index).1,
            None => Sender::new(connection.clone()),
        }
    }

    /// Takes a sender back.
    pub fn put_back(&mut self, connection: &Connection, sender: Sender) {
        self.senders.push((connection.clone(), sender));
    }

    /// What signs requests like this, made by `make` if there is none yet.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub async fn signed(
        &mut self,
        plan: &RequestPlan,
        make: impl Future<Output = Result<Signed, Failure>>,
    ) -> Result<&mut Signed, Failure> {
        let found = self
            .signed
            .iter()
            .position(|(known, _)| signs_alike(known, plan));
        let index = match found {
            Some(index) => index,
            None => {
                let made = make.await?;
                self.signed.push((plan.clone(), made));
                self.signed.len() - 1
            }
        };
        let entry = self.signed.get_mut(index);
        entry
            .map(|(_, signed)| signed)
            .ok_or_else(|| Failure::usage("no keys"))
    }
}

fn signs_alike(a: &RequestPlan, b: &RequestPlan) -> bool {
    let value = |plan: &RequestPlan| plan.region.as_ref().map(|region| region.value.clone());
    a.credentials == b.credentials
        && a.assume == b.assume
        && a.service.value == b.service.value
        && value(a) == value(b)
        && a.profile == b.profile
        && a.time == b.time
        && a.controls == b.controls
}
