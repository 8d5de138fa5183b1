//! The rules, each a question to the sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Named, Source};

const VAGUE: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "types", "misc"];

/// All sources of one crate, and what the names they re-export stand for.
pub(crate) struct Crate {
    sources: Vec<Source>,
    renames: BTreeMap<String, Vec<String>>,
}

impl Crate {
    fn new(sources: Vec<Source>) -> Self {
        let mut renames = BTreeMap::new();
        for source in &sources {
            for Named { path, alias } in source.paths() {
                let Some(name) = alias.or_else(|| path.last().cloned()) else {
                    continue;
                };
                let key = [source.module(), vec![&name]].concat().join("::");
                if key != path.join("::") {
                    renames.insert(key, path);
                }
            }
        }
        Self { sources, renames }
    }

    pub(crate) fn of(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> Self {
        Self::new(files.iter().map(|(file, text)| Source::new(file.as_ref(), text.as_ref())).collect())
    }

    /// `path` with re-exports followed to where the thing is defined.
    fn resolve(&self, mut path: Vec<String>) -> Vec<String> {
        // A chain of re-exports longer than this would be a circle.
        for _ in 0..8 {
            let known =
                (1..=path.len()).find_map(|length| Some((length, self.renames.get(&path[..length].join("::"))?)));
            let Some((length, target)) = known else { break };
            path = [target, &path[length..]].concat();
        }
        path
    }

    /// (file, path) for everything inside the crate that a file names.
    fn uses(&self) -> impl Iterator<Item = (&Source, Vec<String>)> {
        self.sources.iter().flat_map(move |source| source.paths().map(move |named| (source, self.resolve(named.path))))
    }

    /// Files that name what lies above them; with `closed`, also files that name a module which is on no floor.
    pub(crate) fn above(&self, floors: &[&[&str]], closed: bool) -> Vec<String> {
        let floor_of = |module: &str| floors.iter().position(|floor| floor.contains(&module));
        let mut faults = BTreeSet::new();
        for (source, path) in self.uses() {
            let Some(own) = source.module().first().and_then(|module| floor_of(module)) else {
                continue;
            };
            let Some(target) = path.first() else { continue };
            match floor_of(target) {
                Some(floor) if floor > own => {
                    faults.insert(format!("{} names {}, which lies above", source.file, path.join("::")))
                }
                None if closed => {
                    faults.insert(format!("{} names {}, which is on no floor", source.file, path.join("::")))
                }
                _ => false,
            };
        }
        faults.into_iter().collect()
    }

    /// Files below `export` that name another exporter, or a registry.
    pub(crate) fn exporters(&self) -> Vec<String> {
        let exporter = |source: &Source| {
            source.module().get(1).filter(|_| source.file.starts_with("export/")).map(|&name| name.to_owned())
        };
        let exporters: BTreeSet<_> = self.sources.iter().filter_map(exporter).collect();
        let mut faults = BTreeSet::new();
        for (source, path) in self.uses() {
            let (Some(own), [first, other, ..]) = (exporter(source), path.as_slice()) else {
                continue;
            };
            if first == "export" && *other != own && exporters.contains(other) {
                faults.insert(format!("{} names its sibling {other}", source.file));
            }
        }
        for source in self.sources.iter().filter(|source| source.file.starts_with("export")) {
            if source.names("registry") || source.names("Registry") {
                faults.insert(format!("{} names the registry", source.file));
            }
        }
        faults.into_iter().collect()
    }

    /// The files that name `word`.
    pub(crate) fn naming(&self, word: &str) -> Vec<&str> {
        self.sources.iter().filter(|source| source.names(word)).map(|source| source.file.as_str()).collect()
    }
}

/// What a manifest depends on, tests left aside.
pub(crate) fn dependencies(manifest: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let (table, name) = section.rsplit_once("dependencies").unwrap_or(("dev-", ""));
            inside = !table.ends_with("dev-");
            names.extend(name.strip_prefix('.').filter(|_| inside));
            inside &= name.is_empty();
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            names.extend(line.split(['.', ' ', '=']).next());
        }
    }
    names
}

/// As a reader counts: neither blank lines nor comments.
pub(crate) fn lines_of_code(text: &str) -> usize {
    text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// Words of a path, or of the modules it declares, that say nothing of what is inside.
pub(crate) fn vague(source: &Source) -> Vec<&str> {
    let named = source.module().into_iter().chain(source.children());
    named.filter(|module| VAGUE.contains(module)).collect()
}
