//! Who asks, and what they may do. A right is a value: code that needs one cannot run without it.

use std::fmt::{self, Display};

use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::value_type::words;

words! {
    /// What somebody may do; each role may do what those before it may.
    Role {
        /// Reads and follows.
        Anonymous,
        /// Proposes contributions.
        Contributor,
        /// Reviews and accepts the contributions of others.
        Editor,
        /// Manages tokens and imports.
        Admin,
        /// The program itself: imports and what time alone changes.
        System,
    }
}

impl Role {
    /// The role with a name that a person can have.
    pub fn of_person(name: &str) -> Option<Self> {
        [Self::Contributor, Self::Editor, Self::Admin]
            .into_iter()
            .find(|role| role.to_string().eq_ignore_ascii_case(name))
    }
}

impl Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_value())
    }
}

/// Somebody who acts: a person or the program.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sea_orm::FromJsonQueryResult,
)]
pub struct Actor {
    /// Stays the same for one person, whatever token they use.
    pub id: String,
    /// What to call them.
    pub name: String,
    /// What they might do when they acted.
    pub role: Role,
}

impl Actor {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            id: "system".to_owned(),
            name: "cyberprofiles".to_owned(),
            role: Role::System,
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Nobody known.
    Anonymous,
    /// The bearer of a token.
    Known(Actor),
}

/// Why a right cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in.
    Unauthenticated,
    /// Who is signed in has too little right; this role would do.
    Forbidden(Role),
}

impl Viewer {
    /// Who it is, where known.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Anonymous => None,
            Self::Known(actor) => Some(actor),
        }
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.actor().map_or(Role::Anonymous, |actor| actor.role)
    }

    /// Shows the right to propose.
    ///
    /// # Errors
    /// [`Denied`]
    pub fn contributor(&self) -> Result<Contributor, Denied> {
        self.at_least(Role::Contributor).map(Contributor)
    }

    /// Shows the right to decide on the contributions of others.
    ///
    /// # Errors
    /// [`Denied`]
    pub fn editor(&self) -> Result<Editor, Denied> {
        self.at_least(Role::Editor).map(Editor)
    }

    fn at_least(&self, role: Role) -> Result<Actor, Denied> {
        match self {
            Self::Anonymous => Err(Denied::Unauthenticated),
            Self::Known(actor) if actor.role >= role => Ok(actor.clone()),
            Self::Known(_) => Err(Denied::Forbidden(role)),
        }
    }
}

/// The right to propose contributions and to edit and submit one's own.
#[derive(Clone, Debug)]
pub struct Contributor(Actor);

/// The right to review and decide.
#[derive(Clone, Debug)]
pub struct Editor(Actor);

impl Contributor {
    /// Whose right it is.
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}

impl Editor {
    /// Whose right it is.
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}
