//! What a reader of the page does not see.

use std::collections::HashSet;

use super::tree::{Id, ROOT, Tree};

/// Elements without text of the page, whatever they hold.
pub(crate) fn is_unread(tag: &str) -> bool {
    matches!(
        tag,
        "head"
            | "script"
            | "style"
            | "template"
            | "noscript"
            | "svg"
            | "iframe"
            | "object"
            | "canvas"
            | "video"
            | "audio"
            | "select"
            | "datalist"
            | "textarea"
            | "map"
            | "applet"
            | "embed"
            | "meter"
            | "progress"
    )
}

/// Class names and ids that the page's own style sheet hides without condition.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    classes: HashSet<String>,
    ids: HashSet<String>,
    /// Names in rules that show: what bears one of them too may be seen.
    shown: HashSet<String>,
}

impl Sheet {
    /// Reads the `<style>` elements: single-class and single-id rules outside `@media` that hide, and that no other
    /// rule on the same name shows again.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut sheet = Self::default();
        for style in tree.elements(ROOT).filter(|id| tree.tag(*id) == "style" && !tree.has_attr(*id, "media"))
        {
            sheet.read(&without_comments(&tree.raw_text(style)));
        }
        if sheet.classes.is_empty() && sheet.ids.is_empty() {
            return Self::default();
        }
        sheet.classes.retain(|name| !sheet.shown.contains(name));
        sheet.ids.retain(|name| !sheet.shown.contains(name));
        sheet
    }

    /// Reads rules; those inside `@media` and the like can only show.
    fn read(&mut self, css: &str) {
        let (mut rest, mut conditions) = (css, 0_u32);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let opens = tail.starts_with('{');
            rest = tail.get(1..).unwrap_or_default();
            let selectors = before.rsplit(';').next().unwrap_or_default();
            if !opens {
                conditions = conditions.saturating_sub(1);
            } else if selectors.trim_start().starts_with('@') {
                conditions += 1;
            } else {
                let (body, after) = rest.split_once('}').unwrap_or((rest, ""));
                self.rule(selectors, body, conditions > 0);
                rest = after;
            }
        }
    }

    fn rule(&mut self, selectors: &str, body: &str, conditional: bool) {
        let hides = hides(body);
        if !hides && body.contains("display") {
            self.shown.extend(
                selectors.split(|c| !is_letter(c)).filter(|name| !name.is_empty()).map(str::to_owned),
            );
        } else if hides && !conditional && !selectors.contains(['(', '[']) {
            for selector in selectors.split(',').map(str::trim) {
                if let Some(class) = selector.strip_prefix('.').filter(|name| is_name(name)) {
                    self.classes.insert(class.to_owned());
                } else if let Some(id) = selector.strip_prefix('#').filter(|name| is_name(name)) {
                    self.ids.insert(id.to_owned());
                }
            }
        }
    }

    /// Whether a rule of the sheet hides an element. Rules that are read one by one can be wrong about large parts of a
    /// page; see [`super::region`].
    pub(crate) fn hides(&self, tree: &Tree, id: Id) -> bool {
        if self.classes.is_empty() && self.ids.is_empty() {
            return false;
        }
        let names = tree.attr(id, "class").unwrap_or_default();
        let hidden = names.split_whitespace().any(|name| self.classes.contains(name))
            || tree.attr(id, "id").is_some_and(|name| self.ids.contains(name));
        // `hidden md:block`, `d-none d-md-flex`: seen on a screen that is wide enough.
        hidden && !names.split_whitespace().any(|name| self.shown.contains(name) || name.contains(':'))
    }
}

const fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_letter)
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

fn squeeze(style: &str) -> String {
    style.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether declarations take an element out of sight: not displayed, of no size, transparent, moved off the page.
pub(crate) fn hides(style: &str) -> bool {
    let style = squeeze(style);
    let mut height = false;
    let (mut width, mut clipped, mut absolute, mut ink, mut paper) = (false, false, false, None, None);
    for (name, value) in style.split(';').filter_map(|declaration| declaration.split_once(':')) {
        let value = value.trim_end_matches("!important");
        let zero = is_zero(value);
        match name {
            "display" if value == "none" => return true,
            "visibility" if matches!(value, "hidden" | "collapse") => return true,
            "content-visibility" if value == "hidden" => return true,
            "font-size" if zero || value == "1px" => return true,
            "opacity" if zero => return true,
            "text-indent" if is_far(value) => return true,
            "clip" if value.starts_with("rect(0") || value.starts_with("rect(1px") => return true,
            "clip-path" if matches!(value, "inset(50%)" | "inset(100%)") => return true,
            "color" if value == "transparent" => return true,
            "transform" if value == "scale(0)" => return true,
            "left" | "top" | "right" | "margin-left" | "margin-top" if is_far(value) => return true,
            "height" | "max-height" => height |= zero || value == "1px",
            "width" | "max-width" => width |= zero || value == "1px",
            "overflow" => clipped |= matches!(value, "hidden" | "clip"),
            "position" => absolute |= matches!(value, "absolute" | "fixed"),
            "color" => ink = Some(value.to_owned()),
            "background" | "background-color" => paper = Some(value.to_owned()),
            _ => {}
        }
    }
    (height || width) && clipped && (absolute || height) || ink.is_some() && ink == paper
}

fn is_zero(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    !digits.is_empty() && digits.parse::<f64>().is_ok_and(|n| n == 0.0)
}

/// Moved at least a thousand pixels (or the like) off the page.
fn is_far(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    digits.parse::<f64>().is_ok_and(|n| n <= -999.0)
}

/// Classes that frameworks use for text meant for screen readers only.
const SCREEN_READER: &[&str] = &[
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
    "screen-reader-text",
    "screen-reader-only",
    "u-hidden-visually",
    "a11y-hidden",
];

/// Whether an element (and so all in it) is not shown.
pub(crate) fn is_hidden(tree: &Tree, id: Id, sheet: &Sheet) -> bool {
    let tag = tree.tag(id);
    if matches!(tag, "html" | "body") {
        return false;
    }
    let style = tree.attr(id, "style").is_some_and(hides);
    tree.has_attr(id, "hidden") && !is_streamed(tree, id)
        || style
        || tag == "dialog" && !tree.has_attr(id, "open")
        || tag == "input"
        || is_for_readers(tree, id)
        || is_inert(tree, id)
        || sheet.hides(tree, id)
}

/// A part of a page that React sends late, hidden, and a script puts in its place at once: `<div hidden id="S:0">`.
fn is_streamed(tree: &Tree, id: Id) -> bool {
    let number = tree.attr(id, "id").and_then(|name| name.strip_prefix("S:"));
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_hexdigit()))
}

fn is_for_readers(tree: &Tree, id: Id) -> bool {
    tree.attr(id, "class")
        .is_some_and(|names| names.split_whitespace().any(|name| SCREEN_READER.contains(&name)))
}

/// `aria-hidden` alone hides icons and copies that everybody sees; together with a class or state of the common
/// frameworks it marks what is closed.
fn is_inert(tree: &Tree, id: Id) -> bool {
    tree.attr(id, "aria-hidden") == Some("true")
        && tree.attr(id, "class").is_some_and(|names| {
            names.split_whitespace().any(|name| {
                matches!(
                    name,
                    "hidden" | "hide" | "d-none" | "is-hidden" | "invisible" | "modal" | "display-none"
                )
            })
        })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn styles_that_take_text_out_of_sight_are_seen() {
        for style in [
            "display:none",
            "Display : NONE !important",
            "visibility: hidden",
            "font-size:0",
            "font-size: 0px; color: red",
            "position:absolute;left:-9999px",
            "height:0;overflow:hidden",
            "opacity: 0.0",
            "color:#fff;background:#fff",
            "clip: rect(0, 0, 0, 0)",
            "position:absolute;width:1px;height:1px;overflow:hidden",
        ] {
            assert!(hides(style), "{style}");
        }
        for style in [
            "display:block",
            "font-size:10px",
            "height:0",
            "color:#fff",
            "margin-left:-15px",
            "opacity:.5",
            "max-width:100%;overflow:hidden",
            "",
        ] {
            assert!(!hides(style), "{style}");
        }
    }

    #[test]
    fn the_page_s_own_style_sheet_hides() {
        let tree = parse(
            "<style>/* .z{display:none} */ .x, #y { display:none } .tab{display:none} .tab.on{display:block}\
             @media print{.p{display:none}} .wide{display:none} @media (min-width:9px){.wide{display:flex}}\
             :is(.q,.r):not(:defined){display:none}</style>\
             <p class='a x'>1<p id=y>2<p class=tab>3<p class=p>4<p class=z>5<p class='wide r'>6<p class='x md:block'>7",
        );
        let sheet = Sheet::of(&tree);
        let hidden: Vec<bool> = tree
            .elements(ROOT)
            .filter(|id| tree.tag(*id) == "p")
            .map(|id| is_hidden(&tree, id, &sheet))
            .collect();
        assert_eq!(hidden, [true, true, false, false, false, false, false]);
    }

    #[test]
    fn an_icon_hidden_from_screen_readers_is_still_seen() {
        let tree = parse(
            "<p aria-hidden=true>seen</p><p aria-hidden=true class='x d-none'>not</p><p hidden>not</p><p hidden id='S:1f'>seen</p>",
        );
        let sheet = Sheet::default();
        let hidden: Vec<bool> = tree
            .elements(ROOT)
            .filter(|id| tree.tag(*id) == "p")
            .map(|id| is_hidden(&tree, id, &sheet))
            .collect();
        assert_eq!(hidden, [false, true, true, false]);
    }
}
