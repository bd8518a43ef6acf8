//! Check digits: Luhn, ISO 7064, and the rules of the VAT numbers of Europe (as published by the European Commission
//! for VIES).

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

fn at(d: &[u32], n: usize) -> u32 {
    d.get(n).copied().unwrap_or_default()
}

fn weighted(d: &[u32], weights: &[u32]) -> u32 {
    d.iter().zip(weights).map(|(a, b)| a * b).sum()
}

/// Luhn's formula (ISO/IEC 7812-1).
pub(super) fn luhn(text: &str) -> bool {
    let Some(d) = digits(text) else { return false };
    let sum: u32 = d
        .iter()
        .rev()
        .enumerate()
        .map(|(i, n)| match (i % 2, n * 2) {
            (0, _) => *n,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    !d.is_empty() && sum.is_multiple_of(10)
}

/// ISO 7064 MOD 97-10 over digits and letters (LEI, ISO 17442).
pub(super) fn mod97(text: &str) -> bool {
    let rest = text.chars().try_fold(0u32, |rest, c| {
        let n = c.to_digit(36)?;
        Some(if n < 10 { (rest * 10 + n) % 97 } else { (rest * 100 + n) % 97 })
    });
    rest == Some(1)
}

/// ISO 7064 MOD 11,10 (Germany, Croatia).
fn mod11_10(d: &[u32]) -> bool {
    let Some((check, body)) = d.split_last() else { return false };
    let product = body.iter().fold(10, |product, n| {
        let sum = (n + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *check
}

/// Belgian enterprise number: 97 less the rest.
pub(super) fn belgian(text: &str) -> bool {
    let (Some(body), Some(check)) = (text.get(..8), text.get(8..10)) else { return false };
    body.parse::<u32>().ok().zip(check.parse::<u32>().ok()).is_some_and(|(b, c)| 97 - b % 97 == c)
}

/// Swiss UID (eCH-0097).
pub(super) fn swiss(text: &str) -> bool {
    let Some(d) = digits(text).filter(|d| d.len() == 9) else { return false };
    let rest = weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4]) % 11;
    let check = (11 - rest) % 11;
    check < 10 && check == at(&d, 8)
}

/// Australian Business Number.
pub(super) fn abn(text: &str) -> bool {
    let Some(mut d) = digits(text).filter(|d| d.len() == 11) else { return false };
    let Some(first) = d.first_mut().filter(|f| **f > 0) else { return false };
    *first -= 1;
    weighted(&d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
}

/// Australian Company Number.
pub(super) fn acn(text: &str) -> bool {
    let Some(d) = digits(text).filter(|d| d.len() == 9) else { return false };
    (10 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == at(&d, 8)
}

/// How long a VAT number of the country at its start is, letters included; none for other letters.
pub(super) fn vat_length(value: &str) -> Option<usize> {
    Some(match value.get(..2)? {
        "AT" | "CY" | "DE" | "EE" | "EL" | "ES" | "PT" => 11,
        "DK" | "FI" | "HU" | "IE" | "LU" | "MT" | "SI" => 10,
        "FR" | "HR" | "IT" | "LV" => 13,
        "GB" | "XI" if value.len() > 11 => 14,
        "GB" | "XI" => 11,
        "NL" | "SE" => 14,
        "BE" | "BG" | "CH" | "CZ" | "LT" | "PL" | "RO" | "SK" => 12,
        _ => return None,
    })
}

/// What is known of a VAT number's check digits: `Ok` right or wrong, `Err` no rule; none if it is no VAT number.
pub(super) fn vat(value: &str) -> Option<Result<bool, ()>> {
    let (country, number) = value.split_at_checked(2)?;
    let all = digits(number);
    let fits = |n: usize| all.as_ref().is_some_and(|d| d.len() == n);
    let d = all.clone().unwrap_or_default();
    let known = match country {
        "DE" if fits(9) => mod11_10(&d),
        "HR" if fits(11) => mod11_10(&d),
        "AT" => austrian(number)?,
        "BE" if fits(10) => belgian(number),
        "BE" if fits(9) => belgian(&format!("0{number}")),
        "DK" if fits(8) => weighted(&d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
        "EE" if fits(9) => weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
        "EL" if fits(9) => weighted(&d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == at(&d, 8),
        "ES" => spanish(number)?,
        "FI" if fits(8) => weighted(&d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11),
        "FR" if number.len() == 11 => return french(number),
        "GB" | "XI" if fits(9) => british(&d),
        "GB" | "XI" if fits(12) => british(d.get(..9)?),
        "HU" if fits(8) => weighted(&d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10),
        "IE" => irish(number)?,
        "IT" if fits(11) => luhn(number),
        "LU" if fits(8) => {
            number.get(..6)?.parse::<u32>().ok()? % 89 == number.get(6..)?.parse::<u32>().ok()?
        }
        "NL" => dutch(number)?,
        "PL" if fits(10) => weighted(&d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == at(&d, 9),
        "PT" if fits(9) => {
            let rest = weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (if rest < 2 { 0 } else { 11 - rest }) == at(&d, 8)
        }
        "RO" if (2..=10).contains(&number.len()) && all.is_some() => romanian(&d),
        "SE" if fits(12) => luhn(number.get(..10)?) && number.ends_with("01"),
        "SI" if fits(8) => {
            let rest = 11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            rest != 11 && rest % 10 == at(&d, 7)
        }
        "SK" if fits(10) => number.parse::<u64>().ok()?.is_multiple_of(11),
        "MT" if fits(8) => weighted(&d, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37),
        "BG" if fits(9) || fits(10) => return Some(Err(())),
        "CZ" if fits(8) || fits(9) || fits(10) => return Some(Err(())),
        "LT" if fits(9) || fits(12) => return Some(Err(())),
        "LV" if fits(11) => return Some(Err(())),
        "CY" if number.len() == 9 && number.ends_with(|c: char| c.is_ascii_uppercase()) => {
            return Some(Err(()));
        }
        "CH" => swiss(number.strip_prefix('E')?.get(..9)?),
        "NO" if fits(9) => {
            let rest = weighted(&d, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11;
            (11 - rest) % 11 == at(&d, 8)
        }
        _ => return None,
    };
    Some(Ok(known))
}

/// `U` and eight digits.
fn austrian(number: &str) -> Option<bool> {
    let d = digits(number.strip_prefix('U')?).filter(|d| d.len() == 8)?;
    let sum: u32 =
        d.iter().take(7).enumerate().map(|(i, n)| if i % 2 == 0 { *n } else { n / 5 + n * 2 % 10 }).sum();
    Some((10 - (sum + 4) % 10) % 10 == at(&d, 7))
}

/// Two check characters and a SIREN; only numeric check characters follow the public rule.
fn french(number: &str) -> Option<Result<bool, ()>> {
    let (key, siren) = number.split_at_checked(2)?;
    let body: u64 = siren.parse().ok().filter(|_| siren.len() == 9)?;
    Some(match key.parse::<u64>() {
        Ok(key) => Ok((12 + 3 * (body % 97)) % 97 == key && luhn(siren)),
        Err(_) => Err(()),
    })
}

/// Modulus 97, old and new series.
fn british(d: &[u32]) -> bool {
    let sum = weighted(d, &[8, 7, 6, 5, 4, 3, 2]) + at(d, 7) * 10 + at(d, 8);
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}

/// Seven digits, a check letter, perhaps one more letter.
fn irish(number: &str) -> Option<bool> {
    let d = digits(number.get(..7)?)?;
    let mut letters = number.get(7..)?.chars();
    let check = letters.next().filter(char::is_ascii_uppercase)?;
    let extra = letters.next().filter(|c| *c != 'W').map_or(0, |c| c.to_digit(36).map_or(0, |n| n - 9));
    let rest = (weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) + extra * 9) % 23;
    let expected = "WABCDEFGHIJKLMNOPQRSTUV".chars().nth(rest as usize)?;
    (number.len() <= 9).then_some(expected == check)
}

/// Nine digits, `B`, two digits: the old rule (modulus 11) or the new one for sole traders (modulus 97).
fn dutch(number: &str) -> Option<bool> {
    let (body, tail) = number.split_at_checked(9)?;
    let d = digits(body)?;
    let suffix = tail.strip_prefix('B').filter(|s| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))?;
    let old = weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == at(&d, 8);
    Some(old || mod97(&format!("NL{body}B{suffix}")))
}

/// NIF, NIE and CIF: a letter before, behind, or both.
fn spanish(number: &str) -> Option<bool> {
    const LETTERS: &str = "TRWAGMYFPDXBNJZSQVHLCKE";
    if number.len() != 9 || !number.is_ascii() {
        return None;
    }
    let (first, last) = (number.chars().next()?, number.chars().last()?);
    let letter_of = |n: u32| LETTERS.chars().nth((n % 23) as usize);
    if first.is_ascii_digit() {
        return Some(letter_of(number.get(..8)?.parse().ok()?) == Some(last));
    }
    if let Some(n) = "XYZ".find(first) {
        return Some(letter_of(format!("{n}{}", number.get(1..8)?).parse().ok()?) == Some(last));
    }
    let d = digits(number.get(1..8)?)?;
    let odd: u32 = d.iter().step_by(2).map(|n| n * 2 / 10 + n * 2 % 10).sum();
    let even: u32 = d.iter().skip(1).step_by(2).sum();
    let check = (10 - (odd + even) % 10) % 10;
    "ABCDEFGHJKLMNPQRSUVW"
        .contains(first)
        .then(|| last.to_digit(10) == Some(check) || "JABCDEFGHI".chars().nth(check as usize) == Some(last))
}

fn romanian(d: &[u32]) -> bool {
    let Some((check, body)) = d.split_last() else { return false };
    let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let skip = weights.len() - body.len().min(weights.len());
    let sum = weighted(body, weights.get(skip..).unwrap_or_default()) * 10 % 11;
    sum % 10 == *check
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass_and_their_neighbours_fail() {
        for good in [
            "DE136695976",
            "GB980780684",
            "FR40303265045",
            "IT00743110157",
            "ESB58378431",
            "NL004495445B01",
            "ATU13585627",
            "BE0428759497",
            "PT501964843",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "FI20774740",
            "HR33392005961",
            "HU12892312",
            "IE6433435F",
            "LU15027442",
            "PL8567346215",
            "RO18547290",
            "SE123456789701",
            "SI50223054",
            "SK2022749619",
            "MT11679112",
        ] {
            assert_eq!(vat(good), Some(Ok(true)), "{good}");
            let at = good
                .char_indices()
                .filter(|(i, c)| *i > 3 && c.is_ascii_digit())
                .map(|(i, _)| i)
                .next()
                .unwrap();
            let digit = good[at..=at].parse::<u32>().unwrap();
            let wrong = format!("{}{}{}", &good[..at], (digit + 1) % 10, &good[at + 1..]);
            assert_eq!(vat(&wrong), Some(Ok(false)), "{wrong}");
        }
    }

    #[test]
    fn what_has_no_country_or_length_is_no_vat_number() {
        for other in ["", "D", "ZZ123456789", "DE12345", "NL123B01", "ES1", "IE12", "ATU1", "XX"] {
            assert_eq!(vat(other), None, "{other}");
        }
    }

    #[test]
    fn legal_entity_identifiers_follow_iso_17442() {
        assert!(mod97("5493001KJTIIGC8Y1R12"));
        assert!(!mod97("5493001KJTIIGC8Y1R17"));
        assert!(!mod97(""));
    }

    #[test]
    fn sirens_follow_luhn() {
        assert!(luhn("732829320") && !luhn("732829321") && !luhn("") && !luhn("12a"));
    }
}
