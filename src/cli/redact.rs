//! Removes passwords from messages of the command line.

/// Replaces every address that a message repeats by its scheme and `…`, if the address may contain a password.
pub(super) fn redact_addresses(message: &str) -> String {
    let arguments = std::env::args_os().skip(1);
    let variables = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("CYBERPROFILES_"))
        .map(|(_, value)| value);
    let mut redacted = message.to_owned();
    for value in arguments.chain(variables) {
        let value = value.to_string_lossy();
        let whole = value.as_ref();
        // A value may follow its flag after `=`, and may be one of a list.
        let behind = whole.split_once('=').map(|(_, value)| value);
        let parts = [Some(whole), behind].into_iter().flatten();
        for part in parts.clone().chain(parts.flat_map(|part| part.split(','))) {
            if let Some((scheme, rest)) = part.split_once("://")
                && rest.contains(['@', '?'])
            {
                redacted = redacted.replace(part, &format!("{scheme}://…"));
            }
        }
    }
    redacted
}
