//! Which queues there are, as data: the same list is declared at every connection, so a broker that lost its data
//! gets them back.

use domain::Stage;
use lapin::types::{AMQPValue, FieldTable};
use serde::Serialize;

/// What was no doorbell is kept here, with its bytes, for somebody to look at.
const DEAD: &str = "dead";

/// RabbitMQ 4 throws a message away after 20 deliveries unless told otherwise. A doorbell comes back whenever a worker
/// dies or cannot reach the database, and must never be lost for it. The largest limit that 3.10 takes, too; it does
/// not know 4.x's -1.
const NO_LIMIT: i32 = i32::MAX;

/// The queues of one installation.
#[derive(Debug, Clone)]
pub(super) struct Topology {
    prefix: String,
}

/// One durable queue, reached by its name through the default exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Queue {
    pub(super) name: String,
    #[serde(rename = "x-queue-type")]
    kind: &'static str,
    #[serde(rename = "x-delivery-limit")]
    delivery_limit: i32,
}

impl Topology {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    pub(super) fn stage(&self, stage: Stage) -> Queue {
        self.queue(stage.as_str())
    }

    pub(super) fn dead(&self) -> Queue {
        self.queue(DEAD)
    }

    pub(super) fn all(&self) -> Vec<Queue> {
        Stage::ALL.into_iter().map(|stage| self.stage(stage)).chain([self.dead()]).collect()
    }

    fn queue(&self, name: &str) -> Queue {
        Queue { name: format!("{}{name}", self.prefix), kind: "quorum", delivery_limit: NO_LIMIT }
    }
}

impl Queue {
    pub(super) fn arguments(&self) -> FieldTable {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(self.kind.into()));
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(self.delivery_limit));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queues_are_these() {
        insta::assert_json_snapshot!(Topology::new("assay.").all());
    }
}
