//! API tokens. Only a hash is kept: who holds a token shows it, and nobody can read it back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, IntoActiveModel, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use super::Store;
use super::error::Error;
use domain::check::Path;
use domain::prose::{composed, cut, line_faults};
use domain::viewer::{Actor, Role, Viewer};

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
    /// When it stops to work by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to a minute.
    pub last_used_at: Option<DateTime<Utc>>,
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
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<String, Error> {
        let (name, person) = (line("name", name)?, person.map(|one| line("person", one)));
        let person = person.transpose()?;
        let person = person.as_deref();
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
            name,
            role,
            created_at: self.clock().now(),
            revoked_at: None,
            expires_at,
            last_used_at: None,
        };
        let tx = self.begin().await?;
        Entity::insert(token.into_active_model())
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Every token, oldest first.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn tokens(&self) -> Result<Vec<Model>, Error> {
        let tokens = Entity::find()
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(tokens.all(self.reader()).await?)
    }

    /// Makes a token stop to work, at once and for good.
    ///
    /// # Errors
    /// [`Error::Unusable`] where there is none with the id.
    pub async fn revoke_token(&self, id: &str) -> Result<Model, Error> {
        let tx = self.begin().await?;
        let Some(token) = Entity::find_by_id(id).one(&tx).await? else {
            let message = format!("there is no token {}: `token list` shows them", cut(id));
            return Err(Error::Unusable(message));
        };
        let revoked_at = token.revoked_at.unwrap_or_else(|| self.clock().now());
        let next = ActiveModel {
            revoked_at: ActiveValue::Set(Some(revoked_at)),
            ..unchanged(token.id)
        };
        let token = Entity::update(next).exec(&tx).await?;
        tx.commit().await?;
        Ok(token)
    }

    async fn note_use(&self, next: ActiveModel) -> Result<(), Error> {
        let tx = self.writer().begin().await?;
        Entity::update(next).exec(&tx).await?;
        tx.commit().await
    }

    /// Who bears a token; `None` where it is unknown, expired or revoked.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let token = Entity::find()
            .filter(Column::Hash.eq(hash(secret)))
            .one(self.reader())
            .await?;
        let now = self.clock().now();
        let Some(token) = token.filter(|token| token.works(now)) else {
            return Ok(None);
        };
        if token.last_used_at.is_none_or(|used| now - used > EXACT) {
            // Nobody waits for this: who asks is known already.
            let store = self.clone();
            let next = ActiveModel {
                last_used_at: ActiveValue::Set(Some(now)),
                ..unchanged(token.id.clone())
            };
            tokio::spawn(async move {
                if let Err(error) = store.note_use(next).await {
                    tracing::warn!(%error, "the use of a token was not written down");
                }
            });
        }
        Ok(Some(Viewer::Known(Actor {
            id: token.person,
            name: token.name,
            role: token.role,
        })))
    }
}

/// The most characters of a name, and of what a person is known by.
const LONGEST: usize = 200;

/// A text of one line that stands in a list of tokens, in the form in which texts are kept.
fn line(what: &str, text: &str) -> Result<String, Error> {
    let text = composed(text.to_owned());
    let mut found = Vec::new();
    line_faults(&text, LONGEST, &Path::default(), &mut found);
    match found.pop() {
        Some(finding) => {
            let message = format!(
                "the {what} \u{201c}{}\u{201d} {}",
                cut(&text),
                finding.message
            );
            Err(Error::Unusable(message))
        }
        None => Ok(text),
    }
}

/// How exactly the last use of a token is known: otherwise each request would be a write.
const EXACT: TimeDelta = TimeDelta::minutes(1);

fn unchanged(id: String) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::Unchanged(id),
        ..Default::default()
    }
}

impl Model {
    /// Whether it works at an instant.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
