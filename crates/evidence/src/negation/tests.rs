//! What negations reach, sentence by sentence.

use super::{Negations, Polarity, is_denied, negates};

/// The words of `text` that a negation reaches.
fn denied(text: &str) -> Vec<String> {
    let found = Negations::of(text);
    found.carrying(&(0..text.len())).into_iter().filter(|word| word.denied).map(|word| word.lower).collect()
}

#[test]
fn a_negation_reaches_its_clause_and_no_further() {
    for (text, expected) in [
        ("We have never had customers such as Shell.", "customers shell"),
        ("Nord Pumps is not ISO 9001 certified.", "nord pumps iso 9001 certified"),
        ("We don\u{2019}t sell data, we sell pumps.", "sell data"),
        ("We are certified to ISO 9001 but we are not certified to ISO 27001.", "certified iso 27001"),
        ("We have not, as of today, been certified to ISO 27001.", "today certified iso 27001"),
        ("None of our pumps, which we make in Leeds, are approved.", "pumps make leeds approved"),
        ("We do not sell, rent or share personal data.", "sell rent share personal data"),
        ("We do not use plastic, every lamp is made by hand.", "use plastic"),
        ("We do not sell personal data and comply with every law.", "sell personal data"),
        ("FlowSense cuts water use by 30 % without walking the fields.", "walking fields"),
        ("We ship worldwide at no extra cost.", "extra cost"),
        ("We offer pumps and no services.", "services"),
        ("We sell your data to nobody.", "sell data"),
        ("Pumps that do not fail are what we make.", "fail are make"),
        ("We are a non-profit organisation.", "profit"),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|word| *word != "are").collect();
        assert_eq!(denied(text), expected, "{text}");
    }
}

#[test]
fn negations_of_other_languages_reach_their_clauses_too() {
    for (text, expected) in [
        ("Wir verkaufen Ihre Daten nicht.", "verkaufen daten"),
        ("Wir liefern weltweit und verkaufen Ihre Daten nicht.", "verkaufen daten"),
        ("Wir haben keine Investoren, aber viele Kunden.", "investoren"),
        ("Nous n\u{2019}avons jamais vendu vos donn\u{e9}es.", "vendu donn\u{e9}es"),
        ("Nous n\u{2019}avons plus de clients en Suisse.", "clients suisse"),
        ("Nous vendons plus de 40 pompes.", ""),
        ("No vendemos sus datos a terceros.", "vendemos datos terceros"),
        ("Ning\u{fa}n producto est\u{e1} aprobado.", "producto est\u{e1} aprobado"),
        ("Non vendiamo i vostri dati.", "vendiamo vostri dati"),
        ("Wij verkopen uw gegevens niet.", "verkopen uw gegevens"),
        ("Estamos no mercado desde 2001 com uma equipa de 20 pessoas.", ""),
    ] {
        assert_eq!(denied(text), expected.split_whitespace().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_no_that_denies_nothing_does_not_count() {
    for text in [
        "UK company no. 08734521.",
        "We sell not only pumps but also filters.",
        "Please do not hesitate to call us.",
        "Z\u{f6}gern Sie nicht, uns anzurufen.",
        "Delivery takes no more than 5 days.",
        "Second to none in Leeds.",
        "Certified to PAS 2060 since 2019.",
        "The office did not open until 2020.",
        "Gegr\u{fc}ndet im Mai 2016, notably in Leeds.",
    ] {
        assert!(!negates(text), "{text}: {:?}", denied(text));
    }
}

#[test]
fn a_statement_is_denied_by_a_quote_that_says_no_to_it() {
    for (statement, quote) in [
        ("Zeta sells personal data to anyone.", "We don\u{2019}t sell personal data to anyone"),
        ("Its products are approved.", "None of our products are approved"),
        ("It is certified to ISO 27001.", "We have not yet been certified to ISO 27001"),
        ("Zeta sells data to third parties.", "Wir verkaufen Ihre Daten nicht an Dritte"),
        ("It offers phone support.", "We offer no phone support"),
        ("It offers free phone support.", "We do not offer phone support"),
        ("Zeta sells personal data only to partners.", "We don\u{2019}t sell personal data to anyone"),
    ] {
        assert!(Polarity::of(statement).is_denied_by(&Polarity::of(quote)), "{statement} / {quote}");
    }
    for (statement, quote) in [
        ("It cuts water use by up to 30 %.", "cut water use by up to 30 % without walking the fields"),
        ("It is certified to ISO 9001.", "certified to ISO 9001 but we are not certified to ISO 27001"),
        ("The pumps are maintenance-free.", "Our pumps need no maintenance"),
        ("It is not certified.", "We have not been certified"),
        ("It ships worldwide.", "We ship worldwide at no extra cost"),
        ("It was founded in 2014.", "Founded in 2014, we never looked back"),
        ("It saves manual checks.", "You never have to walk the fields again"),
        ("It keeps farms supplied as its mission.", "Our mission is that no farm runs dry"),
        ("The company improves its pumps all the time.", "We never stop improving our pumps"),
    ] {
        assert!(!Polarity::of(statement).is_denied_by(&Polarity::of(quote)), "{statement} / {quote}");
    }
}

#[test]
fn a_denial_needs_a_quote_that_denies() {
    for (statement, quote, backed) in [
        ("Zeta does not sell through dealers.", "sells through dealers", false),
        ("Zeta does not sell through dealers.", "sells through dealers and does not rent", false),
        ("Zeta does not sell through dealers.", "We never sell through dealers", true),
        ("The products contain no solvents.", "free of solvents", true),
        ("It has no outside investors.", "Wir haben keine Investoren", true),
        ("It has no outside investors.", "owned by its founders", false),
    ] {
        assert_eq!(
            Polarity::of(statement).is_backed_by(&Polarity::of(quote)),
            backed,
            "{statement} / {quote}"
        );
    }
}

#[test]
fn what_follows_from_a_no_or_says_less_than_yes_is_not_denied_by_it() {
    let of = Polarity::of;
    assert!(!of("It sells to businesses.").is_contradicted_by(&of("We do not sell to consumers")));
    assert!(of("It sells to consumers.").is_contradicted_by(&of("We do not sell to consumers")));
    assert!(!of("Prices are only given on request.").is_denied_by(&of("We do not publish prices")));
    assert!(of("It publishes prices.").is_denied_by(&of("We do not publish prices")));
}

#[test]
fn words_that_no_text_holds_are_unsaid() {
    let texts = [Polarity::of("Zeta has been certified since 2019.")];
    let name = |word: &str| word == "zeta";
    let (unsaid, all) = Polarity::of("Zeta is certified and profitable.").unsaid_in(&texts, name);
    assert_eq!((unsaid, all), (vec!["profitable".to_owned()], 2));
}

#[test]
fn what_stands_in_a_denied_place_is_denied_and_who_does_the_denying_need_not_be() {
    let at = |text: &str, part: &str, before: bool| {
        let start = text.find(part).unwrap();
        is_denied(text, &(start..start + part.len()), before)
    };
    let never = "We have never had customers such as Shell.";
    assert!(at(never, "Shell", true) && at(never, "customers such as", false));
    let sleepless = "Acme never sleeps, and Shell buys from it.";
    assert!(at(sleepless, "Acme", false) && !at(sleepless, "Acme", true) && !at(sleepless, "Shell", false));
}
