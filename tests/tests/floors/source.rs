//! From the text of a file to the paths that it names.

use std::collections::BTreeSet;

/// One file of a crate, with its text bare of comments, literals and unit tests.
pub(crate) struct Source {
    /// Path from the crate's `src`, as `export/cloudwatch/mod.rs`.
    pub(crate) file: String,
    tokens: Vec<String>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let mut tokens = tokens(&bare(text));
        drop_unit_tests(&mut tokens);
        Self { file: file.to_owned(), tokens }
    }

    /// The modules down to this file: `["export", "cloudwatch"]`; nothing for `lib.rs`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let mut parts: Vec<_> = self.file.trim_end_matches(".rs").split('/').collect();
        if matches!(parts.last(), Some(&"mod" | &"lib" | &"main")) {
            parts.pop();
        }
        parts
    }

    pub(crate) fn names(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token == word)
    }

    /// The modules that this file declares.
    pub(crate) fn children(&self) -> BTreeSet<&str> {
        self.tokens.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1].as_str()).collect()
    }

    /// What this file names of its own crate, in full and from the root.
    pub(crate) fn paths(&self) -> impl Iterator<Item = Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let continues = at > 0 && self.tokens[at - 1] == "::";
            at = if is_word(self.token(at)) && !continues { self.tree(at, &[], &mut found) } else { at + 1 };
        }
        let children = self.children();
        found.into_iter().filter_map(move |named| Some(Named { path: self.in_full(&named.path, &children)?, ..named }))
    }

    /// `path` from the root of the crate; `None` where it leads out of the crate, or is no path at all.
    fn in_full(&self, path: &[String], children: &BTreeSet<&str>) -> Option<Vec<String>> {
        let own: Vec<String> = self.module().into_iter().map(str::to_owned).collect();
        let (up, rest) = match path.first()?.as_str() {
            "crate" => (own.len(), &path[1..]),
            "self" => (0, &path[1..]),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                (up, &path[up..])
            }
            child if children.contains(child) => (0, path),
            _ => return None,
        };
        Some([&own[..own.len().checked_sub(up)?], rest].concat())
    }

    /// Reads a path, or a tree `a::{b, c::d as e}`, at `at`; gives the position after it.
    fn tree(&self, mut at: usize, before: &[String], found: &mut Vec<Named>) -> usize {
        let mut path = before.to_vec();
        while is_word(self.token(at)) || self.token(at) == "*" {
            path.push(self.token(at).to_owned());
            at += 1;
            if self.token(at) != "::" {
                break;
            }
            at += 1;
            if self.token(at) == "{" {
                at += 1;
                while !matches!(self.token(at), "}" | "") {
                    let branch = is_word(self.token(at)) || self.token(at) == "*";
                    at = if branch { self.tree(at, &path, found) } else { at + 1 };
                }
                return at + 1;
            }
        }
        // `x as crate::Id` is a cast, and what follows is a path of its own.
        let renamed = self.token(at) == "as" && self.token(at + 2) != "::";
        let alias = renamed.then(|| self.token(at + 1).to_owned());
        at += if alias.is_some() { 2 } else { 0 };
        // `a::{self}` is `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        found.push(Named { path, alias });
        at
    }

    fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }
}

/// A path, and the other name that `as` gives to it.
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) alias: Option<String>,
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// `text` with comments and the insides of literals left out.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '"' => literal(rest),
            'r' if !out.ends_with(|last: char| last.is_alphanumeric() || last == '_') => raw_literal(rest),
            // A lifetime has no closing quote right after its first character.
            '\'' if rest[1..].starts_with('\\') => 3 + rest[3..].find('\'').unwrap_or(0) + 1,
            '\'' if rest.chars().nth(2) == Some('\'') => 2 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => 0,
        };
        let kept = if skipped == 0 { first.len_utf8() } else { 0 };
        out.push_str(if kept == 0 { " " } else { &rest[..kept] });
        rest = &rest[skipped + kept..];
    }
    out
}

fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match &text.as_bytes()[at..text.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_literal(text: &str) -> usize {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let open = 1 + close.len();
    text[open..].find(&close).map_or(text.len(), |at| open + at + close.len())
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
        let length = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            _ => word,
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Takes `#[cfg(test)]` and the item after it away: a unit test may look anywhere.
fn drop_unit_tests(tokens: &mut Vec<String>) {
    let marker = ["#", "[", "cfg", "(", "test", ")", "]"];
    while let Some(start) = tokens.windows(marker.len()).position(|window| window == marker) {
        let (mut depth, mut end) = (0, start + marker.len());
        while end < tokens.len() {
            match tokens[end].as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            end += 1;
            if depth == 0 && matches!(tokens[end - 1].as_str(), "}" | ";") {
                break;
            }
        }
        tokens.drain(start..end);
    }
}
