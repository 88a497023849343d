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
    /// It lies after the newest change.
    Future,
}

/// Writes and reads cursors. A cursor contains the database, the sequence number, and a digest of both.
#[derive(Clone, Debug)]
pub struct Cursors {
    database: [u8; 8],
}

impl Cursors {
    /// The cursors of the database with this id.
    pub fn new(database: &str) -> Self {
        let mut short = [0; 8];
        let digest = Sha256::digest(database.as_bytes());
        short
            .iter_mut()
            .zip(digest)
            .for_each(|(byte, from)| *byte = from);
        Self { database: short }
    }

    /// Writes the cursor of a moment.
    pub fn write(&self, moment: Moment) -> String {
        let mut bytes = self.database.to_vec();
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
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| NoCursor::Malformed)?;
        let (body, digest) = bytes.split_at_checked(16).ok_or(NoCursor::Malformed)?;
        if !Sha256::digest(body).iter().take(4).eq(digest.iter()) {
            return Err(NoCursor::Malformed);
        }
        let (database, sequence) = body.split_at(8);
        if database != self.database {
            return Err(NoCursor::Foreign);
        }
        let sequence: [u8; 8] = sequence.try_into().map_err(|_| NoCursor::Malformed)?;
        let moment = Moment(i64::from_be_bytes(sequence));
        match moment.0 {
            0.. if moment <= newest => Ok(moment),
            0.. => Err(NoCursor::Future),
            _ => Err(NoCursor::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_accepted_only_by_the_database_that_wrote_it() {
        let cursors = Cursors::new("one");
        let text = cursors.write(Moment(7));
        assert_eq!(cursors.read(&text, Moment(7)), Ok(Moment(7)));
        assert_eq!(cursors.read(&text, Moment(6)), Err(NoCursor::Future));
        assert_eq!(
            Cursors::new("two").read(&text, Moment(9)),
            Err(NoCursor::Foreign)
        );
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
