//! Importing and exporting data files in a test.

use cyberprofiles::store::Error;
use cyberprofiles::store::import::ImportProgress;

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
        let mut imported = Imported::default();
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        let mut report = |progress| match progress {
            ImportProgress::Lines(_) => {}
            ImportProgress::Differing(one) => {
                imported.differing.push((one.line.clone(), one.to_string()));
            }
            ImportProgress::Warning(message) => imported.warnings.push(message),
        };
        let report = self.store.import(lines, update, &mut report).await?;
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
