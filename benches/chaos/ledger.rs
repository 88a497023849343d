//! The acknowledgements that the writers hold, and the faults found.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard};

/// The acknowledgements of one database.
#[derive(Default)]
pub struct Acknowledged {
    /// Contributions by the key under which they were acknowledged.
    pub created: HashMap<String, String>,
    /// Tips by the key under which they were acknowledged.
    pub sent: HashMap<String, String>,
    /// Contributions whose acceptance was acknowledged.
    pub accepted: HashSet<String>,
    /// Contributions that wait to be accepted.
    pub open: Vec<String>,
    /// By record: the number of verifications that were acknowledged, and of those without a response.
    pub verified: HashMap<String, (usize, usize)>,
    /// Writes acknowledged since they were last looked up after a kill.
    pub unproven: Vec<String>,
}

#[derive(Default)]
pub struct Ledger {
    known: Mutex<Acknowledged>,
    counts: Mutex<BTreeMap<String, usize>>,
    wrong: Mutex<Vec<String>>,
}

impl Ledger {
    /// Forgets the acknowledgements: a new database begins.
    pub fn begin(&self) {
        *self.known() = Acknowledged::default();
    }

    pub fn known(&self) -> MutexGuard<'_, Acknowledged> {
        self.known.lock().unwrap()
    }

    pub fn count(&self, what: &str) {
        *self
            .counts
            .lock()
            .unwrap()
            .entry(what.to_owned())
            .or_default() += 1;
    }

    pub fn wrong(&self, what: impl Into<String>) {
        let what = what.into();
        println!("WRONG: {what}");
        self.wrong.lock().unwrap().push(what);
    }

    pub fn is_right(&self) -> bool {
        self.wrong.lock().unwrap().is_empty()
    }

    /// Number of acknowledged writes of each writer: creates, tips, accepts, verifies.
    pub fn acknowledged(&self) -> [usize; 4] {
        let counts = self.counts.lock().unwrap();
        let of = |who: &str| counts.get(&format!("{who}: done")).copied();
        ["creates", "tips", "accepts", "verifies"].map(|who| of(who).unwrap_or_default())
    }

    /// All counts in one line.
    pub fn line(&self) -> String {
        let counts = self.counts.lock().unwrap();
        let counts: Vec<String> = counts
            .iter()
            .map(|(what, n)| format!("{what} {n}"))
            .collect();
        counts.join(", ")
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &*self.counts.lock().unwrap() {
            writeln!(f, "{count:>10}  {what}")?;
        }
        let wrong = self.wrong.lock().unwrap();
        writeln!(f, "{:>10}  WRONG", wrong.len())?;
        for what in wrong.iter().take(20) {
            writeln!(f, "            {what}")?;
        }
        Ok(())
    }
}
