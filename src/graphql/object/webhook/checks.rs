//! Checks of what an owner sends: the address, the document, and the position.

use async_graphql::Context;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::log_cursor::moment;
use crate::engine::webhook::{DocumentFault, WebhookChecks};
use domain::check::{Code, Finding, Path};
use domain::scalar::Cursor;
use domain::text::Raw;
use domain::url::Url;
use store::moment::Moment;

/// Longest document of a webhook, in bytes.
const MAX_DOCUMENT: usize = 20_000;

pub(super) async fn read_url(
    ctx: &Context<'_>,
    url: &Raw<Url>,
    found: &mut Vec<Finding>,
) -> Result<Option<Url>, Error> {
    let at = Path::default().then("url");
    let url = match url.read() {
        Ok(url) => url,
        Err(error) => {
            found.push(at.finding(Code::Invalid, error.to_string()));
            return Ok(None);
        }
    };
    match checks(ctx)?.0.targets().check(&url.to_string()).await {
        Ok(()) => Ok(Some(url)),
        Err(refused) => {
            let message = format!("nothing can be posted to this address: {refused}");
            found.push(at.finding(Code::Invalid, message));
            Ok(None)
        }
    }
}

pub(super) async fn check_document(
    ctx: &Context<'_>,
    document: &str,
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let at = Path::default().then("document");
    if document.len() > MAX_DOCUMENT {
        let message = format!(
            "has {} bytes: expected at most {MAX_DOCUMENT}",
            document.len()
        );
        found.push(at.finding(Code::Invalid, message));
        return Ok(());
    }
    if document.contains('\0') {
        found.push(at.finding(
            Code::Invalid,
            "contains the character U+0000: expected the text of a GraphQL document",
        ));
        return Ok(());
    }
    let checked = checks(ctx)?.0.check_document(document, ctx.viewer());
    match checked.await {
        Ok(()) => Ok(()),
        Err(DocumentFault::Failed(error)) => Err(error),
        Err(DocumentFault::Refused(faults)) => {
            let faults = faults.into_iter();
            found.extend(faults.map(|message| at.finding(Code::Invalid, message)));
            Ok(())
        }
    }
}

pub(super) async fn read_after(
    ctx: &Context<'_>,
    after: Option<&Raw<Cursor>>,
    found: &mut Vec<Finding>,
) -> Result<Option<Moment>, Error> {
    let Some(after) = after else { return Ok(None) };
    let newest = View::now(ctx.store()).await?.moment;
    match moment(ctx, "after", after.text(), newest).await {
        Ok(moment) => Ok(Some(moment)),
        Err(Error::BadInput(_, message)) => {
            let at = Path::default().then("after");
            found.push(at.finding(Code::Invalid, message));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The checks of the service. Only a mutation that the service executes has them.
fn checks<'a>(ctx: &'a Context<'_>) -> Result<&'a WebhookChecks, Error> {
    ctx.data_opt().ok_or(Error::Internal)
}
