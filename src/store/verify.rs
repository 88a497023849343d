//! Verifies records: an editor confirms that a record is still correct. This adds a line to the log, and no version.

use super::draft::{Plan, Planned};
use super::error::Error;
use super::world::World;
use super::{Store, record};
use domain::change::Operation;
use domain::check::{Code, Path};
use domain::date::Day;
use domain::record::RecordId;
use domain::viewer::Editor;
use sea_orm::sea_query::{Condition, ExprTrait};

impl Store {
    /// Adds a verification to the log: the record was correct on a day.
    ///
    /// # Errors
    /// [`Error::Refused`] if the record is not current.
    pub async fn verify(
        &self,
        editor: &Editor,
        id: &RecordId,
        on: Day,
        note: Option<String>,
    ) -> Result<(), Error> {
        let tx = self.begin().await?;
        let mut world = World::default();
        world.learn_ids(&tx, std::iter::once(id.clone())).await?;
        if !world.current.contains_key(id) {
            let rows = record::rows(&tx, id.kind(), |column| {
                Condition::all().add(column("id").eq(id.clone()))
            });
            let message = if rows.await?.is_empty() {
                format!("{id} does not exist")
            } else {
                format!("{id} is retired")
            };
            let at = Path::default().then("id");
            return Err(at.finding(Code::NotFound, message).into());
        }
        let verified = Planned {
            reason: note,
            verified_on: Some(on),
            ..Planned::line(Operation::Verify, id.clone(), world.country(id))
        };
        let plan = Plan {
            changes: vec![verified],
            ..Plan::default()
        };
        plan.carry_out(&tx, editor.actor(), None, self.clock().now())
            .await?;
        self.commit(tx).await?;
        Ok(())
    }
}
