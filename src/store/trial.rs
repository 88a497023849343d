//! Tests whether the database can be written, when there is reason to doubt it.

use std::time::{Duration, Instant};

use sea_orm::ActiveValue;
use sea_orm::entity::prelude::*;

use super::error::Error;
use super::{Store, backend};

/// The only row: the content that the last test wrote.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trial")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub content: String,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The bytes that a test writes: more than most contributions, so that the next real write finds room, too.
const TEST_BYTES: usize = 256 * 1024;
/// The least time between two tests.
const TEST_INTERVAL: Duration = Duration::from_millis(100);

/// The start and the result of the last test; true if it could write.
pub(super) type LastWriteTest = tokio::sync::Mutex<Option<(Instant, bool)>>;

impl Store {
    /// True if the database can be written. A test, which commits a row, is needed only after a write failed, or if the
    /// database is read-only.
    ///
    /// # Errors
    /// [`Error::Database`] if the database cannot be read, either.
    pub async fn can_write(&self) -> Result<bool, Error> {
        let writer = self.writer();
        if !writer.writes_fail() {
            if backend::only_reads(self.reader()).await? != Some(true) {
                return Ok(true);
            }
            writer.note_write_failed();
            writer.renew_readers();
        }
        let called = Instant::now();
        let mut last_write_test = self.0.last_write_test.lock().await;
        if let Some((at, works)) = *last_write_test {
            // A test that began after this call has answered it.
            if at >= called {
                return Ok(works);
            }
            tokio::time::sleep(TEST_INTERVAL.saturating_sub(at.elapsed())).await;
        }
        let at = Instant::now();
        let written = self.try_to_write().await;
        match &written {
            Ok(()) => {
                tracing::info!("writing works again");
                writer.note_write_succeeded();
            }
            Err(error) => tracing::warn!(%error, "nothing can be written"),
        }
        *last_write_test = Some((at, written.is_ok()));
        Ok(written.is_ok())
    }

    async fn try_to_write(&self) -> Result<(), Error> {
        let tx = self.writer().begin_tidied().await?;
        Entity::delete_many().exec(&tx).await?;
        let row = ActiveModel {
            id: ActiveValue::Set(1),
            content: ActiveValue::Set(noise(TEST_BYTES)),
        };
        Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await
    }
}

/// Random text, so that the database cannot compress it.
fn noise(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    while text.len() < bytes {
        text.push_str(&uuid::Uuid::new_v4().simple().to_string());
    }
    text
}
