//! Names of keys and fields. All keys of an application and shard share a hash tag, so they live in one slot of a cluster.

/// The keys of one application, or of one shard of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Keys {
    prefix: Vec<u8>,
}

impl Keys {
    /// `m1:{app}:`, or `m1:{app|3}:` for shard 3. What could end a tag, or be taken for a shard, is written as `%xx`: no two
    /// applications ever share a key.
    pub(crate) fn new(app: &str, shard: Option<u32>) -> Self {
        let mut prefix = b"m1:{".to_vec();
        for byte in app.bytes() {
            match byte {
                b'{' | b'}' | b'|' | b'%' | 0..=b' ' | 0x7f.. => prefix.extend(format!("%{byte:02x}").into_bytes()),
                _ => prefix.push(byte),
            }
        }
        if let Some(shard) = shard {
            prefix.extend(format!("|{shard}").into_bytes());
        }
        prefix.extend(b"}:");
        Self { prefix }
    }

    /// The application as keys have it, and its shard: `Shop`, or `Shop|3`.
    pub(crate) fn application(&self) -> &str {
        std::str::from_utf8(&self.prefix[4..self.prefix.len() - 2]).unwrap_or_default()
    }

    fn key(&self, kind: &str, rest: &[u8]) -> Vec<u8> {
        [&self.prefix[..], kind.as_bytes(), rest].concat()
    }

    /// The last number taken from a writer.
    pub(crate) fn writer(&self, id: &str) -> Vec<u8> {
        self.key("w:", id.as_bytes())
    }

    /// An open bucket: hash, a field and a delta batch for each push.
    pub(crate) fn bucket(&self, period: u64) -> Vec<u8> {
        self.key("o:", &super::call::number(period))
    }

    /// The open periods: a sorted set.
    pub(crate) fn open(&self) -> Vec<u8> {
        self.key("open", b"")
    }

    /// The claimed batches: a sorted set of bids by period.
    pub(crate) fn claims(&self) -> Vec<u8> {
        self.key("claims", b"")
    }

    /// A claim: hash.
    pub(crate) fn claim(&self, bid: &str) -> Vec<u8> {
        self.key("c:", bid.as_bytes())
    }

    /// A claimed batch: the bucket as it was, renamed.
    pub(crate) fn batch(&self, bid: &str) -> Vec<u8> {
        self.key("b:", bid.as_bytes())
    }

    /// The newest period that was ever claimed.
    pub(crate) fn newest(&self) -> Vec<u8> {
        self.key("hw", b"")
    }

    /// What went wrong, in numbers: a hash.
    pub(crate) fn counts(&self) -> Vec<u8> {
        self.key("counts", b"")
    }

    /// The first second that no claim has yet for its marks.
    pub(crate) fn marks(&self) -> Vec<u8> {
        self.key("marks", b"")
    }

    /// What changes when everything was lost: `<when>-<who>`.
    pub(crate) fn epoch(&self) -> Vec<u8> {
        self.key("ep", b"")
    }

    /// Who leads.
    pub(crate) fn lease(&self) -> Vec<u8> {
        self.key("lease", b"")
    }

    /// What is kept of all that was reported, where somebody asked for it: hash.
    pub(crate) fn totals(&self) -> Vec<u8> {
        self.key("t", b"")
    }

    /// Which server this is, and since when: `<what it calls itself> <when>`.
    pub(crate) fn server(&self) -> Vec<u8> {
        self.key("srv", b"")
    }

    /// What all agree on.
    pub(crate) fn terms(&self) -> Vec<u8> {
        self.key("cfg", b"")
    }
}

/// A field of a bucket: whose batch it is, and its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Field {
    pub(crate) writer: String,
    pub(crate) seq: u64,
}

impl Field {
    /// What `push` writes; none for what it never would.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (writer, seq) = std::str::from_utf8(bytes).ok()?.rsplit_once(':')?;
        let field = Self { writer: writer.to_owned(), seq: seq.parse().ok()? };
        (field.to_bytes() == bytes && field.seq > 0).then_some(field)
    }

    /// `<writer>:<seq>`.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        format!("{}:{}", self.writer, self.seq).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_applications_share_a_key() {
        let open = |app, shard| String::from_utf8(Keys::new(app, shard).open()).unwrap();
        assert_eq!(open("Shop", None), "m1:{Shop}:open");
        assert_eq!(open("Shop", Some(3)), "m1:{Shop|3}:open");
        assert_eq!(open("Shop/3", None), "m1:{Shop/3}:open");
        assert_eq!(open("Shop|3", None), "m1:{Shop%7c3}:open");
        assert_eq!(open("}x{", None), "m1:{%7dx%7b}:open");
        assert_eq!(Keys::new("Shop|3é", Some(4)).application(), "Shop%7c3%c3%a9|4");
    }

    #[test]
    fn a_field_is_read_as_it_was_written() {
        let field = Field { writer: "web-1:80:ab".into(), seq: 7 };
        assert_eq!(Field::parse(&field.to_bytes()), Some(field));
        for strange in [&b"x"[..], b"x:", b"x:0", b"x:07", b"x:+7", b"x:-1", b"\xff:1", b""] {
            assert_eq!(Field::parse(strange), None);
        }
    }
}
