//! One page being read: what is known, what was found so far.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use crate::fold::fold;
use crate::headings::Says;
use crate::knowledge::Knowledge;
use crate::last::Last;
use crate::mention::{Mention, Method, Spot};
use crate::page::Page;
use crate::person::name::Trust;
use crate::site::Site;
use crate::structured::node::Graph;
use crate::structured::quotes::Quotes;

pub(crate) struct Reading<'r, 'a> {
    pub(crate) know: &'r Knowledge,
    pub(crate) site: &'r Site,
    pub(crate) page: &'r Page<'a>,
    pub(crate) graph: Graph<'a>,
    pub(crate) quotes: Quotes<'r, 'a>,
    /// Whose card it is: the one person that a card shows.
    pub(crate) card_people: BTreeMap<u32, String>,
    pub(crate) found: Vec<Mention>,
    headings: RefCell<HashMap<String, Rc<Says>>>,
    /// Whether the sentence that was asked for last is about the company.
    about_us: Last<bool>,
    /// The cards that were asked for, and whether something is quoted in them.
    quoting_cards: RefCell<HashMap<u32, bool>>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(crate) fn new(know: &'r Knowledge, site: &'r Site, page: &'r Page<'a>) -> Self {
        Self {
            know,
            site,
            page,
            graph: Graph::of(page.content),
            quotes: Quotes::new(page),
            card_people: BTreeMap::new(),
            found: Vec::new(),
            headings: RefCell::new(HashMap::new()),
            about_us: Last::default(),
            quoting_cards: RefCell::new(HashMap::new()),
        }
    }

    pub(crate) fn push(&mut self, mention: Option<Mention>) {
        self.found.extend(mention);
    }

    /// What a heading says about what stands below it.
    pub(crate) fn heading(&self, heading: &str) -> Rc<Says> {
        if let Some(known) = self.headings.borrow().get(heading) {
            return Rc::clone(known);
        }
        let says = Rc::new(self.know.headings.judge(heading));
        self.headings.borrow_mut().insert(heading.to_owned(), Rc::clone(&says));
        says
    }

    /// Whether something is quoted in a card, looked for once.
    pub(crate) fn quotes_in_card(&self, card: u32, look: impl FnOnce() -> bool) -> bool {
        if let Some(known) = self.quoting_cards.borrow().get(&card) {
            return *known;
        }
        let quotes = look();
        self.quoting_cards.borrow_mut().insert(card, quotes);
        quotes
    }

    /// The range with what a reader needs to understand it. Where people are left out, the bare range: sentences name them.
    pub(crate) fn context(&self, at: Range<usize>, method: Method) -> Option<Spot> {
        if self.site.people { self.page.context(at, method) } else { self.page.spot(at, method) }
    }

    /// Whether a text has something in it that looks like a person's name.
    pub(crate) fn names_somebody(&self, text: &str) -> bool {
        let tokens = crate::scan::tokens(text, 0..text.len());
        (0..tokens.len()).any(|n| {
            let name = self.know.names.starting_at(text, &tokens, n, Trust::Prose);
            name.and_then(|at| text.get(tokens.get(at.start)?.start..tokens.get(at.end.checked_sub(1)?)?.end))
                .is_some_and(|name| {
                    !self.know.gazetteer.is_place(name) && !self.site.is_own_name(self.know, name)
                })
        })
    }

    /// Whether a range speaks of the company: articles and stories of customers tell of others unless its sentence
    /// names the company or says "we".
    pub(crate) fn speaks_of_us(&self, at: &Range<usize>) -> bool {
        !self.tells_stories() || self.is_about_us(at)
    }

    /// Whether the sentence names the company or says "we".
    pub(crate) fn is_about_us(&self, at: &Range<usize>) -> bool {
        const OURS: [&str; 24] = [
            "we", "our", "us", "wir", "unser", "unsere", "unseren", "nous", "notre", "nos", "nosotros",
            "nuestro", "nuestra", "nuestros", "noi", "nostro", "nostri", "nostra", "wij", "ons", "onze",
            "nossos", "nosso", "nossa",
        ];
        let sentence = self.page.sentence(at.clone());
        self.about_us.of(&sentence, || {
            let folded = fold(self.page.scan.get(sentence.clone()));
            self.site.is_named_in(&folded) || folded.split(' ').any(|w| OURS.contains(&w))
        })
    }

    /// Articles, stories of customers, documentation, and pages of no known sort that somebody signed.
    pub(crate) fn tells_stories(&self) -> bool {
        let pages = &self.know.rules.pages;
        let content = self.page.content;
        self.page.is_kind(&pages.stories)
            || (content.kind == "other" && (content.author.is_some() || content.published.is_some()))
    }

    /// All mentions of the page.
    pub(crate) fn read(mut self) -> Vec<Mention> {
        for phase in PHASES {
            if self.page.is_stopped() {
                break;
            }
            phase(&mut self);
        }
        self.found
    }
}

/// What is read, in this order: people first, so that the others know whose card is whose.
const PHASES: [fn(&mut Reading<'_, '_>); 16] = [
    crate::person::read,
    crate::structured::read,
    crate::email::read,
    crate::phone::read,
    crate::profile::read,
    crate::address::read,
    crate::location::read,
    crate::organisation::read,
    crate::product::read,
    crate::money::read,
    crate::date::read,
    crate::identifier::read,
    crate::credential::read,
    crate::technology::read,
    crate::jobs::read,
    crate::metric::read,
];
