//! The stage: the first rule that holds, else the median of the signals, else unknown.

use domain::{Evidence, FindingKind};

use super::rules::Stage as Rules;
use super::signals::{self, Spotted};
use crate::attributes;
use crate::draft::{Draft, ValueType};
use crate::score::output::{Basis, SizeClass, Stage};
use crate::score::scene::Scene;

/// One signal with its step on the ladder.
struct Signal {
    basis: Basis,
    step: usize,
    evidence: Vec<Evidence>,
}

/// Stage and findings: the stage itself, and a conflict when the last round and the headcount cannot both be.
pub(crate) fn of(
    rules: &Rules,
    size: &SizeClass,
    stated: Option<&Draft>,
    scene: &Scene<'_>,
) -> (Stage, Vec<Draft>) {
    let round = signals::round(rules, scene);
    let measured = measured(rules, size, stated, scene);
    let clash = round.as_ref().and_then(|round| clash(rules, round, &measured));
    let (stage, draft) = if let Some(explicit) = signals::explicit(rules, scene) {
        outright(rules, "explicit", &explicit, rules.signals.explicit_confidence, FindingKind::Fact)
    } else if let Some(round) = &round {
        outright(rules, "round", round, rules.signals.round_confidence, FindingKind::Inference)
    } else if measured.len() >= rules.signals.needed {
        median(rules, measured)
    } else {
        unknown(rules, &measured, scene)
    };
    (stage, std::iter::once(draft).chain(clash).collect())
}

/// What can be counted: headcount, age, footprint.
fn measured(rules: &Rules, size: &SizeClass, stated: Option<&Draft>, scene: &Scene<'_>) -> Vec<Signal> {
    let signals = &rules.signals;
    let mut found = Vec::new();
    let step_of = |signal: &str, says: String, step: usize, evidence: Vec<Evidence>| {
        let points_to = rules.ladder.get(step).cloned().unwrap_or_default();
        Signal { basis: Basis { signal: signal.to_owned(), says, points_to }, step, evidence }
    };
    if let Some(people) = size.headcount {
        let step = ["micro", "small", "medium", "large"].iter().position(|class| *class == size.value);
        let evidence = stated.map(|draft| draft.evidence.clone()).unwrap_or_default();
        found.extend(step.map(|step| step_of("headcount", format!("{people} people"), step, evidence)));
    }
    if let Some(years) = signals::age(rules, scene) {
        let step = signals.age_years.iter().filter(|bound| years >= **bound).count();
        let founded = scene.entities_of(&signals.founded.kind, &signals.founded.conditions);
        let evidence =
            founded.first().map(|entity| attributes::pick(entity.evidence.iter(), 1)).unwrap_or_default();
        found.push(step_of("age", format!("{years} years"), step, evidence));
    }
    if let Some(count) = signals::footprint(rules, scene) {
        let step = signals.footprint_at_most.iter().filter(|bound| count > **bound).count();
        let says = match count {
            1 => "one office, named customer or open role".to_owned(),
            _ => format!("{count} offices, named customers and open roles together"),
        };
        found.push(step_of("footprint", says, step, Vec::new()));
    }
    found
}

/// What a sentence says.
fn outright(
    rules: &Rules,
    signal: &str,
    spotted: &Spotted<'_>,
    confidence: f64,
    kind: FindingKind,
) -> (Stage, Draft) {
    let name = &spotted.sign.name;
    let says = spotted.year.map_or_else(|| name.clone(), |year| format!("{name}, {year}"));
    let value = spotted.sign.stage.clone();
    let basis = vec![Basis { signal: signal.to_owned(), says: says.clone(), points_to: value.clone() }];
    let mut draft = Draft::new("stage", kind, format!("Stage: {} \u{2013} {says}", rules.label(&value)));
    draft.because =
        (kind == FindingKind::Inference).then(|| format!("the latest round that the site names is {name}"));
    draft.evidence = vec![spotted.evidence.clone()];
    (stage(rules, value, confidence, basis, Vec::new(), &mut draft), draft)
}

/// The lower middle of the steps.
fn median(rules: &Rules, mut signals: Vec<Signal>) -> (Stage, Draft) {
    signals.sort_by_key(|signal| signal.step);
    let middle =
        signals.get((signals.len() - 1) / 2).map(|signal| signal.basis.points_to.clone()).unwrap_or_default();
    let [least, most] = rules.signals.median_confidence;
    let confidence = if signals.len() > rules.signals.needed { most } else { least };
    let basis: Vec<Basis> = signals.iter().map(|signal| signal.basis.clone()).collect();
    let says: Vec<&str> = basis.iter().map(|basis| basis.says.as_str()).collect();
    let mut draft = Draft::new(
        "stage",
        FindingKind::Inference,
        format!("Stage: {} \u{2013} {}", rules.label(&middle), says.join(", ")),
    );
    draft.because =
        Some("no round of financing is named; this is the middle of what can be counted".to_owned());
    draft.evidence = signals.into_iter().flat_map(|signal| signal.evidence).collect();
    let missing = missing(&basis);
    (stage(rules, middle, confidence, basis, missing, &mut draft), draft)
}

fn unknown(rules: &Rules, signals: &[Signal], scene: &Scene<'_>) -> (Stage, Draft) {
    let basis: Vec<Basis> = signals.iter().map(|signal| signal.basis.clone()).collect();
    let mut missing = vec!["round".to_owned()];
    missing.extend(self::missing(&basis));
    let statement = format!("Stage: unknown \u{2013} not stated: {}", missing.join(", "));
    let mut draft = Draft::new("stage", FindingKind::Gap, statement);
    draft.looked_in = scene.reading.read.keys().cloned().collect();
    (stage(rules, "unknown".to_owned(), 0.0, basis, missing, &mut draft), draft)
}

fn missing(basis: &[Basis]) -> Vec<String> {
    ["headcount", "age", "footprint"]
        .into_iter()
        .filter(|signal| !basis.iter().any(|known| known.signal == *signal))
        .map(str::to_owned)
        .collect()
}

fn stage(
    rules: &Rules,
    value: String,
    confidence: f64,
    basis: Vec<Basis>,
    missing: Vec<String>,
    draft: &mut Draft,
) -> Stage {
    draft.value = Some(ValueType::Text.of(&value, None));
    Stage {
        label: rules.label(&value),
        value,
        confidence,
        level: None,
        basis,
        missing,
        finding: Some(draft.id),
    }
}

/// A seed round and 800 people: one of them is not what it seems.
fn clash(rules: &Rules, round: &Spotted<'_>, measured: &[Signal]) -> Option<Draft> {
    let headcount = measured.iter().find(|signal| signal.basis.signal == "headcount")?;
    let step = rules.step(&round.sign.stage)?;
    if step.abs_diff(headcount.step) < rules.signals.clash_steps {
        return None;
    }
    let statement =
        format!("The latest round named is {}, yet {} are stated", round.sign.name, headcount.basis.says);
    let mut draft = Draft::new("stage", FindingKind::Conflict, statement);
    draft.because = Some("a round and a headcount of such different stages rarely go together".to_owned());
    draft.evidence = std::iter::once(&round.evidence).chain(&headcount.evidence).cloned().collect();
    Some(draft)
}
