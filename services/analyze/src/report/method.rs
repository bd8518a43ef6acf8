//! Who wrote a section: what it says of itself, else who was chosen to. Never who was paid: a run whose every question
//! failed paid nobody, and is not extractive for that.

use domain::run::ModelTier as Wish;
use llm::{Desk, ModelTier};
use pipelines::Node;
use serde::Deserialize;
use serde_json::Value;

use crate::ask::tier;

/// How a section without a model is labelled.
pub(super) const EXTRACTIVE: &str = "extractive";

/// Who answers in this run: the configured provider, as far as the run wants one.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) desk: Desk,
    pub(super) wish: Wish,
}

impl Chosen {
    /// The model that wrote the section of a job, or was to; `extractive` without one.
    pub(super) fn method(&self, node: &Node, output: Option<&Value>) -> String {
        let said = |name: &str| output.and_then(|output| output.get(name)?.as_str());
        match said("method") {
            Some(EXTRACTIVE) => EXTRACTIVE.to_owned(),
            Some("model") => said("model").map_or_else(|| self.model(node), str::to_owned),
            _ => self.model(node),
        }
    }

    fn model(&self, node: &Node) -> String {
        let asked = node.with.get("model").and_then(|model| ModelTier::deserialize(model).ok());
        let tier = tier(self.desk.choice(), self.wish, asked.unwrap_or_default());
        let model = tier.ok().flatten().and_then(|tier| self.desk.model(tier));
        model.unwrap_or(EXTRACTIVE).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use domain::Stage;
    use llm::{Choice, Kind, Settings};
    use serde_json::json;

    use super::*;

    fn asked(model: &str) -> Node {
        Node {
            id: "overview".to_owned(),
            uses: "analyze.ask".to_owned(),
            stage: Stage::Analyze,
            with: json!({"model": model}).as_object().cloned().unwrap(),
            needs: Vec::new(),
            for_each: Vec::new(),
            when: Vec::new(),
            optional: true,
            group: None,
        }
    }

    fn chosen(choice: Choice, wish: Wish) -> Chosen {
        let mut settings = Settings { provider: Some(choice), ..Settings::default() };
        settings.ollama.base_url = "http://127.0.0.1:9".to_owned();
        settings.ollama.models.fast = "small".to_owned();
        settings.ollama.models.deep = "large".to_owned();
        Chosen { desk: Desk::new(&settings).unwrap(), wish }
    }

    #[test]
    fn a_section_whose_questions_all_failed_is_not_extractive() {
        let ollama = || chosen(Choice::Model(Kind::Ollama), Wish::Auto);
        assert_eq!(ollama().method(&asked("deep"), None), "large");
        assert_eq!(ollama().method(&asked("deep"), Some(&json!({"method": "nothing"}))), "large");
        assert_eq!(chosen(Choice::Model(Kind::Ollama), Wish::Fast).method(&asked("deep"), None), "small");
        let other = json!({"method": "model", "model": "another"});
        assert_eq!(ollama().method(&asked("deep"), Some(&other)), "another");
        let extractive = json!({"method": "extractive"});
        assert_eq!(ollama().method(&asked("deep"), Some(&extractive)), "extractive");
        assert_eq!(
            chosen(Choice::Model(Kind::Ollama), Wish::None).method(&asked("deep"), None),
            "extractive"
        );
        assert_eq!(chosen(Choice::Extractive, Wish::Auto).method(&asked("deep"), None), "extractive");
    }
}
