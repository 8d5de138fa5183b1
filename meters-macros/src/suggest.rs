//! Lists of what is known, and the one that was probably meant.

/// `` `a`, `b` and `c` ``
pub(crate) fn list<S: AsRef<str>>(known: &[S]) -> String {
    let quoted: Vec<String> = known.iter().map(|k| format!("`{}`", k.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// `` : did you mean `name`? `` or nothing.
pub(crate) fn did_you_mean<S: AsRef<str>>(found: &str, known: &[S]) -> String {
    nearest(found, known).map_or_else(String::new, |k| format!(": did you mean `{k}`?"))
}

/// The nearest by spelling; a beginning of at least two letters counts as near.
fn nearest<'a, S: AsRef<str>>(found: &str, known: &'a [S]) -> Option<&'a str> {
    let found = found.to_ascii_lowercase();
    known
        .iter()
        .map(AsRef::as_ref)
        .filter_map(|candidate| {
            let lower = candidate.to_ascii_lowercase();
            let steps = if found.len() >= 2 && lower.starts_with(&found) { 0 } else { distance(&found, &lower) };
            let near = steps <= 1.max(found.len().min(lower.len()) / 3);
            (near && found.len() > 1).then_some((steps, candidate))
        })
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance, list};

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(distance("nmae", "name"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_near_words_are_suggested() {
        let known = ["name", "dimensions", "unit"];
        assert_eq!(did_you_mean("dims", &known), "");
        assert_eq!(did_you_mean("dim", &known), ": did you mean `dimensions`?");
        assert_eq!(did_you_mean("Name", &known), ": did you mean `name`?");
        assert_eq!(did_you_mean("x", &known), "");
        assert_eq!(did_you_mean("registry", &known), "");
    }
}
