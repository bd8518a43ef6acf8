use super::{all, of, one, with};
use crate::testing::{first, values};

#[test]
fn imprints_give_registrations_with_their_checksums() {
    let found = of(
        "https://acme.de/impressum",
        "legal",
        "# Impressum
         Acme GmbH
         Amtsgericht Charlottenburg, HRB 123456 B
         USt-IdNr.: DE136695976
         LEI: 5493001KJTIIGC8Y1R12",
    );
    assert_eq!(
        with(&found, "identifier", "scheme"),
        [
            ("HRB 123456 B".to_owned(), "de_hrb".to_owned()),
            ("5493001KJTIIGC8Y1R12".into(), "lei".into()),
            ("DE136695976".into(), "vat".into()),
        ]
    );
    assert_eq!(first(one(&found, "identifier", "DE136695976"), "valid").as_deref(), Some("true"));
    assert!(one(&found, "identifier", "HRB 123456 B").evidence[0].quote.starts_with("Amtsgericht"));
    assert_eq!(one(&found, "identifier", "DE136695976").evidence[0].method, "legal_label");
}

#[test]
fn a_wrong_check_digit_is_kept_and_marked() {
    let found = of("https://acme.de/impressum", "legal", "USt-IdNr.: DE136695975");
    assert_eq!(with(&found, "identifier", "valid"), [("DE136695975".to_owned(), "false".to_owned())]);
}

#[test]
fn labels_need_their_number_behind_them() {
    for text in [
        "VAT is not included.",
        "The company number of our pumps grows.",
        "LEI codes matter",
        "HRB",
        "SIREN song",
        "CIF 12",
    ] {
        let found = of("https://acme.co.uk/legal", "legal", text);
        assert_eq!(values(&found, "identifier"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_registration_is_read_out_of_a_sentence() {
    let found = of(
        "https://acme.co.uk/",
        "home",
        "{footer} Acme Pumps Ltd. Registered in England and Wales, company number 01234567. VAT no. GB 980 7806 84.",
    );
    assert_eq!(values(&found, "identifier"), ["01234567", "GB980780684"]);
}

#[test]
fn certificates_count_when_they_are_held() {
    for (kind, text, found) in [
        ("about", "We are ISO 27001 certified since 2021.", vec![("ISO 27001", Some("2021"))]),
        ("trust", "SOC 2 Type II", vec![("SOC 2", None)]),
        ("about", "Zertifiziert nach ISO 9001:2015.", vec![("ISO 9001", None)]),
        ("about", "We are working towards ISO 27001 certification.", vec![]),
        ("blog", "ISO 27001 is a long story that everybody tells differently at home.", vec![]),
        ("about", "Cyber Essentials Plus certified", vec![("Cyber Essentials Plus", None)]),
    ] {
        let got = of("https://acme.example/x", kind, text);
        let got: Vec<(String, Option<String>)> = got
            .iter()
            .filter(|e| e.kind == "credential")
            .map(|e| (e.value.clone(), first(e, "year")))
            .collect();
        let want: Vec<(String, Option<String>)> =
            found.iter().map(|(n, y)| ((*n).into(), y.map(Into::into))).collect();
        assert_eq!(got, want, "{text}");
    }
}

#[test]
fn names_that_are_words_need_their_spelling_and_their_company() {
    for (kind, text, found) in [
        ("careers", "We Go further every day.", vec![]),
        ("careers", "You write Go and PostgreSQL.", vec!["Go", "PostgreSQL"]),
        ("careers", "Experience with Rust, Swift or Go is a plus.", vec!["Go", "Rust", "Swift"]),
        ("careers", "In spring we go to the Express office. Rust is bad for pumps.", vec![]),
        ("careers", "Swift response guaranteed. React quickly.", vec![]),
        (
            "careers",
            "Our backend is built with Spring Boot and Kafka.",
            vec!["Apache Kafka", "Java", "Spring"],
        ),
        ("home", "You write Go and PostgreSQL.", vec![]),
        ("docs", "Run it in Docker on Kubernetes.", vec!["Docker", "Kubernetes"]),
    ] {
        let got = of("https://acme.example/x", kind, text);
        let mut names = values(&got, "technology");
        names.sort();
        assert_eq!(names, found, "{text}");
    }
    let got = of("https://acme.example/jobs", "careers", "You write Go and PostgreSQL.");
    assert!(with(&got, "technology", "basis").iter().all(|t| t.1 == "stated"));
}

#[test]
fn response_headers_are_told_in_words() {
    let (mut document, content) = crate::testing::page("Pumps");
    document.attributes = serde_json::json!({"headers": {"Server": "nginx/1.24.0", "x-powered-by": "PHP/8.2.1", "cookies": ["sid", "_ga"]}});
    let got = crate::testing::extract(&[(document, content)]);
    assert_eq!(values(&got, "technology"), ["Google Analytics", "nginx", "PHP"]);
    assert_eq!(all(one(&got, "technology", "Google Analytics"), "signal"), ["cookie _ga"]);
    let nginx = one(&got, "technology", "nginx");
    assert_eq!(
        (first(nginx, "basis").as_deref(), first(nginx, "version").as_deref()),
        (Some("observed"), Some("1.24.0"))
    );
    assert_eq!(all(nginx, "signal"), ["response header server: nginx/1.24.0"]);
}
