use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{any, proptest};

use super::{FILE, load, load_with};
use crate::{Readers, Snapshot, Unreadable};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A folder with a manifest and the files that the tests name.
fn folder(manifest: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), manifest).unwrap();
    fs::write(folder.path().join("input.json"), INPUT).unwrap();
    fs::write(folder.path().join("a.md"), "a").unwrap();
    fs::write(folder.path().join("b.md"), "b").unwrap();
    fs::write(folder.path().join("a.json"), ANSWER).unwrap();
    fs::write(folder.path().join("k.toml"), "x = 1").unwrap();
    folder
}

const INPUT: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "url": {"type": "string"}, "n": {"type": "integer"}, "scale": {"type": "number"}, "on": {"type": "boolean"},
    "free": {"type": "object"}, "list": {"type": "array", "items": {"type": "string"}}}}"#;

const ANSWER: &str =
    r#"{"properties": {"claims": {"items": {"required": ["statement"], "properties": {"statement": {}}}}}}"#;

const HEAD: &str = "name = \"p\"\ntitle = \"P\"\nsubject = \"s\"\nsubject_key = \"{{ input.url }}\"\ninput = \"input.json\"\n";

fn job(id: &str, rest: &str) -> String {
    format!("[[job]]\nid = \"{id}\"\nuses = \"analyze.score\"\nwith = {{ rules = \"k.toml\" }}\n{rest}\n")
}

/// The reasons for which a manifest of `HEAD` and these jobs is refused, without file and line.
fn reasons(jobs: &str) -> Vec<String> {
    let folder = folder(&format!("{HEAD}{jobs}"));
    load(folder.path())
        .err()
        .into_iter()
        .flat_map(|invalid| invalid.mistakes)
        .map(|mistake| mistake.reason)
        .collect()
}

fn snapshot(jobs: &str) -> Snapshot {
    let folder = folder(&format!("{HEAD}{jobs}"));
    load(folder.path()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

#[test]
fn every_mistake_of_a_folder_is_told_with_its_place() {
    let invalid = load(&fixture("mistakes")).unwrap_err();
    let mistakes: Vec<String> = invalid.mistakes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(mistakes.join("\n"));
}

#[test]
fn what_is_no_toml_is_told_at_every_place() {
    let folder = folder("name = \n[[job]\nid = 'a'\ntitle = \"x\" y\n");
    let mistakes = load(folder.path()).unwrap_err().mistakes;
    let lines: Vec<Option<usize>> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert!(lines.contains(&Some(1)) && lines.contains(&Some(2)) && lines.contains(&Some(4)), "{mistakes:?}");
}

#[test]
fn a_manifest_that_cannot_be_had_is_a_mistake_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let of =
        |path: &Path| load(path).unwrap_err().mistakes.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of(folder.path()), ["pipeline.toml: there is no such file in the folder"]);
    fs::write(folder.path().join(FILE), [b'n', 0xff, 0xfe]).unwrap();
    assert_eq!(of(folder.path()), ["pipeline.toml: it is not UTF-8 text (byte 1)"]);
    fs::write(folder.path().join(FILE), "#".repeat(1024 * 1024 + 1)).unwrap();
    assert_eq!(of(folder.path()), ["pipeline.toml: it is larger than 1 MiB"]);
    assert!(of(&folder.path().join("nowhere"))[0].starts_with("pipeline.toml: the folder cannot be read: "));
    assert!(of(&folder.path().join(FILE))[0].starts_with("pipeline.toml: the folder cannot be read: "));
}

#[test]
fn a_pipeline_without_jobs_is_refused() {
    assert_eq!(reasons(""), ["the pipeline has no jobs: write at least one `[[job]]`"]);
    assert_eq!(reasons("job = []"), ["a pipeline has 1 to 200 jobs, this has 0"]);
    assert_eq!(reasons("[job]\nid = 'a'"), ["jobs are written as `[[job]]`"]);
}

#[test]
fn a_circle_is_named_once() {
    let circle = job("a", "needs = 'c'")
        + &job("b", "needs = ['a']")
        + &job("c", "needs = 'b'")
        + &job("d", "needs = 'a'");
    assert_eq!(reasons(&circle), ["these jobs wait for each other: a → c → b → a"]);
    assert_eq!(reasons(&job("a", "needs = 'a'")), ["`a` waits for itself"]);
    let two = job("a", "needs = 'b'")
        + &job("b", "needs = 'a'")
        + &job("x", "needs = 'y'")
        + &job("y", "needs = ['x', 'b']");
    assert_eq!(reasons(&two).len(), 2);
}

#[test]
fn a_circle_over_for_each_is_a_circle() {
    let site = "[[job]]\nid = \"site\"\nuses = \"crawl.site\"\nneeds = \"page\"\nwith = { url = \"x\", kinds = \"k.toml\" }\n";
    let page = "[[job]]\nid = \"page\"\nuses = \"extract.content\"\nfor_each = \"site\"\n";
    assert_eq!(reasons(&format!("{site}{page}")), ["these jobs wait for each other: site → page → site"]);
}

#[test]
fn names_reach_jobs_that_come_before_however_far() {
    let far = job("a", "")
        + &job("b", "needs = 'a'")
        + &job("c", "needs = 'b'\nwhen = \"a.x > 1 && state.a == 'done'\"");
    assert_eq!(snapshot(&far).nodes[2].when, ["a.x > 1 && state.a == 'done'"]);
    let beside = job("a", "") + &job("b", "when = 'a.x'");
    assert_eq!(reasons(&beside), ["`a` does not come before this job: add it to `needs`"]);
}

#[test]
fn names_in_the_input_are_those_of_its_schema() {
    let when = |when: &str| reasons(&job("a", &format!("when = \"{when}\"")));
    assert_eq!(
        when("input.url && input.free.anything.at.all && input.list[0] && subject.facts.streak"),
        Vec::<String>::new()
    );
    assert_eq!(when("input.list.exists(x, x.foo == input.n)"), Vec::<String>::new());
    assert_eq!(when("input.ulr"), ["`input` has no `ulr` (did you mean `url`?)"]);
    assert_eq!(when("input.url.host"), ["`input.url` has no `host`"]);
    assert_eq!(
        when("subject.profile.goals"),
        ["the pipeline has no `profile` schema that says what a profile holds"]
    );
    assert_eq!(when("depth == full"), ["`depth` refers to nothing", "`full` refers to nothing"]);
}

#[test]
fn an_argument_from_the_input_must_have_the_arguments_type() {
    let with = |argument: &str| {
        let with = format!("url = \"x\", kinds = \"k.toml\", {argument}");
        reasons(&format!("[[job]]\nid = \"a\"\nuses = \"crawl.site\"\nwith = {{ {with} }}\n"))
    };
    assert_eq!(with("max_pages = \"{{ input.n }}\""), Vec::<String>::new());
    assert_eq!(with("max_pages = \"{{ input.scale }}\""), Vec::<String>::new());
    assert_eq!(with("max_pages = \"{{ input.n + 1 }}\""), Vec::<String>::new());
    assert_eq!(with("name = \"about {{ input.n }}\""), Vec::<String>::new());
    assert_eq!(with("include = \"{{ input.list }}\""), Vec::<String>::new());
    assert_eq!(with("scope = \"{{ input.url }}\""), Vec::<String>::new());
    assert_eq!(
        with("max_pages = \"{{ input.on }}\""),
        ["`max_pages` must be of type integer, `input.on` is of type boolean"]
    );
    assert_eq!(
        with("max_pages = \"about {{ input.n }}\""),
        ["`max_pages` must be of type integer, this template is of type string"]
    );
    assert_eq!(
        with("include = \"{{ input.url }}\""),
        ["`include` must be of type array, `input.url` is of type string"]
    );
}

#[test]
fn of_an_argument_that_may_be_left_out_the_value_that_was_meant_is_checked() {
    let manifest = format!(
        "{HEAD}[[job]]\nid = \"a\"\nuses = \"extract.entities\"\nwith = {{ rules = \"k.toml\", technologies = 3 }}\n"
    );
    let mistakes = load(folder(&manifest).path()).unwrap_err().mistakes;
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["pipeline.toml:9:43: `technologies` must be of type string, is of type integer"]);
}

#[test]
fn a_file_whose_name_is_a_template_stands_for_every_file_that_fits() {
    let ask = |prompt: &str| {
        format!(
            "[[job]]\nid = \"a\"\nuses = \"analyze.ask\"\n[job.with]\ntitle = \"A\"\nprompt = \"{prompt}\"\nschema = \"a.json\"\n\
                 select = {{ tokens = 500 }}\n"
        )
    };
    let names: Vec<String> = snapshot(&ask("{{ input.url }}.md")).files.into_keys().collect();
    assert_eq!(names, ["a.json", "a.md", "b.md", "input.json"]);
    assert_eq!(reasons(&ask("x/{{ input.url }}.md")), ["no file of the folder fits `x/{{ input.url }}.md`"]);
}

#[test]
fn a_job_that_an_argument_names_is_there_comes_before_and_makes_what_is_asked_for() {
    let ask = |findings: &str| {
        format!(
            "[[job]]\nid = \"ask\"\nuses = \"analyze.ask\"\nneeds = \"checks\"\n[job.with]\ntitle = \"A\"\nprompt = \"a.md\"\n\
             schema = \"a.json\"\nselect = {{ tokens = 500, findings = {findings} }}\n"
        )
    };
    let report = |facts: &str| {
        format!(
            "[[job]]\nid = \"report\"\nuses = \"analyze.report\"\nneeds = \"ask\"\nwith = {{ template = \"a.md\", facts = \"{facts}\" }}\n"
        )
    };
    let jobs = |findings: &str, facts: &str| {
        reasons(&(job("checks", "") + &job("later", "needs = 'ask'") + &ask(findings) + &report(facts)))
    };
    assert_eq!(jobs("[\"checks\"]", "checks"), Vec::<String>::new());
    assert_eq!(jobs("true", "checks"), Vec::<String>::new());
    assert_eq!(jobs("[\"check\"]", "checks"), ["there is no job `check` (did you mean `checks`?)"]);
    assert_eq!(jobs("[]", "chekcs"), ["there is no job `chekcs` (did you mean `checks`?)"]);
    let late = "`later` does not come before this job: add it to `needs`";
    assert_eq!(jobs("[\"later\"]", "later"), [late, late]);
    assert_eq!(jobs("[]", "ask"), ["`ask` is no job of analyze.score"]);
    assert_eq!(jobs("[]", "{{ input.url }}"), ["a job is named by its id, not by a template"]);
}

#[test]
fn the_schema_of_an_answer_asks_for_claims_or_a_summary() {
    let told = |schema: &str| {
        let folder = folder(&format!(
            "{HEAD}[[job]]\nid = \"a\"\nuses = \"analyze.ask\"\n[job.with]\ntitle = \"A\"\nprompt = \"a.md\"\n\
             schema = \"a.json\"\nselect = {{ tokens = 500 }}\n"
        ));
        fs::write(folder.path().join("a.json"), schema).unwrap();
        load(folder.path()).err().map(|invalid| invalid.mistakes[0].to_string())
    };
    let summary = r##"{"properties": {"summary": {"items": {"$ref": "#/$defs/s"}}},
        "$defs": {"s": {"required": ["text"], "properties": {"text": {"type": "string"}}}}}"##;
    assert_eq!((told(ANSWER), told(summary)), (None, None));
    let lacks = "a.json:1:1: the schema of an answer must have `claims` or `summary` among its `properties`";
    assert_eq!(told(r#"{"type": "object"}"#).as_deref(), Some(lacks));
    assert_eq!(
        told(r#"{"properties": {"claims": {"type": "array"}}}"#).as_deref(),
        Some("a.json:1:27: `claims` must be a list of objects that are required to have a `statement`")
    );
}

#[test]
fn what_only_a_worker_can_judge_is_judged_by_its_reader() {
    let readers = Readers::default().with::<crate::uses::Score>("rules", |text| {
        let refused = || Unreadable { place: Some((1, 5)), reason: "`x` must be 2".to_owned() };
        if text == "x = 2" { Ok(()) } else { Err(refused()) }
    });
    let told = |rules: &str, jobs: &str| {
        let folder = folder(&format!("{HEAD}{jobs}"));
        fs::write(folder.path().join("k.toml"), rules).unwrap();
        let mistakes =
            load_with(folder.path(), &readers).err().into_iter().flat_map(|invalid| invalid.mistakes);
        mistakes.map(|mistake| mistake.to_string()).collect::<Vec<_>>()
    };
    let twice = job("a", "") + &job("b", "");
    assert_eq!(told("x = 2", &twice), Vec::<String>::new());
    assert_eq!(told("x = 1", &twice), ["k.toml:1:5: `x` must be 2"]);
    assert_eq!(
        told("x = 1", &twice.replace("k.toml", "k{{ input.url }}.toml")),
        ["k.toml:1:5: `x` must be 2"]
    );
    let broken = told("x = = 2", &twice);
    assert!(broken.iter().all(|mistake| mistake.contains("this is no TOML")), "{broken:?}");
    let entities = "[[job]]\nid = \"a\"\nuses = \"extract.entities\"\nwith = { rules = \"k.toml\" }\n";
    assert_eq!(told("x = 1", entities), Vec::<String>::new());
}

#[test]
fn the_hash_is_of_the_manifest_and_the_files_that_it_names() {
    let manifest = format!("{HEAD}{}", job("a", ""));
    let folder = folder(&manifest);
    let hash = || load(folder.path()).unwrap().hash;
    let first = hash();
    assert_eq!(first.len(), 64);
    fs::write(folder.path().join("unnamed.md"), "new").unwrap();
    assert_eq!(hash(), first);
    fs::write(folder.path().join("k.toml"), "x = 2").unwrap();
    assert_ne!(hash(), first);
    fs::write(folder.path().join("k.toml"), "x = 1").unwrap();
    assert_eq!(hash(), first);
    fs::write(folder.path().join(FILE), format!("{manifest}# more\n")).unwrap();
    assert_ne!(hash(), first);
}

#[test]
fn one_string_stands_for_a_list_of_one() {
    let jobs = job("a", "") + &job("b", "needs = 'a'\nwhen = 'input.url'\ngroup = 'wave1'\noptional = true");
    let node = snapshot(&jobs).nodes.remove(1);
    assert_eq!(
        (node.needs, node.when, node.group.as_deref(), node.optional),
        (vec!["a".into()], vec!["input.url".into()], Some("wave1"), true)
    );
}

#[test]
fn a_job_per_document_has_a_state_but_no_output() {
    let pipeline = |when: &str| {
        format!(
            "[[job]]\nid = \"site\"\nuses = \"crawl.site\"\nwith = {{ url = \"x\", kinds = \"k.toml\" }}\n\
             [[job]]\nid = \"page\"\nuses = \"extract.content\"\nfor_each = \"site\"\n{}",
            job("end", &format!("needs = 'page'\nwhen = '{when}'"))
        )
    };
    assert_eq!(reasons(&pipeline("site.pages && state.page && site.kept > 1")), Vec::<String>::new());
    assert_eq!(
        reasons(&pipeline("page.words")),
        ["`page` runs once per document and has no output; `state.page` says how it ended"]
    );
}

#[cfg(unix)]
#[test]
fn files_outside_the_folder_are_never_read() {
    for path in ["../k.toml", "/etc/hostname", "./k.toml", "a/../k.toml", "link.toml"] {
        let folder = folder(&format!(
            "{HEAD}[[job]]\nid = \"a\"\nuses = \"analyze.score\"\nwith = {{ rules = \"{path}\" }}\n"
        ));
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.toml")).unwrap();
        let mistakes = load(folder.path()).unwrap_err().mistakes;
        assert_eq!(mistakes.len(), 1, "{path}: {mistakes:?}");
        assert!(mistakes[0].reason.starts_with(&format!("`{path}`: ")), "{path}: {mistakes:?}");
        assert_eq!((mistakes[0].line, mistakes[0].column), (Some(9), Some(18)), "{path}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folder = folder("");
        fs::write(folder.path().join(FILE), bytes).unwrap();
        assert!(load(folder.path()).is_err());
    }

    #[test]
    fn nothing_that_looks_like_a_manifest_makes_it_panic(lines in proptest::collection::vec(
        "(name|title|subject|subject_key|input|profile|id|uses|with|needs|for_each|when|optional|group|x) = \
         (\"p\"|\"input.json\"|\"analyze.ask\"|\"crawl.site\"|\"\\{\\{ [a-z.|()]{0,9} \\}\\}\"|true|3|1e9|nan|1979-05-27|\\[\"a\", 1\\]|\\{ url = \"x\", a = \\[\\] \\})\
         |\\[\\[job\\]\\]|\\[job.with\\]|\\[job\\]", 0..24)) {
        let folder = folder(&lines.join("\n"));
        let _ = load(folder.path());
    }
}
