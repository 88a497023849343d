//! API tokens. The database stores only a hash; the secret is shown once, when the token is created.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, IntoActiveModel, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use super::Store;
use super::error::Error;
use super::write::Write;
use domain::check::Path;
use domain::text_rules::{check_line, composed, truncate};
use domain::viewer::{Actor, Role, Viewer};

/// Beginning of every API token.
pub const PREFIX: &str = "cp_";

/// One API token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// The id of the token; not secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the secret, in base64. The secret has 32 random bytes, so a slow hash is not needed.
    pub hash: String,
    /// The name of the bearer.
    pub name: String,
    /// The id of the person who bears it. Tokens of one person have the same value.
    pub person: String,
    /// The role of the bearer.
    pub role: Role,
    /// The time of creation, in UTC.
    pub created_at: DateTime<Utc>,
    /// The time of revocation, in UTC; `None` if it was not revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The time at which it expires, in UTC; `None` if it does not expire.
    pub expires_at: Option<DateTime<Utc>>,
    /// The time of the last use, in UTC, accurate to one minute; `None` if it was never used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn hash(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

impl Store {
    /// Creates a token and returns its secret, which is not stored. Without a `person` the token counts as a person of
    /// its own.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a name or person that is not a valid line, or a person whose id is reserved;
    /// [`Error::Database`]
    pub async fn create_token(
        &self,
        role: Role,
        name: &str,
        person: Option<&str>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<String, Error> {
        let (name, person) = (line("name", name)?, person.map(|one| line("person", one)));
        let person = person.transpose()?;
        let person = person.as_deref();
        let reserved =
            person.filter(|person| *person == Actor::system().id || person.contains(':'));
        if let Some(person) = reserved {
            let message = format!(
                "{person} cannot be the id of a person: this id is reserved for the program"
            );
            return Err(Error::Unusable(message));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Unusable(error.to_string()))?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret));
        let id = uuid::Uuid::new_v4().simple().to_string();
        let token = Model {
            person: person.map_or_else(|| format!("token:{id}"), str::to_owned),
            id,
            hash: hash(&secret),
            name,
            role,
            created_at: self.clock().now(),
            revoked_at: None,
            expires_at,
            last_used_at: None,
        };
        let work = async |tx: &Write| {
            tx.forget_tokens().await?;
            Entity::insert(token.into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(secret)
        };
        self.write(work).await
    }

    /// Lists all tokens, oldest first.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn tokens(&self) -> Result<Vec<Model>, Error> {
        let tokens = Entity::find()
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(tokens.all(self.reader()).await?)
    }

    /// Revokes a token, at once and permanently.
    ///
    /// # Errors
    /// [`Error::Unusable`] if no token has the id.
    pub async fn revoke_token(&self, id: &str) -> Result<Model, Error> {
        let work = async |tx: &Write| {
            let Some(token) = Entity::find_by_id(id).one(tx).await? else {
                let message = format!(
                    "there is no token {}: `token list` shows them",
                    truncate(id)
                );
                return Err(Error::Unusable(message));
            };
            let revoked_at = token.revoked_at.unwrap_or_else(|| self.clock().now());
            let next = ActiveModel {
                revoked_at: ActiveValue::Set(Some(revoked_at)),
                ..unchanged(token.id)
            };
            tx.forget_tokens().await?;
            Ok(Entity::update(next).exec(tx).await?)
        };
        self.write(work).await
    }

    async fn note_use(&self, next: ActiveModel) -> Result<(), Error> {
        let tx = self.writer().begin_alone().await?;
        Entity::update(next).exec(&tx).await?;
        tx.commit().await
    }

    async fn token(&self, hash: &str) -> Result<Option<Model>, Error> {
        let known = &self.0.known_tokens;
        let stamp = self.0.head_cache.stamp();
        if let Some(token) = stamp.and_then(|stamp| known.at(&stamp, hash)) {
            return Ok(Some(token));
        }
        let token = Entity::find()
            .filter(Column::Hash.eq(hash))
            .one(self.reader())
            .await?;
        if let (Some(stamp), Some(token)) = (stamp, &token)
            && self.0.head_cache.stamp() == Some(stamp)
        {
            known.keep(stamp, token.clone());
        }
        Ok(token)
    }

    /// Returns the bearer of a token; `None` if the token is unknown, expired or revoked.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let token = self.token(&hash(secret)).await?;
        let now = self.clock().now();
        let Some(token) = token.filter(|token| token.works(now)) else {
            return Ok(None);
        };
        if token
            .last_used_at
            .is_none_or(|used| now - used > USED_AT_PRECISION)
        {
            // The request does not wait for this write: its bearer is known already.
            let store = self.clone();
            let next = ActiveModel {
                last_used_at: ActiveValue::Set(Some(now)),
                ..unchanged(token.id.clone())
            };
            tokio::spawn(async move {
                if let Err(error) = store.note_use(next).await {
                    tracing::warn!(%error, "could not record the use of a token");
                }
            });
        }
        Ok(Some(Viewer::Identified(Actor {
            id: token.person,
            name: token.name,
            role: token.role,
        })))
    }
}

/// The most characters in a name or in the id of a person.
const MAX_NAME_LENGTH: usize = 200;

/// Checks a text of one line, and returns it in Unicode Normalization Form C. `what` names the text in the error.
fn line(what: &str, text: &str) -> Result<String, Error> {
    let text = composed(text.to_owned());
    let mut found = Vec::new();
    check_line(&text, MAX_NAME_LENGTH, &Path::default(), &mut found);
    match found.pop() {
        Some(finding) => {
            let message = format!(
                "the {what} \u{201c}{}\u{201d} {}",
                truncate(&text),
                finding.message
            );
            Err(Error::Unusable(message))
        }
        None => Ok(text),
    }
}

/// The accuracy of the time of last use. With a finer one, each request would be a write.
const USED_AT_PRECISION: TimeDelta = TimeDelta::minutes(1);

fn unchanged(id: String) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::Unchanged(id),
        ..Default::default()
    }
}

impl Model {
    /// True if the token is valid at this time.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
