use super::*;

const SHIPPED: &str = include_str!("../../../pipelines/builtin/company/entities.toml");

#[test]
fn the_shipped_rules_parse() {
    let rules = Rules::parse(SHIPPED).unwrap();
    assert!((rules.precision(Method::Href) - 0.97).abs() < 1e-9);
    assert_eq!(rules.date.months.get_ref().len(), 12);
}

#[test]
fn a_mistake_is_told_with_its_line() {
    let line_of = |needle: &str| SHIPPED.lines().position(|l| l.contains(needle)).unwrap() + 1;
    for (from, to, reason) in [
        ("jsonld = 0.95", "jsonld = 1.95", "between 0 and 1"),
        ("jsonld = 0.95", "jsonlt = 0.95", "jsonlt"),
        ("evidence = 24", "evidense = 24", "evidense"),
        ("scheme = \"gb_company\"", "scheme = \"gb_compagnie\"", "gb_compagnie"),
        ("confidence = 0.99", "confidence = 99", "between 0 and 1"),
    ] {
        let error = Rules::parse(&SHIPPED.replace(from, to)).unwrap_err();
        assert!(error.reason.contains(reason), "{error}");
        assert_eq!(error.line, line_of(from), "{error}");
    }
    let error = Rules::parse("[precision]\njsonld = ").unwrap_err();
    assert_eq!(error.line, 2, "{error}");
}
