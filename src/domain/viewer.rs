//! The viewer: the person or client that a request is made by, and its rights. A right is a value, so that code
//! which needs one cannot run without it.

use std::fmt::{self, Display};

use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::value_type::field_enum;

field_enum! {
    /// Role of a person or client. Each role includes the rights of those before it.
    Role {
        /// Reads, follows changes and sends tips, without a token.
        Anonymous,
        /// Proposes contributions, and edits its own.
        Contributor,
        /// Reviews and decides on the contributions of others, and verifies records.
        Editor,
        /// Administrator of the service. Has the same rights in this API as `EDITOR`.
        Admin,
        /// The service itself: imports, and effects that the arrival of a day causes.
        System,
    }
}

impl Role {
    /// Returns the role with this name, in any case, if it is a role for persons: contributor, editor or admin.
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

/// A person, or the service itself, as the author of an action.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sea_orm::FromJsonQueryResult,
)]
pub struct Actor {
    /// Id that is the same for one person with every token.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Role at the time of the action.
    pub role: Role,
}

impl Actor {
    /// Returns the service itself.
    pub fn system() -> Self {
        Self {
            id: "system".to_owned(),
            name: "cyberprofiles".to_owned(),
            role: Role::System,
        }
    }
}

/// The person or client that a request is made by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// No token was sent.
    Anonymous,
    /// The bearer of a valid token.
    Identified(Actor),
}

/// Reason why the viewer does not have a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The request has no token.
    Unauthenticated,
    /// The role of the viewer is too low; this role has the right.
    Forbidden(Role),
}

impl Viewer {
    /// Returns the actor; `None` for an anonymous viewer.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Anonymous => None,
            Self::Identified(actor) => Some(actor),
        }
    }

    /// Returns the role.
    pub fn role(&self) -> Role {
        self.actor().map_or(Role::Anonymous, |actor| actor.role)
    }

    /// Returns the right to propose, if the viewer has it.
    ///
    /// # Errors
    /// [`Denied`]
    pub fn contributor(&self) -> Result<Contributor, Denied> {
        self.at_least(Role::Contributor).map(Contributor)
    }

    /// Returns the right to decide on the contributions of others, if the viewer has it.
    ///
    /// # Errors
    /// [`Denied`]
    pub fn editor(&self) -> Result<Editor, Denied> {
        self.at_least(Role::Editor).map(Editor)
    }

    fn at_least(&self, role: Role) -> Result<Actor, Denied> {
        match self {
            Self::Anonymous => Err(Denied::Unauthenticated),
            Self::Identified(actor) if actor.role >= role => Ok(actor.clone()),
            Self::Identified(_) => Err(Denied::Forbidden(role)),
        }
    }
}

/// The right to propose contributions, and to edit and submit one's own.
#[derive(Clone, Debug)]
pub struct Contributor(Actor);

/// The right to review contributions of others and to decide on them.
#[derive(Clone, Debug)]
pub struct Editor(Actor);

impl Contributor {
    /// Returns the person who has the right.
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}

impl Editor {
    /// Returns the person who has the right.
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}
