//! Technologies: seen in the source, stated in job advertisements and documentation, implied by others.

mod observed;
mod stated;
mod table;

pub(crate) use table::Fingerprints;
pub use table::Technologies;

use crate::mention::{Kind, Mention, Spot};
use crate::reading::Reading;

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let Some(table) = r.know.technologies.as_ref() else { return };
    observed::read(r, table);
    stated::read(r, table);
}

/// A mention of a technology and of all that it implies.
fn mentions(
    table: &Fingerprints,
    n: usize,
    basis: &str,
    version: Option<&str>,
    spot: Option<Spot>,
    signal: Option<&str>,
    source: u32,
) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut queue = vec![(n, basis.to_owned())];
    let mut seen = Vec::new();
    while let Some((n, basis)) = queue.pop() {
        let Some(technology) = table.get(n).filter(|_| !seen.contains(&n)) else { continue };
        seen.push(n);
        let mention = match spot.clone() {
            Some(spot) => {
                Mention::new(Kind::Technology, technology.id.clone(), technology.name.clone(), spot)
            }
            None => Mention::unseen(Kind::Technology, technology.id.clone(), technology.name.clone(), source),
        };
        let own = basis != "implied";
        out.push(
            mention
                .with("id", technology.id.clone())
                .with("category", technology.category.clone())
                .with("basis", basis)
                .maybe("version", version.filter(|_| own))
                .maybe("signal", signal.filter(|_| own)),
        );
        queue.extend(
            technology.implies.iter().filter_map(|id| Some((table.by_id(id)?, "implied".to_owned()))),
        );
    }
    out
}
