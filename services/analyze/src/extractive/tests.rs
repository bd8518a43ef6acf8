//! The sections of an invented company, without a model.

use std::collections::BTreeSet;

use domain::{Finding, FindingKind, Layer, QuoteVerdict};

use super::{EXTRACTIVE, Material, Rival, section};
use crate::builtin::hints;
use crate::confidence::{SELF_CLAIM, Weigher};
use crate::defaults::Defaults;
use crate::draft::{Draft, findings};
use crate::hints::Hints;
use crate::sample::{Sample, brightwater, names};
use crate::sources::Sources;
use crate::sources::fixture::Site;

const READ: [(&str, &[&str]); 4] = [
    ("overview", &["about", "home", "legal", "contact"]),
    ("business_model", &["pricing", "product", "service", "home", "customers"]),
    ("team", &["team", "about", "legal", "news", "careers"]),
    ("market", &["customers", "product", "service", "partners", "about", "news"]),
];

fn kinds(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

/// A section with the hints of the shipped pipeline.
struct Asked<'a> {
    sample: &'a Sample,
    hints: &'a Hints,
    kinds: &'a [&'a str],
    findings: &'a [Finding],
    questions: &'a [&'a str],
    rivals: &'a [Rival],
}

impl Asked<'_> {
    fn drafts(&self) -> Vec<Draft> {
        let sources = Sources::new(&self.sample.pairs, |_, _| false);
        section(&Material {
            hints: self.hints,
            kinds: &kinds(self.kinds),
            sources: &sources,
            entities: &self.sample.entities,
            findings: self.findings,
            names: &names(),
            questions: &self.questions.iter().map(|question| (*question).to_owned()).collect::<Vec<_>>(),
            rivals: self.rivals,
        })
    }
}

fn of(name: &str) -> Vec<Draft> {
    let read = READ.iter().find(|(known, _)| *known == name).map_or(&["*"][..], |(_, kinds)| kinds);
    let hints = hints(name, "Brightwater Pumps");
    let sample = brightwater();
    Asked { sample: &sample, hints: &hints, kinds: read, findings: &[], questions: &[], rivals: &[] }.drafts()
}

fn said<'d>(drafts: &'d [Draft], topic: &str) -> Vec<&'d str> {
    drafts.iter().filter(|draft| draft.topic == topic).map(|draft| draft.statement.as_str()).collect()
}

#[test]
fn every_claim_has_evidence_that_stands_and_every_sentence_names_its_claims() {
    let sample = brightwater();
    let sources = Sources::new(&sample.pairs, |_, _| false);
    for (name, _) in READ {
        let drafts = of(name);
        let (summary, claims): (Vec<&Draft>, Vec<&Draft>) =
            drafts.iter().partition(|draft| draft.kind == FindingKind::Summary);
        assert!(claims.len() >= 3 && !summary.is_empty(), "{name}");
        for claim in &claims {
            assert!(claim.has_tag(EXTRACTIVE) && !claim.evidence.is_empty(), "{name}: {}", claim.statement);
            for piece in claim.evidence.iter().filter(|piece| piece.method == "extractive") {
                assert_eq!((piece.verdict, piece.layer), (QuoteVerdict::Verified, Layer::Text));
            }
        }
        let ids: BTreeSet<_> = claims.iter().map(|claim| claim.id).collect();
        for sentence in summary {
            assert!(!sentence.cites.is_empty(), "{name}: {}", sentence.statement);
            assert!(sentence.cites.iter().all(|id| ids.contains(id)), "{name}: {}", sentence.statement);
        }
    }
    // The quotes of sentences are cut from the text they name; entities bring their own.
    for piece in
        of("business_model").iter().flat_map(|draft| &draft.evidence).filter(|p| p.method == "extractive")
    {
        let text = sources
            .iter()
            .find(|source| source.slice(piece.start as usize..piece.end as usize) == piece.quote);
        assert!(text.is_some(), "{}", piece.quote);
    }
}

#[test]
fn the_overview_says_what_it_does_since_when_where_and_how_many() {
    let drafts = of("overview");
    assert_eq!(
        said(&drafts, "description")[0],
        "Brightwater Pumps makes remote-monitored pumps for small farms."
    );
    assert_eq!(said(&drafts, "founded"), ["Founded 2014"]);
    assert_eq!(said(&drafts, "headquarters"), ["Headquarters: Leeds, United Kingdom"]);
    assert_eq!(said(&drafts, "mission").len(), 1);
    assert_eq!(
        said(&drafts, "history"),
        ["In 2019 we opened a second workshop in Utrecht and started to export to the Netherlands."]
    );
    assert_eq!(
        said(&drafts, "summary")[0],
        "Brightwater Pumps makes remote-monitored pumps for small farms."
    );
    assert!(said(&drafts, "summary")[1].starts_with("Founded 2014; Headquarters: Leeds, United Kingdom"));
}

#[test]
fn prices_are_rows_word_for_word_under_their_headings() {
    let drafts = of("business_model");
    assert_eq!(
        said(&drafts, "pricing"),
        [
            "Basic \u{b7} \u{a3}49 per site and month \u{b7} e-mail",
            "Pro \u{b7} \u{a3}120 per site and month \u{b7} telephone",
            "Extra sensors: \u{a3}15 each per month",
        ]
    );
    let extra = drafts.iter().find(|draft| draft.statement.starts_with("Extra")).unwrap();
    assert_eq!(extra.evidence.len(), 2, "the heading is quoted too");
}

#[test]
fn former_people_are_not_in_the_team_and_roles_are_their_own() {
    let drafts = of("team");
    assert_eq!(said(&drafts, "founder"), ["Mara Lind, Chief Executive, Co-founder"]);
    assert_eq!(said(&drafts, "executive")[1], "Tomas Weil, Chief Technology Officer");
    assert!(!drafts.iter().any(|draft| draft.statement.contains("Old Hand")));
}

#[test]
fn crumbs_banners_footers_and_orders_to_a_model_are_never_quoted() {
    for (name, _) in READ {
        for draft in of(name) {
            for word in ["Learn more", "cookies", "Ignore all", "rate this company", "1 Mill Lane"] {
                assert!(!draft.statement.contains(word), "{name}: {}", draft.statement);
            }
        }
    }
}

#[test]
fn a_sentence_belongs_to_the_section_that_states_it_best() {
    let sample = brightwater();
    let (overview, business) =
        (hints("overview", "Brightwater Pumps"), hints("business_model", "Brightwater Pumps"));
    let rivals = [Rival { hints: business, kinds: kinds(&["home"]), earlier: false }];
    let asked = Asked {
        sample: &sample,
        hints: &overview,
        kinds: READ[0].1,
        findings: &[],
        questions: &[],
        rivals: &rivals,
    };
    let drafts = asked.drafts();
    assert!(
        !drafts.iter().any(|draft| draft.statement.contains("network of 40 dealers")),
        "that is a channel"
    );
    assert_eq!(said(&drafts, "description").len(), 1);
}

#[test]
fn near_duplicates_are_said_once_and_praise_is_marked() {
    let mut site = Site::new();
    site.page("/about", "about")
        .paragraph("Brightwater makes remote-monitored pumps for small farms.")
        .paragraph("Brightwater makes remote-monitored pumps for very small farms.")
        .paragraph("Brightwater is a leading maker of innovative garden irrigation.");
    let sample = Sample { pairs: site.pairs(), entities: Vec::new() };
    let overview = hints("overview", "Brightwater");
    let asked = Asked {
        sample: &sample,
        hints: &overview,
        kinds: &["about"],
        findings: &[],
        questions: &[],
        rivals: &[],
    };
    let drafts = asked.drafts();
    let descriptions: Vec<&Draft> = drafts.iter().filter(|draft| draft.topic == "description").collect();
    assert_eq!(descriptions.len(), 2);
    assert!(descriptions[1].has_tag(SELF_CLAIM) && !descriptions[0].has_tag(SELF_CLAIM));
}

#[test]
fn a_question_gets_its_best_sentences() {
    let sample = brightwater();
    let hints = hints("questions", "Brightwater Pumps");
    let questions = ["Through how many dealers do they sell?", "Do they make umbrellas for penguins?"];
    let asked = Asked {
        sample: &sample,
        hints: &hints,
        kinds: &["*"],
        findings: &[],
        questions: &questions,
        rivals: &[],
    };
    let drafts = asked.drafts();
    assert_eq!(said(&drafts, "question_1"), ["We sell through a network of 40 dealers in 12 countries."]);
    assert!(said(&drafts, "question_2").is_empty());
}

#[test]
fn what_a_sentence_denies_states_no_topic_and_answers_a_question() {
    let mut site = Site::new();
    let denials = [
        "We do not offer phone support, training or consulting services.",
        "We have never had customers such as Shell.",
        "Brightwater Pumps is not ISO 9001 certified.",
        "Prices do not start at \u{20ac}99 per month.",
        "We never make products or provide services for industry.",
    ];
    for kind in ["home", "about", "product", "pricing", "customers", "trust"] {
        for text in denials {
            site.page(&format!("/{kind}"), kind).paragraph(text);
        }
    }
    let sample = Sample { pairs: site.pairs(), entities: Vec::new() };
    for (name, _) in READ {
        let hints = hints(name, "Brightwater Pumps");
        let asked = Asked {
            sample: &sample,
            hints: &hints,
            kinds: &["*"],
            findings: &[],
            questions: &[],
            rivals: &[],
        };
        let drafts = asked.drafts();
        assert!(drafts.is_empty(), "{name}: {:?}", drafts.iter().map(|d| &d.statement).collect::<Vec<_>>());
    }
    let hints = hints("questions", "Brightwater Pumps");
    let questions = ["Do they offer phone support?"];
    let asked = Asked {
        sample: &sample,
        hints: &hints,
        kinds: &["*"],
        findings: &[],
        questions: &questions,
        rivals: &[],
    };
    assert_eq!(said(&asked.drafts(), "question_1"), [denials[0]]);
}

#[test]
fn a_sentence_with_a_no_beside_the_point_still_states_its_topic() {
    let mut site = Site::new();
    site.page("/", "home")
        .paragraph("Brightwater makes remote-monitored pumps for small farms that never sleep.");
    let sample = Sample { pairs: site.pairs(), entities: Vec::new() };
    let hints = hints("overview", "Brightwater");
    let asked = Asked {
        sample: &sample,
        hints: &hints,
        kinds: &["home"],
        findings: &[],
        questions: &[],
        rivals: &[],
    };
    assert_eq!(said(&asked.drafts(), "description").len(), 1);
}

/// The flags and the facts of an earlier job, as findings.
fn earlier() -> Vec<Finding> {
    let draft = |topic: &str, kind, statement: &str, severity: Option<&str>| {
        let mut draft = Draft::new(topic, kind, statement);
        draft.severity = severity.map(str::to_owned);
        draft.because = Some("it matters".to_owned());
        draft.looked_in = vec!["legal".to_owned()];
        draft
    };
    let sources = Sources::default();
    let defaults = Defaults::load().unwrap();
    let weigher = Weigher::new(&defaults.confidence, &sources);
    let drafts = vec![
        draft("founded", FindingKind::Fact, "Founded: 2014", None),
        draft("stage", FindingKind::Inference, "Stage: Early \u{2013} Series A, 2023", None),
        draft("inconsistency", FindingKind::Flag, "The registration number fails its checksum", Some("high")),
        draft("information_quality", FindingKind::Flag, "The latest news is old", Some("low")),
    ];
    findings("checks", drafts, &[], &weigher)
}

#[test]
fn without_a_model_red_flags_are_those_that_code_found() {
    let sample = brightwater();
    let hints = hints("red_flags", "Brightwater Pumps");
    let earlier = earlier();
    let asked = Asked {
        sample: &sample,
        hints: &hints,
        kinds: &["*"],
        findings: &earlier,
        questions: &[],
        rivals: &[],
    };
    let drafts = asked.drafts();
    let flags: Vec<&Draft> = drafts.iter().filter(|draft| draft.kind == FindingKind::Flag).collect();
    assert_eq!(flags.len(), 2);
    assert_eq!(
        (flags[0].severity.as_deref(), flags[0].because.as_deref()),
        (Some("high"), Some("it matters"))
    );
    assert_eq!(
        (flags[0].cites.as_slice(), flags[0].looked_in.as_slice()),
        (&[earlier[2].id][..], &["legal".to_owned()][..])
    );
    assert_eq!(said(&drafts, "summary"), ["High: The registration number fails its checksum."]);
}

#[test]
fn the_executive_summary_is_made_of_findings_alone_with_a_footnote_each() {
    let sample = brightwater();
    let hints = hints("executive_summary", "Brightwater Pumps");
    let earlier = earlier();
    let asked =
        Asked { sample: &sample, hints: &hints, kinds: &[], findings: &earlier, questions: &[], rivals: &[] };
    let drafts = asked.drafts();
    assert!(drafts.iter().all(|draft| draft.kind == FindingKind::Summary && !draft.cites.is_empty()));
    assert_eq!(said(&drafts, "people"), ["Founded: 2014."]);
    assert_eq!(
        said(&drafts, "takeaway"),
        ["Stage: Early \u{2013} Series A, 2023.", "To check: The registration number fails its checksum."]
    );
}

#[test]
fn lists_name_things_and_the_sites_own_sentences_stand_alone() {
    assert!(said(&of("business_model"), "summary").contains(&"It offers: FlowSense."));
    let sample = brightwater();
    let hints = hints("executive_summary", "Brightwater Pumps");
    let sources = Sources::default();
    let defaults = Defaults::load().unwrap();
    let sentence = "Brightwater was founded by Mara Lind in a railway arch.";
    let quote = crate::attributes::fixture::evidence(sample.pairs[0].0.id, sentence, "extractive");
    let founders =
        Draft::new("founders", FindingKind::Fact, format!("Founders: {sentence}")).with_evidence(vec![quote]);
    let executive = Draft::new("executives", FindingKind::Fact, "Executives: Mara Lind, CEO");
    let earlier =
        findings("checks", vec![founders, executive], &[], &Weigher::new(&defaults.confidence, &sources));
    let asked =
        Asked { sample: &sample, hints: &hints, kinds: &[], findings: &earlier, questions: &[], rivals: &[] };
    assert_eq!(said(&asked.drafts(), "people"), ["Named people: Mara Lind, CEO.", sentence]);
}

#[test]
fn a_schema_without_hints_still_gives_what_its_topics_name() {
    let schema = serde_json::json!({
        "properties": {"claims": {"items": {"properties": {"topic": {"enum": ["pump_dealers"]}}}}}
    });
    let sample = brightwater();
    let hints = Hints::of(&schema, &names()).unwrap();
    let asked =
        Asked { sample: &sample, hints: &hints, kinds: &["*"], findings: &[], questions: &[], rivals: &[] };
    let drafts = asked.drafts();
    assert!(drafts.iter().all(|draft| draft.has_tag(EXTRACTIVE)));
}
