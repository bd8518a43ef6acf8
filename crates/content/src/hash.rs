//! Hashes of text: exact, and one that keeps similar texts near each other.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::words;

/// Words in a shingle. Manku et al. use weighted features; three-word shingles keep the order of words in the hash.
const SHINGLE: usize = 3;

/// The exact hash of a text, 32 hexadecimal digits.
#[must_use]
pub fn text_hash(text: &str) -> String {
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// The hash of one block's folded text.
pub(crate) fn block_hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// SimHash (Charikar 2002; Manku, Jain, Das Sarma 2007: near-duplicate web pages differ in at most 3 of 64 bits) over
/// the text's distinct three-word shingles. A text without words hashes to 0.
#[must_use]
pub fn simhash(text: &str) -> u64 {
    let tokens: Vec<u64> = words::tokens(text).collect();
    let mut shingles: Vec<u64> = if tokens.len() < SHINGLE {
        tokens
    } else {
        tokens
            .windows(SHINGLE)
            .map(|window| {
                let mut bytes = [0_u8; SHINGLE * 8];
                for (slot, token) in bytes.chunks_exact_mut(8).zip(window) {
                    slot.copy_from_slice(&token.to_le_bytes());
                }
                xxh3_64(&bytes)
            })
            .collect()
    };
    shingles.sort_unstable();
    shingles.dedup();
    fold(&shingles)
}

fn fold(features: &[u64]) -> u64 {
    let mut votes = [0_i32; 64];
    for feature in features {
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if feature >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    votes.iter().enumerate().filter(|(_, vote)| **vote > 0).fold(0, |hash, (bit, _)| hash | 1 << bit)
}

/// In how many bits two similarity hashes differ.
#[must_use]
pub const fn hamming(a: u64, b: u64) -> u32 {
    (a ^ b).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(from: u32, to: u32) -> String {
        (from..to).map(|n| format!("word{} and thing{} ", n * 7 % 1000, n * 13 % 997)).collect()
    }

    #[test]
    fn equal_texts_have_equal_hashes_whatever_their_spacing_and_case() {
        assert_eq!(simhash("Pumps for  farms, in Leeds"), simhash("pumps FOR farms in\nLeeds"));
        assert_ne!(text_hash("a"), text_hash("b"));
        assert_eq!(text_hash("a").len(), 32);
    }

    #[test]
    fn a_small_change_moves_few_bits_and_another_text_many() {
        let text = prose(0, 400);
        let near = text.replacen("word7 ", "other ", 1);
        assert!(hamming(simhash(&text), simhash(&near)) <= 3);
        assert!(hamming(simhash(&text), simhash(&prose(5000, 5400))) > 10);
    }

    #[test]
    fn a_text_without_words_hashes_to_zero() {
        assert_eq!(simhash(" … — "), 0);
        assert_eq!(hamming(0b1011, 0b0010), 2);
    }
}
