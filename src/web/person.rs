//! The person who asks for a page.

/// The role of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May propose changes.
    Contributor,
    /// May also review the proposals of others.
    Editor,
    /// May also manage tokens of others.
    Admin,
}

/// A person who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name, as others see it.
    pub name: String,
    /// The role.
    pub role: Role,
}
