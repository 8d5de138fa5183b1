//! A request as this campaign's CloudWatch takes it: a line that says whose and which datums, and a line for each.

use std::ops::Range;

use super::held::Held;

/// The question for the marks of a claim, by the first of its seconds.
pub(crate) fn look(first: u64) -> Vec<u8> {
    framed(&format!("look\t{first}"))
}

/// The second that is asked for.
pub(crate) fn looks(text: &str) -> Option<u64> {
    text.strip_prefix("look\t")?.parse().ok()
}

/// After its length.
fn framed(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) reporter: u32,
    pub(crate) claim: String,
    pub(crate) datums: Range<u32>,
    /// Of how many.
    pub(crate) of: u32,
    pub(crate) fingerprint: u64,
    /// When, in microseconds since 1970.
    pub(crate) signed: u64,
    /// In which second it leaves which mark; second 0: none.
    pub(crate) mark: (u64, u64),
    pub(crate) lines: Vec<(String, Held)>,
}

impl Request {
    /// Its length and itself.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { reporter, claim, datums, of, fingerprint, signed, mark, lines } = self;
        let (start, end) = (datums.start, datums.end);
        let mut text = format!("{reporter}\t{claim}\t{start}\t{end}\t{of}\t{fingerprint}\t{signed}");
        text.extend([format!("\t{}\t{}\n", mark.0, mark.1)]);
        for (series, held) in lines {
            text.extend([series, "\t", &held.line(), "\n"]);
        }
        framed(&text)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once('\n')?;
        let mut head = head.split('\t');
        let mut word = || head.next();
        let (reporter, claim) = (word()?.parse().ok()?, word()?.to_owned());
        let datums = word()?.parse().ok()?..word()?.parse().ok()?;
        let (of, fingerprint, signed) = (word()?.parse().ok()?, word()?.parse().ok()?, word()?.parse().ok()?);
        let mark = (word()?.parse().ok()?, word()?.parse().ok()?);
        let line = |line: &str| {
            let (series, held) = line.split_once('\t')?;
            Some((series.to_owned(), Held::parse(held)?))
        };
        let lines = body.lines().map(line).collect::<Option<_>>()?;
        Some(Self { reporter, claim, datums, of, fingerprint, signed, mark, lines })
    }
}
