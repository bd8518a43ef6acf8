//! The nearest valid name, for whoever mistyped one.

/// ` (did you mean `x`?)`, or nothing if no name is near: more than a third of the letters would differ.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    find(given, known).map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// The name with the fewest differing letters; ties go to the first by alphabet.
pub(crate) fn find<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // An over-long word is near nothing, and comparing costs the product of both lengths.
    if given.len() > 100 {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&given.to_lowercase(), &name.to_lowercase());
    let allowed = |name: &str| (given.chars().count().max(name.chars().count()) / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(name), name))
        .filter(|(distance, name)| *distance <= allowed(name))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{find, nearest};

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["max_pages", "max_depth", "url"];
        assert_eq!(find("max_page", known), Some("max_pages"));
        assert_eq!(find("MaxPages", ["max_pages"]), Some("max_pages"));
        assert_eq!(find("follow_linkedin", known), None);
        assert_eq!(find("ulr", known), Some("url"));
        assert_eq!(nearest("max_dept", known), " (did you mean `max_depth`?)");
        assert_eq!(nearest("x".repeat(1000).as_str(), known), "");
    }
}
