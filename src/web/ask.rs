//! Execution of the documents of pages.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::refused::Refused;

/// The response to a document.
pub struct Reply {
    /// The GraphQL response as JSON, with the member `data`.
    pub body: Bytes,
}

/// Executes documents for the reader of a page, with the reader's rights and quota.
pub trait Ask: Send {
    /// Executes a query, or a mutation if the page was posted.
    ///
    /// # Errors
    /// [`Refused`] if nothing was executed.
    fn ask<'a>(
        &'a mut self,
        document: &'a str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Reply, Refused>>;

    /// Executes an operation that the reader wrote, under the limits on requests of programs.
    ///
    /// # Errors
    /// [`Refused`] if the quota is used up or the database is away; other refusals are in the response.
    fn ask_as_client<'a>(
        &'a mut self,
        document: &'a str,
        name: Option<&'a str>,
        variables: Value,
    ) -> BoxFuture<'a, Result<Reply, Refused>>;
}
