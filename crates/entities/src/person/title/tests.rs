use super::*;
use crate::testing::know;

/// Title, function, seniority, company, whether it is current.
type Parsed = (String, Option<String>, String, Option<String>, bool);

fn parse(text: &str) -> Vec<Parsed> {
    let know = know();
    let scan = Scan::new(&know.lexicon, text);
    know.titles
        .parse(&know.rules, &scan, 0..text.len())
        .into_iter()
        .map(|r| (r.title, r.function, r.seniority, r.organisation, r.current))
        .collect()
}

#[test]
fn titles_are_taken_apart() {
    let t = |title: &str, function: Option<&str>, seniority: &str, org: Option<&str>, current| {
        (title.to_owned(), function.map(str::to_owned), seniority.to_owned(), org.map(str::to_owned), current)
    };
    for (text, roles) in [
        ("CEO", vec![t("CEO", Some("general"), "c_level", None, true)]),
        (
            "Founder & CEO",
            vec![
                t("Founder", Some("founder"), "founder", None, true),
                t("CEO", Some("general"), "c_level", None, true),
            ],
        ),
        (
            "Co-Founder and Chief Technology Officer",
            vec![
                t("Co-Founder", Some("founder"), "founder", None, true),
                t("Chief Technology Officer", Some("technology"), "c_level", None, true),
            ],
        ),
        ("VP Sales and Marketing", vec![t("VP Sales and Marketing", Some("marketing"), "vp", None, true)]),
        (
            "Head of Customer Success",
            vec![t("Head of Customer Success", Some("customer"), "head", None, true)],
        ),
        ("Chief Growth Officer", vec![t("Chief Growth Officer", Some("marketing"), "c_level", None, true)]),
        (
            "Senior Software Engineer",
            vec![t("Senior Software Engineer", Some("engineering"), "staff", None, true)],
        ),
        (
            "Assistant to the CEO",
            vec![t("Assistant to the CEO", Some("administration"), "staff", None, true)],
        ),
        ("Former VP at Oracle", vec![t("VP", None, "vp", Some("Oracle"), false)]),
        ("CEO of Northwind Farms", vec![t("CEO", Some("general"), "c_level", Some("Northwind Farms"), true)]),
        (
            "Operations Director, Northwind Farms",
            vec![t("Operations Director", Some("operations"), "director", Some("Northwind Farms"), true)],
        ),
        ("Director of Photography", vec![t("Director of Photography", None, "director", None, true)]),
        ("Leiterin Vertrieb", vec![t("Leiterin Vertrieb", Some("sales"), "head", None, true)]),
        ("Geschäftsführer", vec![t("Geschäftsführer", Some("general"), "c_level", None, true)]),
        ("Directrice des ventes", vec![t("Directrice des ventes", Some("sales"), "director", None, true)]),
    ] {
        assert_eq!(parse(text), roles, "{text}");
    }
}

#[test]
fn what_is_no_title_gives_no_role() {
    for text in ["We are led by our CEO and his team", "Pumps", "", "Quality and precision", "Contact"] {
        assert_eq!(parse(text), [], "{text}");
    }
}
