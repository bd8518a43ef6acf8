//! File names that every system accepts.

use chrono::{DateTime, Utc};

/// `<name>-v<n>-<date>`: letters and digits of any script, everything else a hyphen, never empty, at most 80 bytes
/// of name.
#[must_use]
pub fn file_name(name: &str, version: u32, published_at: DateTime<Utc>) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if slug.len() + c.len_utf8() > 80 {
            break;
        }
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "report" } else { slug };
    format!("{slug}-v{version}-{}", published_at.format("%Y-%m-%d"))
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
            ("شركة", "شركة-v2-2025-03-02"),
            ("🚰", "report-v2-2025-03-02"),
        ] {
            assert_eq!(file_name(name, 2, day), file);
        }
        assert!(file_name(&"é".repeat(300), 1, day).len() < 120);
    }
}
