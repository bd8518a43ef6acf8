//! Where in a JSON text a value stands. `serde_json` reads the text; this only finds places in a text it has accepted.

/// The byte at which the value of a JSON pointer begins; the nearest value above it if it is not there.
pub(crate) fn offset(text: &str, pointer: &str) -> usize {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    scanner.space();
    let mut found = scanner.at;
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        match scanner.enter(&segment) {
            Some(at) => found = at,
            None => break,
        }
    }
    found
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// From the beginning of an object or array to the beginning of one of its values.
    fn enter(&mut self, segment: &str) -> Option<usize> {
        let object = match self.peek() {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        for index in 0.. {
            self.space();
            if matches!(self.peek(), b'}' | b']' | 0) {
                return None;
            }
            let here = if object {
                let start = self.at;
                self.string();
                let key =
                    self.bytes.get(start..self.at).and_then(|raw| serde_json::from_slice::<String>(raw).ok());
                self.space();
                self.at += 1; // the colon
                self.space();
                key.as_deref() == Some(segment)
            } else {
                segment.parse() == Ok(index)
            };
            if here {
                return Some(self.at);
            }
            self.value();
            self.space();
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        None
    }

    fn string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// Over one value, brackets and all.
    fn value(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                _ => {
                    while !matches!(self.peek(), 0 | b',' | b'}' | b']' | b'{' | b'[' | b'"') {
                        self.at += 1;
                    }
                    if depth > 0 && self.peek() == b',' {
                        self.at += 1;
                        continue;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::Value;

    use super::offset;

    #[test]
    fn a_pointer_leads_to_its_value() {
        let text = r#" { "a" : [ 1, {"b\n": "x,}]", "~/": true}, [ ] ], "c": -1.5e3 , "d": {} }"#;
        for (pointer, begins) in [
            ("", "{ \"a\""),
            ("/a", "[ 1"),
            ("/a/0", "1,"),
            ("/a/1", "{\"b"),
            ("/a/1/b\n", "\"x,}]\""),
            ("/a/1/~0~1", "true"),
            ("/a/2", "[ ]"),
            ("/c", "-1.5e3"),
            ("/d", "{} }"),
            ("/d/nothing", "{} }"),
            ("/a/7", "[ 1"),
        ] {
            let found = text.get(offset(text, pointer)..).unwrap();
            assert!(found.starts_with(begins), "{pointer}: {found}");
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_pointer_make_it_panic_or_loop(text in any::<String>(), pointer in "(/[a-z0-9]{0,2}){0,4}") {
            let _ = offset(&text, &pointer);
        }

        #[test]
        fn it_finds_every_member_of_what_serde_writes(keys in proptest::collection::vec("[a-z\"\\\\/~]{1,4}", 1..6)) {
            let object: serde_json::Map<String, Value> =
                keys.iter().map(|key| (key.clone(), Value::from(format!("<{key}>")))).collect();
            let text = serde_json::to_string_pretty(&object).unwrap();
            for (key, value) in &object {
                let at = offset(&text, &format!("/{}", key.replace('~', "~0").replace('/', "~1")));
                assert!(text.get(at..).unwrap().starts_with(&value.to_string()), "{key}");
            }
        }
    }
}
