//! Finds rows that no line of the log explains, and faults of the database file.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::entity;
use super::verify::{MAX_FAULTS, unless_away};
use crate::Store;
use crate::error::Error;
use crate::moment::column;
use crate::record::of_kind;
use crate::{backend, change, citation, reference_index};
use domain::record::Kind;

impl Store {
    /// Rows of records and citations that no line of the log explains.
    pub(super) async fn rows_of_no_line(&self) -> Result<Vec<String>, Error> {
        let mut faults = Vec::new();
        for kind in Kind::all() {
            faults.extend(of_kind!(kind, E => self.stray_rows::<E>("id").await?));
        }
        faults.extend(self.stray_rows::<citation::Entity>("record").await?);
        faults.extend(self.stray_rows::<reference_index::Entity>("record").await?);
        faults.extend(self.unnumbered_citations().await?);
        faults.extend(self.rows_without_line::<change::CountryEntity>().await?);
        faults.extend(self.rows_without_line::<entity::Entity>().await?);
        Ok(faults)
    }

    /// Rows of a table of lines whose line is not in the log.
    async fn rows_without_line<E>(&self) -> Result<Option<String>, Error>
    where
        E: EntityTrait<Model: Sync>,
    {
        let line = Query::select()
            .expr(Expr::val(1))
            .from(change::Entity)
            .and_where(column::<change::Entity>("sequence").eq(column::<E>("sequence")))
            .to_owned();
        let rows = E::find().filter(Expr::exists(line).not());
        let rows = unless_away(rows.count(self.reader()).await.map_err(Error::from))?;
        let table = E::default();
        let table = table.unquoted();
        Ok(match rows {
            Some(0) => None,
            Some(rows) => Some(format!("the table {table} has {rows} rows of no line")),
            None => Some(format!("the table {table} cannot be read")),
        })
    }

    /// Faults that the database system itself finds in its file.
    pub(super) async fn faults_of_file(&self) -> Result<Vec<String>, Error> {
        let found = backend::check_file(self.connection()).await;
        let Some(found) = unless_away(found.map_err(Error::from))? else {
            return Ok(vec!["the database file cannot be checked".to_owned()]);
        };
        let faults = found
            .into_iter()
            .map(|fault| format!("the database file: {fault}"));
        Ok(faults.collect())
    }

    /// Citations whose positions within their change are not counted from 0 without gaps.
    async fn unnumbered_citations(&self) -> Result<Vec<String>, Error> {
        let of = |name: &str| column::<citation::Entity>(name);
        let other = |name: &'static str| Expr::col(("other", name));
        let before = Query::select()
            .expr(Expr::val(1))
            .from_as(citation::Entity, "other")
            .and_where(other("record").eq(of("record")))
            .and_where(other("since").eq(of("since")))
            .and_where(other("position").eq(of("position").sub(1)))
            .to_owned();
        let rows = citation::Entity::find()
            .filter(of("position").ne(0))
            .filter(Expr::exists(before).not())
            .limit(u64::try_from(MAX_FAULTS).ok())
            .all(self.reader())
            .await;
        let rows = unless_away(rows.map_err(Error::from))?.unwrap_or_default();
        let unnumbered = rows.into_iter().map(|row| {
            format!(
                "the citations of {} since line {} have no position {}",
                row.record,
                row.since,
                row.position.saturating_sub(1)
            )
        });
        Ok(unnumbered.collect())
    }

    /// Rows of a table that begin or end with a line that is not in the log or concerns another record.
    async fn stray_rows<E: EntityTrait>(&self, id: &str) -> Result<Vec<String>, Error> {
        let unexplained = |bound: &str| {
            let line = Query::select()
                .expr(Expr::val(1))
                .from(change::Entity)
                .and_where(column::<change::Entity>("sequence").eq(column::<E>(bound)))
                .and_where(column::<change::Entity>("record").eq(column::<E>(id)))
                .to_owned();
            column::<E>(bound)
                .is_not_null()
                .and(Expr::exists(line).not())
        };
        let select = E::find()
            .select_only()
            .column_as(column::<E>(id), "id")
            .column_as(column::<E>("since"), "since")
            .filter(
                Condition::any()
                    .add(unexplained("since"))
                    .add(unexplained("until")),
            )
            .limit(u64::try_from(MAX_FAULTS).ok())
            .into_tuple::<(String, i64)>();
        let Some(rows) = unless_away(select.all(self.reader()).await.map_err(Error::from))? else {
            let table = E::default();
            return Ok(vec![format!(
                "rows of the table {} cannot be read",
                table.unquoted()
            )]);
        };
        let table = E::default();
        let stray = rows.into_iter().map(|(id, since)| {
            format!(
                "the table {} has a row of {id} since line {since} that the log does not explain",
                table.unquoted()
            )
        });
        Ok(stray.collect())
    }
}
