//! Digests: SHA-256 over bytes, chained and summed.

use std::fmt::{self, Display};
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::text::{Malformed, written};

/// Number of bytes of a digest.
const SIZE: usize = 32;

/// A SHA-256 digest, or a sum of such digests modulo 2^256. As text: 64 lower-case hexadecimal digits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct Digest([u8; SIZE]);
written!(Digest, "64 lower-case hexadecimal digits");

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of this digest followed by bytes.
    pub fn chained(self, bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(bytes);
        Self(hasher.finalize().into())
    }

    /// The sum modulo 2^256; digests are numbers with the first byte as the highest.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let mut sum = self.0;
        let mut carry = false;
        for (byte, other) in sum.iter_mut().zip(other.0).rev() {
            let (added, over) = byte.overflowing_add(other);
            let (carried, again) = added.overflowing_add(carry.into());
            *byte = carried;
            carry = over || again;
        }
        Self(sum)
    }

    /// The difference modulo 2^256: undoes [`plus`](Self::plus).
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let mut rest = self.0;
        let mut borrow = false;
        for (byte, other) in rest.iter_mut().zip(other.0).rev() {
            let (taken, under) = byte.overflowing_sub(other);
            let (borrowed, again) = taken.overflowing_sub(borrow.into());
            *byte = borrowed;
            borrow = under || again;
        }
        Self(rest)
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let value = |digit: &u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(malformed());
        };
        let bytes = pairs
            .iter()
            .map(|[high, low]| Some(value(high)? << 4 | value(low)?));
        let bytes: Option<Vec<u8>> = bytes.collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest digest: all bits are set.
    const LAST: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    #[test]
    fn a_digest_is_that_of_sha_256_and_reads_back() {
        // Source: FIPS 180-2, example B.1.
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(text.parse(), Ok(Digest::of(b"abc")));
        let short = text.trim_start_matches('b');
        let upper = text.to_uppercase();
        for bad in ["", "abc", short, &upper, &text.replace('b', "é")] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sum_is_modulo_2_to_the_256_and_its_order_does_not_matter() {
        let last: Digest = LAST.parse().unwrap();
        let [one, two] = [b"one", b"two"].map(|text| Digest::of(text));
        assert_eq!(one.plus(two), two.plus(one));
        assert_eq!(one.plus(two).minus(one), two);
        let zero = Digest::default();
        assert_eq!(zero.minus(one).plus(one), zero);
        let step = zero.minus(last);
        assert_eq!(step.to_string(), format!("{}1", "0".repeat(63)));
        assert_eq!(last.plus(step), zero);
    }

    #[test]
    fn a_chained_digest_depends_on_both_parts() {
        let [one, two] = [b"one", b"two"].map(|text| Digest::of(text));
        assert_ne!(one.chained(b"x"), two.chained(b"x"));
        assert_ne!(one.chained(b"x"), one.chained(b"y"));
    }
}
