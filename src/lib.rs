//! Country profiles on cybercrime and electronic evidence as a GraphQL service: cited, versioned and
//! followed.
//!
//! Data flows one way: `http` → `graphql` → `store` → `domain`; `cli` starts them.

pub mod domain;
pub mod graphql;
