//! Idempotency keys of webhooks: a repeated request creates no second webhook.

crate::key_table::keys!("webhook_key", "webhook");
