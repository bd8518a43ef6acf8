//! File names that every system accepts.

use chrono::{DateTime, Utc};

/// The most bytes that a name, and a key, may take.
const LONGEST: usize = 80;

/// `<name>-v<n>-<date>`, with the subject's key after the name where the name alone is taken: letters and digits of any
/// script, everything else a hyphen, never empty.
#[must_use]
pub fn file_name(name: &str, key: Option<&str>, version: u32, published_at: DateTime<Utc>) -> String {
    let slugs = [Some(name), key].into_iter().flatten().map(slug).filter(|slug| !slug.is_empty());
    let slug = slugs.collect::<Vec<_>>().join("-");
    let slug = if slug.is_empty() { "report" } else { &slug };
    format!("{slug}-v{version}-{}", published_at.format("%Y-%m-%d"))
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if slug.len() + c.len_utf8() > LONGEST {
            break;
        }
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_kind_becomes_a_safe_file_name() {
        let day = "2025-03-02T10:00:00Z".parse().unwrap();
        for (name, file) in [
            ("Brightwater Pumps", "brightwater-pumps-v2-2025-03-02"),
            ("../../etc/passwd", "etc-passwd-v2-2025-03-02"),
            ("<b>A|B</b> \"x\" 🚰", "b-a-b-b-x-v2-2025-03-02"),
            ("Zeta \u{1b}[31m\u{202e}RED", "zeta-31m-red-v2-2025-03-02"),
            ("شركة", "شركة-v2-2025-03-02"),
            ("🚰", "report-v2-2025-03-02"),
        ] {
            assert_eq!(file_name(name, None, 2, day), file);
        }
        assert!(file_name(&"é".repeat(300), None, 1, day).len() < 120);
    }

    #[test]
    fn the_key_tells_two_subjects_of_one_name_apart_however_long_the_name() {
        let day = "2025-03-02T10:00:00Z".parse().unwrap();
        assert_eq!(file_name("Zeta", Some("zeta.example"), 1, day), "zeta-zeta-example-v1-2025-03-02");
        let long = "é".repeat(300);
        let names = ["a.example", "b.example"].map(|key| file_name(&long, Some(key), 1, day));
        assert_ne!(names[0], names[1]);
        assert!(names[0].len() < 200);
    }
}
