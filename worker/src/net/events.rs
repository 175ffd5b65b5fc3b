//! Server-sent events, read as they come in, however they are cut. Only their data counts; names and ids are not kept.
//!
//! Ours, because the crate there is panics at a byte order mark and keeps a line that never ends.

/// The largest event that is read; a piece of an answer is a thousand times smaller.
const LARGEST: usize = 1 << 20;

/// The stream is none of events.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Takes bytes in and gives events out.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: String,
    /// A line feed that comes next belongs to the carriage return before it.
    after_return: bool,
    begun: bool,
}

impl Events {
    /// The data of the events that these bytes complete.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, Broken> {
        let mut complete = Vec::new();
        for &byte in bytes {
            let second_half = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    complete.extend(self.end_line()?);
                }
                _ if self.line.len() >= LARGEST => return Err(Broken),
                _ => self.line.push(byte),
            }
        }
        Ok(complete)
    }

    /// The event's data, if the line was the empty one that ends it.
    fn end_line(&mut self) -> Result<Option<String>, Broken> {
        let line = String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| Broken)?;
        let line = if std::mem::replace(&mut self.begun, true) { &line } else { line.trim_start_matches('\u{feff}') };
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return Ok(Some(data).filter(|data| !data.is_empty()));
        }
        if let Some(value) = line.strip_prefix("data:") {
            if self.data.len().saturating_add(value.len()) > LARGEST {
                return Err(Broken);
            }
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, Broken> {
        let mut events = Events::default();
        let mut all = Vec::new();
        for piece in pieces {
            all.extend(events.take(piece)?);
        }
        Ok(all)
    }

    #[test]
    fn only_whole_events_count_and_only_their_data() {
        for (text, events) in [
            ("data: a\n\n", vec!["a"]),
            ("data:a\r\n\r\ndata: b\r\rdata: c\n\n", vec!["a", "b", "c"]),
            ("\u{feff}data: a\n\n", vec!["a"]),
            (": still there\n\nevent: x\nid: 1\ndata: a\ndata:  b\n\n", vec!["a\n b"]),
            ("data: [DONE]\n", vec![]),
            ("data\n\ndata:\n\ndat: a\n\n", vec![]),
        ] {
            assert_eq!(read(&[text.as_bytes()]).unwrap(), events, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_text_or_never_ends_is_broken() {
        assert_eq!(read(&[b"data: \xff\xfe\n\n"]), Err(Broken));
        let endless = vec![b'x'; LARGEST + 1];
        assert_eq!(read(&[&endless]), Err(Broken));
        let lines = b"data: 0123456789\n".repeat(LARGEST / 10);
        assert_eq!(read(&[&lines]), Err(Broken));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_are_cut(text in "(data: ?|:|é|[a\r\n]){0,40}", cuts in prop::collection::vec(0_usize..200, 0..6)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }
    }
}
