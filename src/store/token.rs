//! API tokens. Only a hash is kept: who holds a token shows it, and nobody can read it back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryFilter};
use sha2::{Digest, Sha256};

use super::Store;
use super::error::Error;
use crate::domain::viewer::{Actor, Role, Viewer};

/// One token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Names the token; no secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the secret, in base64. The secret is 32 random bytes, so that no slower hash
    /// is needed.
    pub hash: String,
    /// What to call its bearer.
    pub name: String,
    /// Who its bearer is, whichever token they use.
    pub person: String,
    /// What its bearer may do.
    pub role: Role,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stopped to work.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn hash(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

impl Store {
    /// Makes a token and returns its secret, which is not kept. Without a `person` the token itself
    /// counts as one.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a person that the program keeps for itself; [`Error::Database`]
    pub async fn create_token(
        &self,
        role: Role,
        name: &str,
        person: Option<&str>,
    ) -> Result<String, Error> {
        let reserved =
            person.filter(|person| *person == Actor::system().id || person.contains(':'));
        if let Some(person) = reserved {
            let message =
                format!("{person} cannot name a person: it is kept for the program itself");
            return Err(Error::Unusable(message));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Unusable(error.to_string()))?;
        let secret = format!("cp_{}", URL_SAFE_NO_PAD.encode(secret));
        let id = uuid::Uuid::new_v4().simple().to_string();
        let token = Model {
            person: person.map_or_else(|| format!("token:{id}"), str::to_owned),
            id,
            hash: hash(&secret),
            name: name.to_owned(),
            role,
            created_at: Utc::now(),
            revoked_at: None,
        };
        let (tx, _turn) = self.begin().await?;
        Entity::insert(token.into_active_model())
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Who bears a token; `None` where it is unknown or revoked.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let token = Entity::find()
            .filter(Column::Hash.eq(hash(secret)))
            .filter(Column::RevokedAt.is_null())
            .one(self.reader())
            .await?;
        Ok(token.map(|token| {
            Viewer::Known(Actor {
                id: token.person,
                name: token.name,
                role: token.role,
            })
        }))
    }
}
