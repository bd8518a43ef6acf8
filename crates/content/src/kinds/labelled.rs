//! Addresses with the kind a person gave them, traps included. The table reaches ≥ 95 % on them by its phrases;
//! whoever changes `kinds.toml` sees here what it costs.

use url::Url;

use super::Kinds;
use super::tests::TABLE;

/// `(address, kind)`; paths stand under `https://acme.example`.
const LABELLED: &[(&str, &str)] = &[
    // The specification's own.
    ("/teamwork-tips", "other"),
    ("/product-safety", "other"),
    ("/planet", "other"),
    ("/media/photo", "other"),
    ("/blog/about-us-party", "blog"),
    ("/de/ueber-uns/", "about"),
    ("/about-acme.html", "about"),
    ("/company/leadership", "team"),
    // Start pages.
    ("/", "home"),
    ("/de/", "home"),
    ("/en-us", "home"),
    ("/index.html", "home"),
    ("/us/en/", "home"),
    ("/home", "home"),
    ("/fr/index.php", "home"),
    // About.
    ("/about", "about"),
    ("/about-us/", "about"),
    ("/AboutUs.aspx", "about"),
    ("/aboutus", "about"),
    ("/who-we-are", "about"),
    ("/our-story", "about"),
    ("/company", "about"),
    ("/company/history", "about"),
    ("/about/mission", "about"),
    ("/our-company/the-acme-story", "about"),
    ("/about/offices-in-spring", "about"),
    ("/%C3%BCber-uns", "about"),
    ("/unternehmen/geschichte.html", "about"),
    ("/de/unternehmen/", "about"),
    ("/a-propos", "about"),
    ("/fr/qui-sommes-nous", "about"),
    ("/quienes-somos", "about"),
    ("/es/sobre-nosotros/", "about"),
    ("/it/chi-siamo", "about"),
    ("/azienda", "about"),
    ("/over-ons", "about"),
    ("/nl/over-ons/", "about"),
    ("/sobre-nos", "about"),
    ("/pt/quem-somos", "about"),
    // Team.
    ("/team", "team"),
    ("/our-team/", "team"),
    ("/about/team", "team"),
    ("/about-us/leadership-team", "team"),
    ("/meet-the-team", "team"),
    ("/people", "team"),
    ("/management", "team"),
    ("/team/mara-lind", "team"),
    ("/company/board-of-directors", "team"),
    ("/unternehmen/geschaeftsfuehrung", "team"),
    ("/de/ansprechpartner", "team"),
    ("/fr/notre-equipe", "team"),
    ("/equipo", "team"),
    ("/il-team", "team"),
    ("/nl/ons-team", "team"),
    ("/pt/equipa", "team"),
    // Pricing.
    ("/pricing", "pricing"),
    ("/plans", "pricing"),
    ("/plans-and-pricing", "pricing"),
    ("/pricing/enterprise", "pricing"),
    ("/products/pricing", "pricing"),
    ("/de/preise", "pricing"),
    ("/preise-und-pakete", "pricing"),
    ("/fr/tarifs", "pricing"),
    ("/precios", "pricing"),
    ("/it/prezzi", "pricing"),
    ("/prijzen", "pricing"),
    ("/planos", "pricing"),
    ("/acme-pricing", "pricing"),
    // Product and service.
    ("/product", "product"),
    ("/products/", "product"),
    ("/products/pump-200", "product"),
    ("/products/pumps/pump-200", "product"),
    ("/platform", "product"),
    ("/solutions/farming", "product"),
    ("/features", "product"),
    ("/how-it-works", "product"),
    ("/shop/pump-200", "product"),
    ("/produkte/pumpe-200.html", "product"),
    ("/de/loesungen", "product"),
    ("/produits", "product"),
    ("/es/productos/bombas", "product"),
    ("/prodotti", "product"),
    ("/producten/pomp", "product"),
    ("/produtos", "product"),
    ("/services", "service"),
    ("/services/installation", "service"),
    ("/our-services", "service"),
    ("/consulting", "service"),
    ("/leistungen", "service"),
    ("/leistungen/wartung", "service"),
    ("/prestations", "service"),
    ("/servicios", "service"),
    ("/servizi", "service"),
    ("/diensten", "service"),
    ("/servicos", "service"),
    ("/industries/agriculture", "service"),
    // Contact.
    ("/contact", "contact"),
    ("/contact-us", "contact"),
    ("/contact-page", "contact"),
    ("/kontakt.php", "contact"),
    ("/company/locations", "contact"),
    ("/kontakt/anfahrt", "contact"),
    ("/contactez-nous", "contact"),
    ("/contacto", "contact"),
    ("/contatti", "contact"),
    ("/fale-conosco", "contact"),
    ("/nl/contact", "contact"),
    // Investors.
    ("/investors", "investors"),
    ("/investor-relations/2024", "investors"),
    ("/ir", "investors"),
    ("/investoren", "investors"),
    ("/investisseurs", "investors"),
    ("/company/annual-reports", "investors"),
    // Customers.
    ("/customers", "customers"),
    ("/case-studies/leeds-farm", "customers"),
    ("/our-clients", "customers"),
    ("/referenzen", "customers"),
    ("/clients", "customers"),
    ("/casos-de-exito", "customers"),
    ("/klantverhalen/boer", "customers"),
    ("/portfolio", "customers"),
    ("/realisations", "customers"),
    // Legal.
    ("/impressum", "legal"),
    ("/de/impressum.html", "legal"),
    ("/legal", "legal"),
    ("/legal/terms", "legal"),
    ("/privacy-policy", "legal"),
    ("/datenschutzerklaerung", "legal"),
    ("/mentions-legales", "legal"),
    ("/aviso-legal", "legal"),
    ("/note-legali", "legal"),
    ("/colofon", "legal"),
    ("/terms-and-conditions", "legal"),
    ("/agb", "legal"),
    ("/cookies", "legal"),
    // Careers.
    ("/careers", "careers"),
    ("/jobs/pump-engineer", "careers"),
    ("/company/careers/engineer-berlin", "careers"),
    ("/about/jobs/sales", "careers"),
    ("/join-us", "careers"),
    ("/open-positions", "careers"),
    ("/karriere/stellenangebote", "careers"),
    ("/stellenangebote/ingenieur", "careers"),
    ("/nous-rejoindre", "careers"),
    ("/trabaja-con-nosotros", "careers"),
    ("/lavora-con-noi", "careers"),
    ("/werken-bij", "careers"),
    ("/vagas", "careers"),
    ("/working-at-acme", "careers"),
    // Trust.
    ("/security", "trust"),
    ("/trust-center", "trust"),
    ("/quality/iso-9001", "trust"),
    ("/nachhaltigkeit", "trust"),
    ("/zertifikate", "trust"),
    ("/certificazioni", "trust"),
    // Partners.
    ("/partners", "partners"),
    ("/partners/become-a-partner", "partners"),
    ("/integrations/slack", "partners"),
    ("/partenaires", "partners"),
    ("/haendler", "partners"),
    // News.
    ("/news", "news"),
    ("/news/2024/series-a", "news"),
    ("/press", "news"),
    ("/press-releases/launch", "news"),
    ("/media", "news"),
    ("/newsroom/team", "news"),
    ("/company/news/about-us", "news"),
    ("/aktuelles", "news"),
    ("/presse/mitteilung-12", "news"),
    ("/actualites/salon", "news"),
    ("/noticias", "news"),
    ("/it/notizie/fiera", "news"),
    ("/nieuws", "news"),
    ("/events", "news"),
    ("/news/a/b/c/pricing", "news"),
    // Blog.
    ("/blog", "blog"),
    ("/blog/pricing", "blog"),
    ("/de/blog/team", "blog"),
    ("/resources/whitepapers/pumps", "blog"),
    ("/insights/customers", "blog"),
    ("/magazin/ueber-uns", "blog"),
    ("/2024/05/why-pumps-fail", "blog"),
    ("/company/blog/contact", "blog"),
    ("/articles/how-to", "blog"),
    // Docs.
    ("/docs", "docs"),
    ("/docs/api/pricing-endpoint", "docs"),
    ("/help", "docs"),
    ("/support/contact", "contact"),
    ("/faq", "docs"),
    ("/hilfe", "docs"),
    ("/documentation/install.html", "docs"),
    ("/preguntas-frecuentes", "docs"),
    ("/veelgestelde-vragen", "docs"),
    ("/api", "docs"),
    // Whole words only.
    ("/contactless-payments", "other"),
    ("/newsletter", "other"),
    ("/news-letter-signup", "other"),
    ("/aboutism", "other"),
    ("/careersuite", "other"),
    ("/pricing-psychology-explained", "other"),
    ("/blogging-for-farmers", "other"),
    ("/legalize-it", "other"),
    ("/people-analytics", "other"),
    ("/team-building-events", "other"),
    ("/partnerschaft-und-ehe", "other"),
    ("/support-group-finder", "other"),
    ("/media-server", "other"),
    ("/planetarium", "other"),
    ("/jobsworth", "other"),
    ("/kontaktlinsen", "other"),
    ("/preiselbeeren", "other"),
    ("/teamviewer", "other"),
    ("/homeopathy", "other"),
    ("/home-insulation", "other"),
    ("/pressure-pumps", "other"),
    ("/investigations", "other"),
    ("/us", "home"),
    ("/overview", "other"),
    ("/p/17", "other"),
    ("/en-route-planning", "other"),
    ("/a/b/team-photos/c", "other"),
    ("/x/about/y/z", "other"),
    ("/products/a/b/c/d", "other"),
    ("/customer-about-face", "other"),
    ("/wp-content/uploads/2024/05/team.pdf", "team"),
    ("/it-services", "other"),
    ("/design", "other"),
    ("/terms-of-endearment", "other"),
    ("/our", "other"),
];

/// Whole addresses: what a host's own label adds.
const HOSTS: &[(&str, &str)] = &[
    ("https://docs.acme.example/install", "docs"),
    ("https://blog.acme.example/pricing", "blog"),
    ("https://careers.acme.example/", "careers"),
    ("https://jobs.acme.example/pump-engineer", "careers"),
    ("https://shop.acme.co.uk/pump-200", "product"),
    ("https://www.acme.example/", "home"),
    ("https://team.example/", "home"),
    ("https://team.example/xyz", "other"),
    ("https://leeds.acme.example/", "home"),
    ("https://news.acme.example/team", "news"),
    ("https://docs.acme.example/pricing", "pricing"),
];

#[test]
fn labelled_addresses_get_the_kind_a_person_gave_them() {
    assert!(LABELLED.len() + HOSTS.len() >= 200, "{}", LABELLED.len() + HOSTS.len());
    let kinds = Kinds::parse(TABLE).unwrap();
    let paths = LABELLED.iter().map(|(path, kind)| (format!("https://acme.example{path}"), *kind));
    let hosts = HOSTS.iter().map(|(url, kind)| ((*url).to_owned(), *kind));
    let wrong: Vec<String> = paths
        .chain(hosts)
        .filter_map(|(url, kind)| {
            let guess = kinds.guess(&Url::parse(&url).unwrap(), None, Some("Acme Ltd"));
            (guess.kind != kind).then(|| format!("{url}: {} instead of {kind}", guess.kind))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn frontier_and_classifier_agree_where_only_the_address_is_known() {
    let kinds = Kinds::parse(TABLE).unwrap();
    for (path, _) in LABELLED {
        let url = Url::parse(&format!("https://acme.example{path}")).unwrap();
        let guess = kinds.guess(&url, None, None);
        let judged = kinds.judge(Some(&url), &[], None, &super::Features::default());
        assert_eq!(guess.kind, judged.kind, "{path}");
    }
}
