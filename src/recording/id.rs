//! Short names of recordings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The letters of IDs: none looks like another, and they spell no words.
const LETTERS: &[u8] = b"23456789bcdfghjkmnpqrstvwxz";

/// How many letters an ID has.
const LENGTH: usize = 5;

/// The ID of a recording: five letters, drawn at random, so that those of several servers hardly ever meet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id([u8; LENGTH]);

impl Id {
    /// A new one.
    pub fn random() -> Self {
        let mut bytes = [0; LENGTH];
        if getrandom::fill(&mut bytes).is_err() {
            // Without entropy, the keys of the standard library's hash are as good: an ID is no secret.
            use std::hash::{BuildHasher, RandomState};
            let number = RandomState::new().hash_one(()).to_le_bytes();
            bytes.iter_mut().zip(number).for_each(|(byte, random)| *byte = random);
        }
        Self(bytes.map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()).copied().unwrap_or(b'2')))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The error for a text that is no ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoId;

impl fmt::Display for NoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ID is five letters and digits, such as k7f3w")
    }
}

impl std::error::Error for NoId {}

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let bytes = <[u8; LENGTH]>::try_from(text.as_bytes()).map_err(|_| NoId)?;
        if bytes.iter().all(|byte| LETTERS.contains(byte)) { Ok(Self(bytes)) } else { Err(NoId) }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_nothing_else_is_one() {
        for _ in 0..100 {
            let id = Id::random();
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "k7f3", "k7f3wx", "K7f3w", "k7f3o", "a.py", "k7f3\u{e9}", "../.."] {
            assert_eq!(text.parse::<Id>(), Err(NoId), "{text}");
        }
    }
}
