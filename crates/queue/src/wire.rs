//! The message and its bytes (`proto/assay/v1/job.proto`).

use bytes::Bytes;
use domain::{JobId, RunId};
use prost::Message as _;
use uuid::Uuid;

mod v1 {
    #![allow(clippy::pedantic, unreachable_pub, missing_debug_implementations)]
    include!(concat!(env!("OUT_DIR"), "/assay.v1.rs"));
}

/// W3C trace context, carried so that one trace spans the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    pub parent: String,
    pub state: String,
}

/// "This job is ready." Everything else is in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doorbell {
    pub job: JobId,
    pub run: RunId,
    pub attempt: i32,
    pub trace: Trace,
}

/// Bytes on a queue that are no doorbell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no doorbell: {0}")]
pub struct Undecodable(String);

impl Doorbell {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        v1::Doorbell {
            job_id: self.job.uuid().as_bytes().to_vec(),
            run_id: self.run.uuid().as_bytes().to_vec(),
            attempt: self.attempt,
            traceparent: self.trace.parent.clone(),
            tracestate: self.trace.state.clone(),
        }
        .encode_to_vec()
        .into()
    }

    /// # Errors
    /// If the bytes are no message of this version, or an id is not 16 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        let message = v1::Doorbell::decode(bytes).map_err(|error| Undecodable(error.to_string()))?;
        let uuid = |name: &str, bytes: &[u8]| {
            Uuid::from_slice(bytes).map_err(|error| Undecodable(format!("{name}: {error}")))
        };
        Ok(Self {
            job: JobId::from_uuid(uuid("job_id", &message.job_id)?),
            run: RunId::from_uuid(uuid("run_id", &message.run_id)?),
            attempt: message.attempt,
            trace: Trace { parent: message.traceparent, state: message.tracestate },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Doorbell {
        Doorbell {
            job: JobId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001)),
            run: RunId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002)),
            attempt: 3,
            trace: Trace { parent: "00-aa-bb-01".into(), state: String::new() },
        }
    }

    #[test]
    fn the_bytes_of_a_doorbell_are_frozen() {
        let frozen = [
            0x0a, 0x10, 0x01, 0x92, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x01, 0x12, 0x10, 0x01,
            0x92, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0x18, 0x03, 0x22, 0x0b, b'0', b'0',
            b'-', b'a', b'a', b'-', b'b', b'b', b'-', b'0', b'1',
        ];
        assert_eq!(sample().encode().as_ref(), frozen);
        assert_eq!(Doorbell::decode(&frozen), Ok(sample()));
    }

    #[test]
    fn what_is_no_doorbell_is_refused() {
        assert!(Doorbell::decode(b"").is_err());
        assert!(Doorbell::decode(b"\x0a\x02ab").is_err());
        assert!(Doorbell::decode(&[0xff; 40]).is_err());
    }
}
