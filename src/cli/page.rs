//! The command `import --page`: a contribution from a profile page.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::Args;

use super::output::{Failure, STANDARD_STREAM, print};
use crate::domain::date::Date;
use crate::domain::text::CountryCode;
use crate::domain::url::Url;
use crate::domain::viewer::{Actor, Denied, Viewer};
use crate::store::contribution::{MAX_PAGE_BYTES, ProfilePage, page_report};
use crate::store::{self, Store};

/// The origin of a profile page.
#[derive(Args)]
pub(super) struct PageInput {
    /// Country of the page. A page of another country is refused. Example: `AZ`.
    #[arg(long, requires = "page")]
    country: Option<CountryCode>,
    /// Address of the page, as the source is to have it. Example: `https://www.coe.int/en/web/octopus/-/azerbaijan`.
    #[arg(long, requires = "page")]
    url: Option<Url>,
    /// Day on which the page was read, not in the future. Example: `2026-11-28`.
    #[arg(long, value_name = "DATE", requires = "page")]
    retrieved: Option<Date>,
}

/// Makes a contribution from the page in `file`, or shows what it would contain.
pub(super) async fn import_page(
    store: &Store,
    input: &PageInput,
    file: &Path,
    dry_run: bool,
) -> Result<(), Failure> {
    let Some(country) = &input.country else {
        return Ok(());
    };
    let name = file.display();
    let bytes = read(file);
    let bytes = bytes.map_err(|error| Failure(vec![format!("cannot read {name}: {error}")]))?;
    let today = store.clock().today();
    if input.retrieved.is_some_and(|day| day > today) {
        let message = format!("--retrieved: expected today, {today}, or an earlier day");
        return Err(Failure(vec![message]));
    }
    let author = Viewer::Identified(Actor::system()).contributor();
    let author =
        author.map_err(|_: Denied| Failure(vec!["the service cannot propose".to_owned()]))?;
    let page = ProfilePage {
        country: country.clone(),
        bytes,
        url: input.url.clone(),
        retrieved_on: input.retrieved,
        submit: true,
        validate_only: dry_run,
        once: None,
    };
    let imported = store.contributions().import_page(&author, page).await;
    let imported = imported.map_err(|error| match error {
        store::Error::Refused(found) => {
            let lines = found
                .into_iter()
                .map(|finding| format!("{name}: {}", finding.message));
            Failure(lines.collect())
        }
        error => error.into(),
    })?;
    print(&page_report(&imported.proposal))?;
    let result = match imported.contribution {
        _ if dry_run => "dry run: nothing was stored\n".to_owned(),
        None => "the page tells nothing new: no contribution was made\n".to_owned(),
        Some(row) if imported.is_known => {
            format!(
                "Contribution:{} proposes the same changes: no other was made\n",
                row.id
            )
        }
        Some(row) => format!("Contribution:{} waits for review\n", row.id),
    };
    print(&result)
}

/// Reads a file up to one byte more than a page may have.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_PAGE_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    if file.as_os_str() == STANDARD_STREAM {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
