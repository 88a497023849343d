//! Tips: messages to the editors from readers without an account.

use super::activity::Taken;
use super::entity::Model;
use super::handle::Contributions;
use super::write::{empty, existing, insert};
use crate::error::Error;
use crate::idempotency;
use crate::write::Write;
use domain::check::{Checked, Code, Path};
use domain::contribution::{Audience, State, Step, Tip};
use domain::record::Kind;
use domain::value_type::List;
use domain::viewer::Viewer;
use futures_util::future::{BoxFuture, FutureExt};

/// The title of a tip until an editor gives it another.
fn tip_title(country: &str) -> String {
    format!("Tip about {country}")
}

impl Contributions<'_> {
    /// Stores a tip.
    ///
    /// # Errors
    /// [`Error::Refused`] if the country does not exist.
    pub fn tip<'a>(
        &'a self,
        reader: &'a Viewer,
        tip: Checked<Tip>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let tip = tip.into_inner();
            let scope = reader.actor().map(|actor| actor.id.as_str());
            let scope = scope.unwrap_or_default();
            let now = self.store.clock().now();
            if let Some(id) = idempotency::seen(tx, scope, tip.once.as_ref(), now).await? {
                let row = existing(tx, &id).await?;
                return Ok(if row.is_visible_to(reader) {
                    row
                } else {
                    row.sent()
                });
            }
            let code = tip.country.to_string();
            if !tx.is_current(Kind::Country, &code).await? {
                let at = Path::default().then("country");
                let message = format!(
                    "there is no Country {code}: expected the `code` of one of `countries`"
                );
                return Err(at.finding(Code::NotFound, message).into());
            }
            let row = Model {
                is_tip: true,
                message: Some(tip.message),
                link: tip.link,
                contact: tip.contact,
                title: tip_title(&code),
                rationale: String::new(),
                state: State::Submitted,
                submitted_at: Some(now),
                audience: Audience::Editors,
                subjects: List(vec![code]),
                ..empty(reader.actor(), now)
            };
            let sent = Taken {
                step: Step::Submit,
                actor: reader.actor(),
                comment: None,
            };
            let row = insert(tx, row, [sent]).await?;
            idempotency::store_key(tx, scope, tip.once, &row.id, now).await?;
            Ok(row)
        };
        self.store.write(work).boxed()
    }
}

impl Model {
    /// Reduces a tip to what its sender wrote, for a repeated request of somebody who may not see the tip.
    fn sent(mut self) -> Self {
        self.title = tip_title(&self.subjects.join(", "));
        self.revision = 1;
        self.state = State::Submitted;
        self.rationale.clear();
        self.authors.0.clear();
        self.reviewer = None;
        self.updated_at = self.created_at;
        self.decided_at = None;
        self.decision = None;
        self
    }
}
