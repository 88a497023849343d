//! Idempotency keys of contributions, comments and tips: a repeated request creates nothing twice.

crate::key_table::keys!("idempotency", "contribution");
