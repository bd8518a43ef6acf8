//! Small bar charts as inline SVG, without scripts. Each stands beside a table of the same numbers.

use std::fmt::Write as _;

/// One labelled number.
pub(crate) type Bar = (String, u64);

const ROW: u32 = 22;
const LABEL: u32 = 130;
const WIDTH: u32 = 420;

/// A horizontal bar chart; empty for no bars.
pub(crate) fn svg(title: &str, bars: &[Bar]) -> String {
    let Some(most) = bars.iter().map(|(_, n)| *n).max().filter(|most| *most > 0) else {
        return String::new();
    };
    let height = ROW * u32::try_from(bars.len()).unwrap_or(u32::MAX / ROW) + 4;
    let title = html(title);
    let mut svg = format!(
        "<figure class=\"chart\"><svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">"
    );
    for (row, (label, n)) in (0_u32..).zip(bars) {
        let y = row * ROW;
        let room = f64::from(WIDTH - LABEL - 50);
        #[expect(clippy::cast_precision_loss, reason = "a bar's length is drawn, not counted")]
        let width = (room * *n as f64 / most as f64).max(1.0);
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABEL}\" y=\"{}\" width=\"{width:.1}\" height=\"14\" rx=\"2\"/>\
             <text x=\"{:.1}\" y=\"{}\">{n}</text>",
            LABEL - 8,
            y + 15,
            html(label),
            y + 4,
            f64::from(LABEL) + width + 6.0,
            y + 15,
        );
    }
    svg.push_str("</svg></figure>");
    svg
}

/// The same numbers as a Markdown table; empty for no bars.
pub(crate) fn table(title: &str, bars: &[Bar]) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let mut table = format!("| {} | |\n|---|--:|\n", crate::escape(title));
    for (label, n) in bars {
        let _ = writeln!(table, "| {} | {n} |", crate::escape(label));
    }
    table
}

pub(crate) fn html(text: &str) -> String {
    crate::visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
