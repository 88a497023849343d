//! Folding: spellings that differ in case, accents or typography become equal. A folded text has as many characters as
//! the text, so that positions agree.

use domain::text::sort_key;

/// Returns the text in lower case, without accents, with plain quotation marks, hyphens and spaces.
pub fn fold(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// Returns the folded form of one character.
pub fn folded(letter: char) -> char {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    match lower {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'ő' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ş' | 'š' | 'ś' | 'ș' => 's',
        'ğ' => 'g',
        'ž' | 'ź' | 'ż' => 'z',
        'ţ' | 'ț' => 't',
        '’' | '‘' | '`' | '´' | 'ʼ' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‐' | '‑' | '–' | '—' | '−' => '-',
        other if other.is_whitespace() => ' ',
        other => other,
    }
}

/// Returns the words of a text: runs of letters and digits, folded. `&` is the word "and".
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text).replace('&', " and ");
    folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the form of a name in which two spellings of it are equal.
pub fn name_key(name: &str) -> String {
    words(&sort_key(name)).join(" ")
}

/// True if both texts have the same characters apart from white space.
pub fn same_text(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}
