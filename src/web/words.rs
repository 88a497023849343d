//! Declares the words of a page, in English and French side by side.

/// Declares a type with a method for each text of a page: `name: "English" / "French";`, or with parts that are filled
/// in, `name(part, part): "English {part}" / "French {part}";`. A page that uses a text that is not declared does not
/// compile, and each text exists in both languages.
macro_rules! words {
    ($($name:ident $(($($part:ident),+))? : $english:literal / $french:literal;)*) => {
        /// The words of this page in one language.
        #[derive(Clone, Copy, Debug)]
        pub struct Words(pub $crate::language::Language);

        #[allow(missing_docs, reason = "each text tells itself")]
        impl Words {
            $($crate::words::word!($name $(($($part),+))? : $english / $french);)*
        }
    };
}

/// Declares one method of `words!`.
macro_rules! word {
    ($name:ident : $english:literal / $french:literal) => {
        pub fn $name(&self) -> &'static str {
            match self.0 {
                $crate::language::Language::English => $english,
                $crate::language::Language::French => $french,
            }
        }
    };
    ($name:ident ($($part:ident),+) : $english:literal / $french:literal) => {
        pub fn $name(&self, $($part: impl std::fmt::Display),+) -> String {
            match self.0 {
                $crate::language::Language::English => format!($english),
                $crate::language::Language::French => format!($french),
            }
        }
    };
}

pub(crate) use {word, words};
