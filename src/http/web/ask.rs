//! Execution of the documents of pages by the service.

use std::time::Instant;

use async_graphql::{Request, Variables};
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use web::{Ask, Refused, Reply};

use crate::graphql::{Balance, Caller, Outcome, Reached};
use crate::http::app::App;

/// A reader for whom documents are executed.
pub struct PageExecutor<'a> {
    app: &'a App,
    caller: Caller,
    may_mutate: bool,
    balance: Option<Balance>,
    /// The permit for one request, until the page is made.
    _permit: OwnedSemaphorePermit,
}

impl<'a> PageExecutor<'a> {
    /// Executes for a caller; mutations only if the page was posted.
    pub fn new(
        app: &'a App,
        caller: Caller,
        may_mutate: bool,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            app,
            caller,
            may_mutate,
            balance: None,
            _permit: permit,
        }
    }

    /// The quota of the reader after all documents.
    pub fn balance(&self) -> Option<Balance> {
        self.balance
    }
}

impl Ask for PageExecutor<'_> {
    fn ask<'a>(
        &'a mut self,
        document: &'a str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        let request = Request::new(document).variables(Variables::from_json(variables));
        self.execute(request, Author::Program)
    }

    fn ask_as_client<'a>(
        &'a mut self,
        document: &'a str,
        name: Option<&'a str>,
        variables: Value,
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        let mut request = Request::new(document).variables(Variables::from_json(variables));
        request.operation_name = name.map(str::to_owned);
        self.execute(request, Author::Reader)
    }
}

/// The author of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    /// This program: the limits on single requests do not apply.
    Program,
    /// The reader: all limits on requests of clients apply.
    Reader,
}

impl PageExecutor<'_> {
    fn execute(
        &mut self,
        request: Request,
        author: Author,
    ) -> BoxFuture<'_, Result<Reply, Refused>> {
        async move {
            let begun = Instant::now();
            let (service, caller) = (&self.app.service, self.caller.clone());
            let reply = match author {
                Author::Program => service.answer_own(request, caller, self.may_mutate).await,
                Author::Reader => service.answer(request, caller, self.may_mutate).await,
            };
            self.app.metrics.count(&reply, begun.elapsed());
            self.balance = match (self.balance, reply.balance) {
                (Some(before), Some(after)) => Some(before.and(after)),
                (before, after) => after.or(before),
            };
            match reply.outcome {
                Outcome::Limited(seconds) => Err(Refused::Limited(seconds)),
                Outcome::Unavailable if reply.reached == Reached::Nothing => Err(Refused::Away),
                _ => Ok(Reply { body: reply.body }),
            }
        }
        .boxed()
    }
}
