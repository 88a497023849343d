//! The parameters of a media type. Source: RFC 9110, sections 5.6.6 and 8.3.

/// Splits a media type at the semicolons that are not inside a quoted string.
pub fn parts(kind: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = kind.split(move |letter: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match letter {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if !was_escaped => is_escaped = is_quoted,
            _ => {}
        }
        letter == ';' && !is_quoted
    });
    parts.map(str::trim)
}

/// True unless the parameter is a `charset` other than UTF-8 (`utf-8` or `utf8`, in any case).
pub fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let value = value.trim();
    let bare = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let charset = bare.unwrap_or(value);
    // Source of the alias: the Encoding Standard, section 4.2.
    !name.trim().eq_ignore_ascii_case("charset")
        || charset.eq_ignore_ascii_case("utf-8")
        || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_is_accepted_by_both_its_names_and_no_other_charset() {
        for (kind, is_so) in [
            ("application/json", true),
            ("application/json;", true),
            ("application/json; charset=utf-8", true),
            ("application/json;charset=UTF8", true),
            ("application/json; Charset=\"utf8\"; x=y", true),
            (
                "application/json; x=\"a;charset=latin1\"; charset=utf-8",
                true,
            ),
            ("application/json; x=\"a\\\";charset=latin1\"", true),
            ("application/json; charset=utf-16", false),
            ("application/json; charset=", false),
            ("application/json; charset=utf-8; charset=latin1", false),
            ("application/json; charset='utf-8'", false),
            ("application/json; charset=\"utf-8", false),
            ("application/json; x=\"a\";charset=latin1", false),
        ] {
            assert_eq!(parts(kind).all(is_utf8), is_so, "{kind}");
        }
    }
}
