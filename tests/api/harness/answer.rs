//! The answer to a request.

use serde_json::Value;

/// An answer: its status and its body.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The data of the answer. Panics if it contains errors.
    pub fn data(self) -> Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        self.body["data"].clone()
    }

    /// Code of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }

    /// Message of the first error.
    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }
}

/// The user errors of a payload, one line each: code, path and message. A payload has either errors or a contribution.
pub fn errors(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap();
    assert_eq!(
        payload["contribution"].is_null(),
        !errors.is_empty(),
        "{payload:#}"
    );
    let line = |error: &Value| {
        let path: Vec<String> = serde_json::from_value(error["path"].clone()).unwrap();
        let [code, message] = ["code", "message"].map(|name| error[name].as_str().unwrap());
        format!("{code} {}: {message}", path.join("."))
    };
    errors.iter().map(line).collect()
}
