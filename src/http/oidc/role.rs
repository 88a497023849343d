//! The role that a token claims.

use serde_json::{Map, Value};

use crate::domain::viewer::Role;

/// A claim by its name, or else by a path of names with dots. A name on the path may have dots itself.
pub fn claim<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(path) {
        return Some(claim);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let (name, rest) = (path.get(..at)?, path.get(at.saturating_add(1)..)?);
        claim(claims.get(name)?.as_object()?, rest)
    })
}

/// The role that a claim gives. Of a list, the highest that is one of this service: providers list others beside
/// it. A list or a text without any is no claim at all; one word that is no role is a mistake.
///
/// # Errors
/// Why it cannot be read.
pub fn role(claimed: Option<&Value>) -> Result<Role, &'static str> {
    let highest = match claimed {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            match words.as_slice() {
                [word] => Some(Role::of_person(word).ok_or(
                    "the claim that names the role has one word, and that is none of CONTRIBUTOR, EDITOR and ADMIN",
                )?),
                words => words.iter().filter_map(|word| Role::of_person(word)).max(),
            }
        }
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names.filter_map(Role::of_person).max()
        }
        Some(_) => return Err("the claim that names the role is no text and no list of texts"),
    };
    Ok(highest.unwrap_or(Role::Contributor))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_its_path() {
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
    fn a_role_is_the_highest_of_ours_and_contributor_where_there_is_none() {
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
