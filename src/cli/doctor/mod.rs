//! The command `doctor`: checks the surroundings of the server, and prints one line for each check. It changes nothing.

use super::output::{Failure, print};
use super::serve;
use crate::config::Config;
use crate::store::examine::examine;

mod clock;
mod database;
mod disk;
mod finding;
mod locks;
mod nats;
mod network;
mod oidc;
mod replica;
mod webhooks;

use finding::{Finding, Level};

/// Runs all checks.
///
/// # Errors
/// The number of faults.
pub(super) async fn doctor(config: &Config) -> Result<(), Failure> {
    let mut faults = 0;
    let mut tell = |findings: Vec<Finding>| -> Result<(), Failure> {
        for finding in findings {
            if finding.level == Level::Fault {
                faults += 1;
            }
            print(&format!("{finding}\n"))?;
        }
        Ok(())
    };
    tell(vec![settings(config)])?;
    let examined = examine(config.database_url.expose()).await;
    let is_served = match &examined {
        Ok(examined) => {
            tell(database::check(examined))?;
            tell(locks::check(examined))?;
            tell(clock::check(examined))?;
            locks::is_served(examined)
        }
        Err(error) => {
            let advice = "correct --database-url";
            tell(vec![Finding::fault("database", error.to_string(), advice)])?;
            false
        }
    };
    tell(replica::check(config).await)?;
    tell(disk::check(examined.ok().as_ref()))?;
    tell(network::check(config, is_served).await)?;
    tell(nats::check(config).await)?;
    tell(oidc::check(config).await)?;
    tell(webhooks::check(config))?;
    if faults == 0 {
        return Ok(());
    }
    let noun = if faults == 1 { "fault" } else { "faults" };
    Err(Failure(vec![format!("{faults} {noun} found")]))
}

/// Checks the settings that the server checks at its start.
fn settings(config: &Config) -> Finding {
    match serve::trusted_documents(config) {
        Ok(_) => Finding::ok("settings", "they fit each other"),
        Err(message) => Finding::fault("settings", message, "correct the setting"),
    }
}
