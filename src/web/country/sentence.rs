//! Statuses under treaties in plain sentences.

use crate::frame::Frame;
use crate::language::Language;

/// The name of a treaty in a sentence: `the Budapest Convention`, and in French with its preposition, `à la Convention
/// de Budapest`.
fn treaty(reference: &str, short: &str, language: Language) -> String {
    if language == Language::English {
        return format!("the {short}");
    }
    let known = match reference {
        "AU Malabo" => "à la Convention de Malabo",
        "CETS 201" => "à la Convention de Lanzarote",
        "CETS 223" => "à la Convention 108+",
        "CETS 224" => "au Deuxième Protocole additionnel",
        "ETS 108" => "à la Convention 108",
        "ETS 185" => "à la Convention de Budapest",
        "ETS 189" => "au Premier Protocole additionnel",
        "UNTC XVIII-16" => "à la Convention de Hanoï",
        _ => return format!("au traité « {short} »"),
    };
    known.to_owned()
}

/// A status as a sentence: `Azerbaijan has been a Party to the Budapest Convention since 1 July 2010.`
pub fn status(
    frame: &Frame,
    name: &str,
    reference: &str,
    short: &str,
    status: &str,
    since: Option<&str>,
) -> String {
    let language = frame.language;
    let treaty = treaty(reference, short, language);
    match language {
        Language::English => english(frame, name, &treaty, status, since),
        Language::French => french(frame, name, &treaty, status, since),
    }
}

/// The sentence for a treaty that was not yet open for signature.
pub fn not_open(frame: &Frame, name: &str, reference: &str, short: &str) -> String {
    let treaty = treaty(reference, short, frame.language);
    match frame.language {
        Language::English => format!(
            "{name} has neither signed nor joined {treaty}, which was not yet open for signature on this day."
        ),
        Language::French => format!(
            "{name} : ni signature ni adhésion {treaty}, dont l’ouverture à la signature est postérieure à cette date."
        ),
    }
}

fn english(frame: &Frame, name: &str, treaty: &str, status: &str, begin: Option<&str>) -> String {
    let on = begin.map_or_else(String::new, |begin| format!(" {}", frame.on_date(begin)));
    let from = begin.map_or_else(
        || "; the day is not known".to_owned(),
        |begin| format!(" {}", frame.since(begin)),
    );
    match status {
        "PARTY" if begin.is_some() => format!("{name} has been a Party to {treaty}{from}."),
        "PARTY" => format!("{name} is a Party to {treaty}{from}."),
        "SIGNATORY" => format!("{name} signed {treaty}{on} and is not yet bound by it."),
        "CONTRACTING_STATE" => format!(
            "{name} consented to be bound by {treaty}{on}; it is not yet in force for {name}."
        ),
        "PROVISIONALLY_APPLYING" => format!("{name} has applied {treaty} provisionally{from}."),
        "INVITED_TO_ACCEDE" => {
            format!("{name} was invited to accede to {treaty}{on} and has not yet acceded.")
        }
        "NO_ACTION" => format!("{name} has neither signed nor joined {treaty}."),
        "SUSPENDED" => {
            format!("{name} is a Party to {treaty}, but its operation is suspended{from}.")
        }
        "DENUNCIATION_PENDING" => {
            format!("{name} is a Party to {treaty} and has given notice that it will leave it.")
        }
        "FORMER_PARTY" => format!("{name} is no longer a Party to {treaty}: it left{on}."),
        "UNKNOWN" => format!("The status of {name} under {treaty} is unknown."),
        other => {
            let label = frame.label_of("TreatyStatus", other);
            format!("{name}: {label} under {treaty}{from}.")
        }
    }
}

fn french(frame: &Frame, name: &str, treaty: &str, status: &str, begin: Option<&str>) -> String {
    let since = begin.map_or_else(
        || " (date non connue)".to_owned(),
        |begin| format!(" {}", frame.since(begin)),
    );
    match status {
        "PARTY" => format!("{name} : Partie {treaty}{since}."),
        "SIGNATORY" => format!("{name} : signataire{since}, pas encore Partie {treaty}."),
        "CONTRACTING_STATE" => format!(
            "{name} : consentement à être lié exprimé{since}, pas encore Partie {treaty}, qui n’est pas en vigueur à son égard."
        ),
        "PROVISIONALLY_APPLYING" => {
            format!("{name} : application provisoire{since}, pas encore Partie {treaty}.")
        }
        "INVITED_TO_ACCEDE" => {
            format!("{name} : invitation à adhérer {treaty}{since}, sans adhésion à ce jour.")
        }
        "NO_ACTION" => format!("{name} : ni signature ni adhésion {treaty}."),
        "SUSPENDED" => format!("{name} : Partie {treaty}, application suspendue{since}."),
        "DENUNCIATION_PENDING" => {
            format!(
                "{name} : Partie {treaty}, avec une dénonciation qui n’a pas encore pris effet."
            )
        }
        "FORMER_PARTY" => format!("{name} : n’est plus Partie {treaty}{since}."),
        "UNKNOWN" => format!("{name} : statut inconnu quant {treaty}."),
        other => {
            let label = frame.label_of("TreatyStatus", other);
            format!("{name} : {label}, quant {treaty}{since}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;

    fn told(query: &str, of: &str, since: Option<&str>) -> String {
        let frame = Frame::bare(&PageRequest::of("/", query));
        status(
            &frame,
            "Azerbaijan",
            "ETS 185",
            "Budapest Convention",
            of,
            since,
        )
    }

    #[test]
    fn a_treaty_that_is_not_yet_open_is_told_as_such() {
        let told = |query| {
            let frame = Frame::bare(&PageRequest::of("/", query));
            not_open(&frame, "Andorra", "UNTC XVIII-16", "Hanoi Convention")
        };
        assert_eq!(
            told("lang=en"),
            "Andorra has neither signed nor joined the Hanoi Convention, which was not yet open for signature on this day."
        );
        assert_eq!(
            told("lang=fr"),
            "Andorra : ni signature ni adhésion à la Convention de Hanoï, dont l’ouverture à la signature est postérieure à cette date."
        );
    }

    #[test]
    fn a_status_is_a_sentence_in_both_languages() {
        let day = Some("2010-07-01");
        assert_eq!(
            told("lang=en", "PARTY", day),
            "Azerbaijan has been a Party to the Budapest Convention since 1 July 2010."
        );
        assert_eq!(
            told("lang=fr", "PARTY", day),
            "Azerbaijan : Partie à la Convention de Budapest depuis le 1er juillet 2010."
        );
        assert_eq!(
            told("lang=en", "SIGNATORY", Some("2010")),
            "Azerbaijan signed the Budapest Convention in 2010 and is not yet bound by it."
        );
        assert_eq!(
            told("lang=en", "PARTY", None),
            "Azerbaijan is a Party to the Budapest Convention; the day is not known."
        );
        // A status that is not known yet is told by its label.
        assert_eq!(
            told("lang=en", "OBSERVER", day),
            "Azerbaijan: OBSERVER under the Budapest Convention since 1 July 2010."
        );
    }
}
