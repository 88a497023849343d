//! Moments: positions in the change log. A request reads at one moment, so its answer shows one state of the data.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::EntityTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sha2::{Digest, Sha256};

use domain::date::Date;

/// The position just after the change with this sequence number; 0 is before the first change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// Condition for the rows of a versioned table that are valid at this moment.
    pub fn filter<E: EntityTrait>(self) -> Condition {
        Self::span::<E>(self, self)
    }

    /// Condition for the rows of a versioned table that are valid at any moment from `first` to `last`.
    pub fn span<E: EntityTrait>(first: Self, last: Self) -> Condition {
        let until = column::<E>("until");
        Condition::all()
            .add(column::<E>("since").lte(last.0))
            .add(until.clone().is_null().or(until.gt(first.0)))
    }

    /// Condition for the current rows of a versioned table.
    pub fn current<E: EntityTrait>() -> Condition {
        Condition::all().add(column::<E>("until").is_null())
    }

    /// True if a row with these bounds is valid at this moment.
    pub fn holds(self, since: i64, until: Option<i64>) -> bool {
        since <= self.0 && until.is_none_or(|until| until > self.0)
    }
}

/// A view: the moment up to which changes are known, and the day in the world for which answers are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    /// The moment.
    pub moment: Moment,
    /// The as-of date.
    pub as_of: Date,
}

/// A column of an entity, by name.
pub fn column<E: EntityTrait>(name: &str) -> Expr {
    Expr::col((
        sea_orm::sea_query::Alias::new(E::default().unquoted().to_owned()),
        sea_orm::sea_query::Alias::new(name),
    ))
}

/// The reason why a text is not a cursor of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCursor {
    /// No service of this kind wrote it.
    Malformed,
    /// Another database wrote it.
    Foreign,
    /// The database from which this one was restored wrote it, for a change that is not in the backup.
    Lost,
    /// It lies after the newest change.
    Future,
    /// It names a preview, which only one answer contains.
    Preview,
}

impl NoCursor {
    /// True if the text is a cursor, and this database does not know it: its client must begin again.
    pub fn is_unknown(self) -> bool {
        !matches!(self, Self::Malformed | Self::Preview)
    }

    /// The sentence for the client: the fault, what to do, and the oldest and the newest cursor.
    pub fn explain(self, cursors: &Cursors, newest: Moment) -> String {
        let fault = match self {
            Self::Malformed => "this is not a cursor of the change log",
            Self::Foreign => "this is a cursor of another database",
            Self::Lost => {
                "this cursor is of the database from which this one was restored, and after the backup"
            }
            Self::Future => "this cursor is after the newest change",
            Self::Preview => {
                "this cursor is of a preview, which is not stored: select `Contribution.preview` again"
            }
        };
        let advice = if self.is_unknown() {
            ": begin again from an export, and follow the changes after its cursor"
        } else {
            ""
        };
        let (oldest, newest) = (cursors.write(Moment(0)), cursors.write(newest));
        format!("{fault}{advice}; cursors go from {oldest} to {newest}")
    }
}

/// Writes and reads cursors. A cursor contains the database, the sequence number, and a digest of both.
#[derive(Clone, Debug)]
pub struct Cursors {
    database: [u8; 8],
    /// The databases whose cursors are also valid, each up to a moment, the first one first.
    ancestors: Vec<([u8; 8], Moment)>,
    /// For a preview: the end of the log on which it is based, and its name. Later moments are written with the name.
    preview: Option<(Moment, String)>,
}

/// The beginning of the cursors of previews. The dot is in no other cursor.
const PREVIEW: &str = "preview.";

impl Cursors {
    /// The cursors of the database with this id. Those of its ancestors are valid up to the last common moment.
    pub fn new(database: &str, ancestors: &[(String, Moment)]) -> Self {
        let ancestors = ancestors.iter();
        Self {
            database: shortened(database),
            ancestors: ancestors
                .map(|(database, last)| (shortened(database), *last))
                .collect(),
            preview: None,
        }
    }

    /// The same cursors, and for the moments after `base` those of a preview.
    #[must_use]
    pub fn with_preview(&self, base: Moment, name: String) -> Self {
        Self {
            preview: Some((base, name)),
            ..self.clone()
        }
    }

    /// Writes the cursor of a moment. A moment that the database has from an ancestor keeps the cursor that it had there,
    /// and with it everything that is named by the cursor: permalinks, entries of feeds, ids of webhook messages.
    /// The cursor of a moment of a preview is read by that preview alone.
    pub fn write(&self, moment: Moment) -> String {
        if let Some((base, name)) = self.preview.as_ref().filter(|(base, _)| *base < moment) {
            return format!("{PREVIEW}{name}.{}", moment.0.saturating_sub(base.0));
        }
        let mut ancestors = self.ancestors.iter();
        let origin = ancestors.find(|(_, last_common)| moment <= *last_common);
        let mut bytes = origin
            .map_or(self.database, |(database, _)| *database)
            .to_vec();
        bytes.extend(moment.0.to_be_bytes());
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest.iter().take(4));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the moment of a cursor. It must not lie after `newest`.
    ///
    /// # Errors
    /// [`NoCursor`]
    pub fn read(&self, text: &str, newest: Moment) -> Result<Moment, NoCursor> {
        if text.starts_with(PREVIEW) {
            return self.read_preview(text, newest);
        }
        // In a preview, later changes of the log are unknown.
        let base = self.preview.as_ref().map(|(base, _)| *base);
        let newest = base.map_or(newest, |base| newest.min(base));
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| NoCursor::Malformed)?;
        let (body, digest) = bytes.split_at_checked(16).ok_or(NoCursor::Malformed)?;
        if !Sha256::digest(body).iter().take(4).eq(digest.iter()) {
            return Err(NoCursor::Malformed);
        }
        let (database, sequence) = body.split_at(8);
        let (last, beyond) = if database == self.database {
            (newest, NoCursor::Future)
        } else {
            let mut ancestors = self.ancestors.iter();
            let found = ancestors.find(|(ancestor, _)| database == ancestor);
            let (_, last_common) = found.ok_or(NoCursor::Foreign)?;
            (*last_common, NoCursor::Lost)
        };
        let sequence: [u8; 8] = sequence.try_into().map_err(|_| NoCursor::Malformed)?;
        let moment = Moment(i64::from_be_bytes(sequence));
        match moment.0 {
            0.. if moment <= last => Ok(moment),
            0.. => Err(beyond),
            _ => Err(NoCursor::Malformed),
        }
    }
}

impl Cursors {
    fn read_preview(&self, text: &str, newest: Moment) -> Result<Moment, NoCursor> {
        let (base, _) = self.preview.as_ref().ok_or(NoCursor::Preview)?;
        let steps = text
            .rsplit_once('.')
            .and_then(|(_, steps)| steps.parse().ok());
        let moment = Moment(base.0.saturating_add(steps.ok_or(NoCursor::Preview)?));
        if *base < moment && moment <= newest && self.write(moment) == text {
            Ok(moment)
        } else {
            Err(NoCursor::Preview)
        }
    }
}

/// The part of the digest of a database's id that its cursors contain.
fn shortened(database: &str) -> [u8; 8] {
    let mut short = [0; 8];
    let digest = Sha256::digest(database.as_bytes());
    short
        .iter_mut()
        .zip(digest)
        .for_each(|(byte, from)| *byte = from);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_accepted_only_by_the_database_that_wrote_it() {
        let cursors = Cursors::new("one", &[]);
        let text = cursors.write(Moment(7));
        assert_eq!(cursors.read(&text, Moment(7)), Ok(Moment(7)));
        assert_eq!(cursors.read(&text, Moment(6)), Err(NoCursor::Future));
        assert_eq!(
            Cursors::new("two", &[]).read(&text, Moment(9)),
            Err(NoCursor::Foreign)
        );
        let restored = Cursors::new("two", &[("one".to_owned(), Moment(7))]);
        assert_eq!(restored.read(&text, Moment(7)), Ok(Moment(7)));
        assert_eq!(restored.write(Moment(7)), text);
        assert_ne!(restored.write(Moment(8)), cursors.write(Moment(8)));
        let again = [("one".to_owned(), Moment(7)), ("two".to_owned(), Moment(9))];
        let again = Cursors::new("three", &again);
        assert_eq!(again.write(Moment(7)), text);
        assert_eq!(again.write(Moment(8)), restored.write(Moment(8)));
        let later = cursors.write(Moment(8));
        assert_eq!(restored.read(&later, Moment(9)), Err(NoCursor::Lost));
        for bad in [
            "",
            "7",
            "AAAA",
            text.trim_start_matches(|letter| text.starts_with(letter)),
            &format!("{text}A"),
            &text.replace('A', "B"),
        ] {
            assert_eq!(
                cursors.read(bad, Moment(9)),
                Err(NoCursor::Malformed),
                "{bad}"
            );
        }
    }
}
