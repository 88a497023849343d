//! Execution of one document in a view: at once from memory, or field by field.

use std::sync::Arc;

use async_graphql::context::Data;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value};
use futures_util::future::{BoxFuture, FutureExt};

use super::{COST, Origin, Service, server};
use crate::document::Document;
use crate::engine::batch::Batches;
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::error::failed;
use crate::engine::loader::RequestLoader;
use crate::engine::meter::Meter;
use crate::engine::quota::Balance;
use crate::schema::Query;
use crate::service::response::{Answered, Written, coded};

impl Service {
    /// Executes a query in a view, or a mutation in the newest view. It is boxed, so that the callers are not compiled
    /// with it and the path of a cached answer stays small.
    pub(super) fn execute<'a>(
        &'a self,
        origin: Origin,
        document: Document,
        caller: Caller,
        view: Option<View>,
        tells_cost: bool,
        balance: &'a mut Option<Balance>,
    ) -> BoxFuture<'a, Result<Executed, Vec<ServerError>>> {
        async move {
            let estimated = self.charge(origin, &document, &caller, balance)?;
            let view = match view {
                Some(view) => view,
                None => self.view().await?,
            };
            self.in_time(self.0.rows.reach(&self.0.store, view.moment))
                .await?;
            let estimated = Estimated {
                cost: estimated,
                is_told: tells_cost,
            };
            if document.operation == OperationType::Query {
                return self
                    .resolve(origin, &document, caller, view, estimated)
                    .await;
            }
            let (mut request, loader, batches) = self.prepare(document.request(), caller, view);
            request = request.data(self.webhook_checks());
            if origin == Origin::Program {
                // Data of the request comes before that of the schema.
                request = request.data(self.limits_of(origin).clone());
            }
            let answer = batches.run(self.0.schema.execute(request));
            let response = coded(self.in_time(answer).await?);
            Ok(Executed {
                answer: estimated.told(response),
                is_personal: loader.personal().is_noted(),
            })
        }
        .boxed()
    }

    /// Resolves a query in a view: at once if all rows that it needs are in memory, otherwise field by field.
    async fn resolve(
        &self,
        origin: Origin,
        document: &Document,
        caller: Caller,
        view: View,
        estimated: Estimated,
    ) -> Result<Executed, Vec<ServerError>> {
        let most = self.max_cost(origin, &caller);
        let meter = Meter::new(most);
        let rows = self.0.rows.at(view.moment);
        let (loader, batches) = Batches::new(self.0.store.clone(), rows);
        let mut data = Data::default();
        data.insert(view);
        data.insert(loader.clone());
        data.insert(caller);
        data.insert(meter.clone());
        if origin == Origin::Program {
            // Data of the request comes before that of the schema.
            data.insert(self.limits_of(origin).clone());
        }
        let data = Arc::new(data);
        let selections = document.selections();
        let environment = &self.0.environment;
        let written = environment.at_once(&Query, &selections, &data, Written::BEGIN, most);
        let answer = if let Some((json, cost)) = written {
            Answered::Written(Written::new(json, estimated.extension(cost)))
        } else {
            meter.restart();
            let answer = batches.run(environment.resolve(&Query, &selections, &data));
            let response = coded(self.in_time(answer).await?);
            if let Some(error) = meter.exceeded() {
                return Err(vec![error]);
            }
            estimated.told(response)
        };
        Ok(Executed {
            answer,
            is_personal: loader.personal().is_noted(),
        })
    }

    /// The view "now" for mutations and subscriptions, read from the database.
    pub(super) async fn view(&self) -> Result<View, ServerError> {
        let store = &self.0.store;
        let head = self.in_time(store.head()).await?;
        Ok(View::of(store, head.map_err(|error| server(error.into()))?))
    }

    /// Limits the duration of one part of a request. Work that takes longer is dropped.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, ServerError> {
        let limit = self.limits().request_timeout();
        let done = tokio::time::timeout(limit, work).await;
        done.map_err(|_| {
            let message = format!("the request took longer than {} ms", limit.as_millis());
            failed("TIMEOUT", message)
        })
    }

    /// Binds a request to a view, and gives it a loader.
    pub(super) fn prepare(
        &self,
        request: Request,
        caller: Caller,
        view: View,
    ) -> (Request, RequestLoader, Batches) {
        let rows = self.0.rows.at(view.moment);
        let (loader, batches) = Batches::new(self.0.store.clone(), rows);
        let request = request.data(view).data(loader.clone()).data(caller);
        (request, loader, batches)
    }
}

/// The result of an execution.
pub(super) struct Executed {
    pub answer: Answered,
    /// True if a resolver read the viewer, or data that changes without the change log.
    pub is_personal: bool,
}

/// The cost of a request as it was estimated.
#[derive(Clone, Copy)]
struct Estimated {
    cost: usize,
    /// True if the response contains it.
    is_told: bool,
}

impl Estimated {
    /// The cost, for the response; `None` if the response does not contain it.
    fn extension(self, actual: usize) -> Option<serde_json::Value> {
        self.is_told
            .then(|| serde_json::json!({ "estimated": self.cost, "actual": actual }))
    }

    /// The response with what it tells of the cost.
    fn told(self, response: Response) -> Answered {
        let cost = self.extension(fields(&response.data));
        Answered::Resolved(match cost {
            Some(cost) => response.extension(COST, Value::from_json(cost).unwrap_or_default()),
            None => response,
        })
    }
}

/// Number of fields in an answer.
fn fields(data: &Value) -> usize {
    match data {
        Value::Object(members) => members
            .values()
            .map(|member| fields(member).saturating_add(1))
            .sum(),
        Value::List(elements) => elements.iter().map(fields).sum(),
        _ => 0,
    }
}
