//! Verifies records: an editor confirms that a record is still correct. This adds a line to the log, and no version.

use super::draft::{Plan, Planned};
use super::error::Error;
use super::known_records::KnownRecords;
use super::write::Write;
use super::{Store, record};
use domain::change::Operation;
use domain::check::{Code, Path};
use domain::date::Date;
use domain::record::RecordId;
use domain::viewer::Editor;
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::sea_query::{Condition, ExprTrait};

impl Store {
    /// Adds a verification to the log: the record was correct on a day.
    ///
    /// # Errors
    /// [`Error::Refused`] if the record is not current.
    pub fn verify<'a>(
        &'a self,
        editor: &'a Editor,
        id: &'a RecordId,
        on: Date,
        note: Option<String>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        let work = async move |tx: &Write| {
            let mut known_records = KnownRecords::default();
            known_records
                .load_ids(tx, std::iter::once(id.clone()))
                .await?;
            if !known_records.current.contains_key(id) {
                let rows = record::rows(tx, id.kind(), |column| {
                    Condition::all().add(column("id").eq(id.clone()))
                });
                let message = if rows.await?.is_empty() {
                    format!("{id} does not exist: expected the `recordId` of a current record")
                } else {
                    format!("{id} is retired: expected the `recordId` of a current record")
                };
                let at = Path::default().then("id");
                return Err(at.finding(Code::NotFound, message).into());
            }
            let verified = Planned {
                reason: note,
                verified_on: Some(on),
                ..Planned::line(Operation::Verify, id.clone(), known_records.country(id))
            };
            let plan = Plan {
                changes: vec![verified],
                ..Plan::default()
            };
            plan.carry_out(tx, editor.actor(), None, self.clock().now())
                .await?;
            Ok(())
        };
        self.write(work).boxed()
    }
}
