//! Cuts a stream of bytes into events: server-sent events, or one JSON value per line.

/// No event of a chat stream is this long; one that is comes from something else.
const LONGEST_LINE_BYTES: usize = 4 << 20;

/// How a provider marks where an event ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `data: …` lines up to an empty line (WHATWG server-sent events; the other fields are not needed).
    ServerSent,
    /// One event per line (NDJSON).
    Lines,
}

/// The stream is no chat stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Feeds on bytes as they come, whole characters or not.
#[derive(Debug)]
pub(crate) struct Frames {
    framing: Framing,
    line: Vec<u8>,
    data: Option<String>,
}

impl Frames {
    pub(crate) const fn new(framing: Framing) -> Self {
        Self { framing, line: Vec::new(), data: None }
    }

    /// The events that `bytes` complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() + self.data.as_ref().map_or(0, String::len) > LONGEST_LINE_BYTES {
                return Err(TooLong);
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                events.extend(self.line(&line));
            }
        }
        Ok(events)
    }

    /// The event that the end of the stream completes. An unfinished server-sent event is none, by its specification.
    pub(crate) fn end(mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        match self.framing {
            Framing::Lines => self.line(&line),
            Framing::ServerSent => None,
        }
    }

    fn line(&mut self, line: &[u8]) -> Option<String> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches(['\n', '\r']);
        match self.framing {
            Framing::Lines => (!line.trim().is_empty()).then(|| line.to_owned()),
            Framing::ServerSent if line.is_empty() => self.data.take(),
            Framing::ServerSent => {
                if let Some(value) = line.strip_prefix("data:") {
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    match &mut self.data {
                        Some(data) => {
                            data.push('\n');
                            data.push_str(value);
                        }
                        None => self.data = Some(value.to_owned()),
                    }
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: &str =
        "event: message_start\r\ndata: {\"a\":1}\r\n\r\n: comment\n\ndata:{\"ü\":\ndata: 2}\n\ndata: cut";
    const LINES: &str = "{\"a\":1}\n\n{\"ü\":2}\r\n{\"last\":3}";

    fn all(framing: Framing, chunks: &[&[u8]]) -> Vec<String> {
        let mut frames = Frames::new(framing);
        let mut events: Vec<String> = chunks.iter().flat_map(|c| frames.push(c).unwrap()).collect();
        events.extend(frames.end());
        events
    }

    #[test]
    fn events_are_joined_from_their_data_lines_and_an_unfinished_one_is_dropped() {
        assert_eq!(all(Framing::ServerSent, &[EVENTS.as_bytes()]), ["{\"a\":1}", "{\"ü\":\n2}"]);
    }

    #[test]
    fn lines_are_events_and_the_last_needs_no_line_end() {
        assert_eq!(all(Framing::Lines, &[LINES.as_bytes()]), ["{\"a\":1}", "{\"ü\":2}", "{\"last\":3}"]);
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut frames = Frames::new(Framing::Lines);
        let chunk = vec![b'x'; 1 << 20];
        let outcome: Vec<_> = (0..5).map(|_| frames.push(&chunk)).collect();
        assert_eq!(outcome.last(), Some(&Err(TooLong)));
    }

    proptest! {
        #[test]
        fn where_the_network_cuts_makes_no_difference(cuts in proptest::collection::vec(0usize..60, 0..6)) {
            for (framing, text) in [(Framing::ServerSent, EVENTS), (Framing::Lines, LINES)] {
                let mut cuts: Vec<usize> = cuts.iter().map(|c| (*c).min(text.len())).collect();
                cuts.sort_unstable();
                cuts.push(text.len());
                let mut start = 0;
                let chunks: Vec<&[u8]> = cuts.iter().map(|end| {
                    let chunk = &text.as_bytes()[start..*end];
                    start = *end;
                    chunk
                }).collect();
                prop_assert_eq!(all(framing, &chunks), all(framing, &[text.as_bytes()]));
            }
        }
    }
}
