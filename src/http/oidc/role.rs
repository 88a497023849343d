//! The role that a token claims.

use serde_json::{Map, Value};

use crate::domain::viewer::Role;

/// Finds a claim by its name, or by a path of names joined by dots. A name on the path may contain dots itself.
pub fn claim<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(path) {
        return Some(claim);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let (name, rest) = (path.get(..at)?, path.get(at.saturating_add(1)..)?);
        claim(claims.get(name)?.as_object()?, rest)
    })
}

/// Reads the role from a claim. In a list the highest role of this service counts, because providers list others as
/// well. A list or a text of several words without a role counts as no claim; a single unknown word is an error.
///
/// # Errors
/// The reason for refusing the token, in fixed words.
pub fn role(claimed: Option<&Value>) -> Result<Role, &'static str> {
    let highest = match claimed {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            match words.as_slice() {
                [word] => Some(Role::of_person(word).ok_or(
                    "the claim with the role is one unknown word: expected CONTRIBUTOR, EDITOR or ADMIN",
                )?),
                words => words.iter().filter_map(|word| Role::of_person(word)).max(),
            }
        }
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names.filter_map(Role::of_person).max()
        }
        Some(_) => return Err("the claim with the role is neither a string nor a list of strings"),
    };
    Ok(highest.unwrap_or(Role::Contributor))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_by_a_path() {
        let claims = json!({
            "role": "a", "realm_access": { "roles": ["b"] }, "https://example.org/roles": "c",
            "https://example.org/claims": { "roles": "d" },
            "resource_access": { "my.client": { "roles": "e" }, "my": { "client": "f" } }, "a.b": "g", "a": { "b": "h" },
        });
        let claims = claims.as_object().unwrap();
        for (path, expected) in [
            ("role", json!("a")),
            ("realm_access.roles", json!(["b"])),
            ("https://example.org/roles", json!("c")),
            ("https://example.org/claims.roles", json!("d")),
            ("resource_access.my.client.roles", json!("e")),
            ("resource_access.my.client", json!({ "roles": "e" })),
            ("a.b", json!("g")),
        ] {
            assert_eq!(claim(claims, path), Some(&expected), "{path}");
        }
        for path in [
            "",
            ".",
            "role.x",
            "realm_access.",
            ".role",
            "realm_access.roles.0",
        ] {
            assert_eq!(claim(claims, path), None, "{path}");
        }
    }

    #[test]
    fn the_highest_known_role_counts_and_without_one_the_bearer_is_a_contributor() {
        let keycloak = json!(["offline_access", "uma_authorization", "default-roles-x"]);
        for (claimed, expected) in [
            (json!(null), Role::Contributor),
            (json!(""), Role::Contributor),
            (json!(" "), Role::Contributor),
            (json!([]), Role::Contributor),
            (json!([""]), Role::Contributor),
            (
                json!([null, 1, ["ADMIN"], { "EDITOR": true }]),
                Role::Contributor,
            ),
            (keycloak, Role::Contributor),
            (json!(["SYSTEM", "ANONYMOUS"]), Role::Contributor),
            (json!(["x", "EDITOR"]), Role::Editor),
            (json!(["admin", "EDITOR", "CONTRIBUTOR"]), Role::Admin),
            (json!("editor"), Role::Editor),
            (json!("openid profile EDITOR ADMIN"), Role::Admin),
            (json!("openid profile"), Role::Contributor),
        ] {
            assert_eq!(role(Some(&claimed)), Ok(expected), "{claimed}");
        }
        assert_eq!(role(None), Ok(Role::Contributor));
        for claimed in [
            json!("OWNER"),
            json!("SYSTEM"),
            json!("offline_access"),
            json!(1),
            json!(true),
            json!({ "EDITOR": true }),
        ] {
            assert!(role(Some(&claimed)).is_err(), "{claimed}");
        }
    }
}
