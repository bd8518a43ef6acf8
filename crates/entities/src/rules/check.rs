//! What TOML and types cannot say about a rule file.

use toml::Spanned;

use super::Rules;
use crate::Error;
use crate::identifier::SCHEMES;
use crate::mention::Method;

pub(super) fn check(rules: &Rules, text: &str) -> Result<(), Error> {
    for method in Method::ALL {
        match rules.precision.get(&method) {
            Some(p) => share(text, p, method.as_str())?,
            None => {
                return Err(Error { line: 1, reason: format!("[precision] lacks `{}`", method.as_str()) });
            }
        }
    }
    share(text, &rules.limits.confidence, "limits.confidence")?;
    let months = &rules.date.months;
    if months.get_ref().len() != 12 {
        return Err(Error::at(
            text,
            months.span().start,
            format!("date.months has {} lists, not 12", months.get_ref().len()),
        ));
    }
    for label in &rules.identifier.labels {
        let scheme = label.scheme.get_ref().as_str();
        if !SCHEMES.contains(&scheme) {
            return Err(Error::at(
                text,
                label.scheme.span().start,
                format!("unknown identifier scheme `{scheme}`; known: {}", SCHEMES.join(", ")),
            ));
        }
    }
    Ok(())
}

fn share(text: &str, value: &Spanned<f64>, name: &str) -> Result<(), Error> {
    if (0.0..=1.0).contains(value.get_ref()) {
        return Ok(());
    }
    Err(Error::at(
        text,
        value.span().start,
        format!("`{name}` must be between 0 and 1, is {}", value.get_ref()),
    ))
}
