//! The rights of owners: a webhook is worth no more than the tokens of its owner.

use std::collections::HashMap;

use sea_orm::EntityTrait;

use super::Webhooks;
use crate::error::Error;
use crate::token;
use domain::viewer::{Actor, Role};

/// The highest role that each person has by a token that works now; `None` if none of the person's tokens works.
/// Persons without tokens, who sign in elsewhere, are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerRights(HashMap<String, Option<Role>>);

impl OwnerRights {
    /// The owner with the rights of today: at most those of the last edit. `None` if the owner has none any more.
    pub fn of(&self, owner: &Actor) -> Option<Actor> {
        let role = match self.0.get(&owner.id) {
            None => owner.role,
            Some(role) => owner.role.min((*role)?),
        };
        Some(Actor {
            role,
            ..owner.clone()
        })
    }
}

impl Webhooks<'_> {
    /// Reads the rights of all persons with tokens.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn owner_rights(&self) -> Result<OwnerRights, Error> {
        let tokens = token::Entity::find().all(self.store.reader()).await?;
        let now = self.store.clock().now();
        let mut rights: HashMap<String, Option<Role>> = HashMap::new();
        for token in tokens {
            let role = token.works(now).then_some(token.role);
            let known = rights.entry(token.person).or_default();
            *known = role.max(*known);
        }
        Ok(OwnerRights(rights))
    }
}
