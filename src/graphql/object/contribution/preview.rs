//! The preview of a contribution: a snapshot whose fields read a store of their own.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, Data, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::FutureExt;

use crate::engine::batch::Batches;
use crate::engine::context::{IdForm, RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::rows::Rows;
use crate::object::snapshot::Snapshot;
use store::contribution::Model;
use store::{Head, Store};

/// The snapshot of a preview. All fields below it read its store, at its moment, by a loader of its own: so no row of the
/// preview is in the cache that requests share.
pub struct Preview {
    store: Store,
    head: Head,
}

impl Preview {
    /// The preview of a contribution; `None` if there is nothing to preview.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` within another preview; `UNAVAILABLE`, `INTERNAL`
    pub async fn of(ctx: &Context<'_>, row: &Model) -> Result<Option<Self>, Error> {
        if !row.is_open() || row.changes.is_empty() {
            return Ok(None);
        }
        if ctx.store().is_preview() {
            let message =
                "a preview cannot contain another preview: select `preview` outside of it";
            return Err(Error::bad("preview", message));
        }
        let store::preview::Preview { store, head } = ctx.store().preview(row).await?;
        Ok(Some(Self { store, head }))
    }

    fn view(&self) -> View {
        View {
            form: IdForm::Moment,
            ..View::of(&self.store, self.head)
        }
    }
}

impl OutputType for Preview {
    fn type_name() -> Cow<'static, str> {
        Snapshot::type_name()
    }

    fn qualified_type_name() -> String {
        Snapshot::qualified_type_name()
    }

    // `Query.at` adds the type to the schema. It has the fields of `Reads`, which lead here while they are being read.
    fn create_type_info(_: &mut Registry) -> String {
        Snapshot::qualified_type_name()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let view = self.view();
        let (loader, batches) = Batches::new(self.store.clone(), Rows::default());
        // This data comes before that of the request.
        let mut data = Data::default();
        data.insert(view);
        data.insert(loader);
        let mut within = ctx.clone();
        within.execute_data = Some(&data);
        let snapshot = Inline(Snapshot::new(view));
        batches.run(snapshot.resolve(&within, field)).boxed().await
    }
}
