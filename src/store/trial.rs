//! Trying whether anything can be written, where there is reason to doubt it.

use std::time::{Duration, Instant};

use sea_orm::ActiveValue;
use sea_orm::entity::prelude::*;

use super::error::Error;
use super::{Store, backend};

/// The one row: what was written last to try it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trial")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub content: String,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How much is written to try it, in bytes: more than most that people write at once, so that what they write next
/// finds room too.
const ENOUGH: usize = 256 * 1024;
/// How long nothing is tried after a try.
const PAUSE: Duration = Duration::from_millis(100);

/// What came of the last try, and when it began.
pub(super) type Tried = tokio::sync::Mutex<Option<(Instant, bool)>>;

impl Store {
    /// Whether something can be written. While the last write went well this is known without another; else one is
    /// tried that lasts.
    ///
    /// # Errors
    /// [`Error::Database`] where the database cannot even be read.
    pub async fn can_write(&self) -> Result<bool, Error> {
        let writer = self.writer();
        if !writer.is_kept_from_writing() {
            if backend::only_reads(self.reader()).await? != Some(true) {
                return Ok(true);
            }
            writer.keep_from_writing();
            writer.renew_readers();
        }
        let called = Instant::now();
        let mut tried = self.0.tried.lock().await;
        if let Some((at, works)) = *tried {
            // Somebody tried after this was called.
            if at >= called {
                return Ok(works);
            }
            tokio::time::sleep(PAUSE.saturating_sub(at.elapsed())).await;
        }
        let at = Instant::now();
        let written = self.try_to_write().await;
        match &written {
            Ok(()) => {
                tracing::info!("writing works again");
                writer.works();
            }
            Err(error) => tracing::warn!(%error, "nothing can be written"),
        }
        *tried = Some((at, written.is_ok()));
        Ok(written.is_ok())
    }

    async fn try_to_write(&self) -> Result<(), Error> {
        let tx = self.writer().begin_tidied().await?;
        Entity::delete_many().exec(&tx).await?;
        let row = ActiveModel {
            id: ActiveValue::Set(1),
            content: ActiveValue::Set(noise(ENOUGH)),
        };
        Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await
    }
}

/// Text without a pattern, which is not made smaller before it is kept.
fn noise(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    while text.len() < bytes {
        text.push_str(&uuid::Uuid::new_v4().simple().to_string());
    }
    text
}
