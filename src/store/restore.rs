//! Restores a backup into a database of either kind.

use futures_util::future::{BoxFuture, FutureExt};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::address::Address;
use super::backup::{Trailer, copied, verified};
use super::copy::{
    Blueprint, EmptyFile, Progress, Purpose, Source, replace_file, replace_tables, write_file,
};
use super::error::Error;
use super::{lineage, migrate, webhook};

/// The result of a restore.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The name of the database into which the backup was restored, without a password.
    pub target: String,
    /// The sequence number of the last change.
    pub sequence: i64,
    /// The number of webhooks that were suspended.
    pub suspended: u64,
}

/// The choices of a restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreOptions {
    /// True if a database with content is replaced; else it is refused.
    pub replaces: bool,
    /// True if webhooks stay as they are; else they are suspended, because the restored database may be a copy.
    pub keeps_webhooks: bool,
}

/// Restores a backup. The database gets a new id, because its log may go on in another way
/// than that of the database from which the backup was made.
///
/// # Errors
/// [`Error::Unusable`]; the database is unchanged then.
pub fn restore<'a>(
    url: &'a str,
    file: &'a Path,
    options: RestoreOptions,
    progress: Progress<'a>,
) -> BoxFuture<'a, Result<Restored, Error>> {
    async move {
        let address = Address::read(url)?;
        let (mut backup, trailer) = verified(file)?;
        let source = Source::of_file(file).await.map_err(|error| {
            // The trailer knows which version is needed.
            let (name, program) = (file.display(), &trailer.program);
            let own = env!("CARGO_PKG_VERSION");
            let message = format!(
                "cannot restore {name}: version {program} made it, and this is version {own}: {error}"
            );
            Error::Unusable(message)
        })?;
        let purpose = Purpose {
            name: "restore",
            replaces: options.replaces,
            advice: "Restore into another database, or add --replace: that deletes all that it contains",
        };
        let finish = async |tx: &sea_orm::DatabaseTransaction| {
            migrate::up_within(tx).await?;
            lineage::descend(tx).await?;
            if options.keeps_webhooks {
                return Ok(0);
            }
            webhook::suspend_restored(tx).await
        };
        let restored = match &address {
            Address::Embedded(embedded) => {
                let fill = async |file: EmptyFile<'_>| {
                    let copied = copy_pages(&mut backup, &trailer, file.path);
                    copied.map_err(|error| file.unwritten(&error))?;
                    write_file(file, 0, finish).await
                };
                replace_file(embedded, purpose, fill).await
            }
            Address::Shared(_) => {
                let blueprint = Blueprint::of(source.level()).await?;
                let fill = async |tx: &sea_orm::DatabaseTransaction| {
                    copied(&source, &blueprint, tx, progress).await?;
                    finish(tx).await
                };
                replace_tables(&address, purpose, source.level(), fill).await
            }
        };
        source.close().await;
        restored.map(|suspended| Restored {
            suspended,
            target: address.full_name(),
            sequence: trailer.sequence,
        })
    }
    .boxed()
}

/// Copies a backup without its trailer.
fn copy_pages(backup: &mut File, trailer: &Trailer, path: &Path) -> io::Result<()> {
    backup.seek(SeekFrom::Start(0))?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut backup.take(trailer.size), &mut file)?;
    Ok(())
}
