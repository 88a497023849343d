//! Importing and exporting data files in a test.

use std::io;

use cyberprofiles::store::Error;
use cyberprofiles::store::import::{Files, ImportProgress};

use super::Api;

/// Result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub differing: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

impl Api {
    /// Imports a data file.
    pub async fn import(&self, text: &str, update: bool) -> Result<Imported, Error> {
        let mut lines = text.lines().map(|line| Ok(line.to_owned()));
        self.import_files(&Files::default(), &mut lines, update)
            .await
    }

    /// Imports several data files together, as `import --bundled` does.
    pub async fn import_files(
        &self,
        files: &Files,
        lines: &mut (dyn Iterator<Item = io::Result<String>> + Send),
        update: bool,
    ) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut report = |progress| match progress {
            ImportProgress::Lines(_) => {}
            ImportProgress::Differing(one) => {
                let said = one.to_string();
                imported.differing.push((one.place.to_string(), said));
            }
            ImportProgress::Warning(place, message) => {
                let place = place.map(|place| format!("{place}: "));
                imported.warnings.push(place.unwrap_or_default() + &message);
            }
        };
        let report = self
            .store
            .import_files(files, lines, update, &mut report)
            .await?;
        imported.created = report.created;
        imported.updated = report.updated;
        imported.unchanged = report.unchanged;
        Ok(imported)
    }

    /// Exports all current records as a data file.
    pub async fn export(&self) -> String {
        let moment = self.store.head().await.unwrap().moment;
        let mut text = String::new();
        let write = |line: &str| -> Result<(), Error> {
            text.push_str(line);
            text.push('\n');
            Ok(())
        };
        self.store.export(moment, write).await.unwrap();
        text
    }
}
