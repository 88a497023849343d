//! Judging a document before anything of it is executed: whether it is valid, and what it costs.

use std::sync::{Arc, OnceLock};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{Request, Schema, ServerError, ValidationResult};

use super::contribution::Mutation;
use super::limits::{Limits, size};
use super::{Following, Profiles, Query};

/// Validates, and executes nothing. What executes need not validate again, and has no extension, which would
/// cost each field.
pub struct Gauge(Profiles);

impl Gauge {
    /// Judges within limits.
    pub fn new(limits: &Limits) -> Self {
        Self(
            Schema::build(Query, Mutation, Following)
                .disable_suggestions()
                .limit_recursive_depth(size(limits.max_nesting))
                .extension(Judges)
                .finish(),
        )
    }

    /// What a request costs: one for each field, times the size of each page it is on.
    ///
    /// # Errors
    /// What is wrong with the document, or its variables.
    pub async fn cost(&self, request: Request) -> Result<usize, Vec<ServerError>> {
        let cost = Cost::default();
        let response = self.0.execute(request.data(cost.clone())).await;
        cost.0.get().copied().ok_or_else(|| told(response.errors))
    }
}

/// How many errors of one document are told: who mends those sees the others.
const TOLD: usize = 20;
/// How much is told of each, in characters: they repeat what is wrong.
const LONGEST: usize = 500;

/// What is told of the errors of a document.
fn told(mut errors: Vec<ServerError>) -> Vec<ServerError> {
    errors.truncate(TOLD);
    for error in &mut errors {
        if let Some((end, _)) = error.message.char_indices().nth(LONGEST) {
            error.message.truncate(end);
            error.message.push('…');
        }
    }
    errors
}

/// Where the cost is told.
#[derive(Clone, Default)]
struct Cost(Arc<OnceLock<usize>>);

struct Judges;

impl ExtensionFactory for Judges {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Judges {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let Some(cost) = ctx.data_opt::<Cost>() {
            cost.0.get_or_init(|| result.complexity);
        }
        // It ends here.
        Err(Vec::new())
    }
}
