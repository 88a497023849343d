//! What the words look like from outside.
pub mod scalar;
