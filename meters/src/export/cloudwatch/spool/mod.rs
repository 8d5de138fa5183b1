//! What a shutdown could not send in its time: written once, and sent by the next start with its timestamps.
//!
//! A process takes the files that nobody holds, and holds them until their last datum is done with; how far it is stands in
//! the files themselves. What it leaves at its end takes the place of one of them in a single step. So a datum is in one file
//! at any moment, whichever of the processes that share a path dies when.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use meters_core::{Error, Namespace};

use super::batch::Batch;
use super::queue::Queue;
use file::Held;
use format::{Block, Contents, Unreadable};
use slot::Slot;
use turn::{Turn, within};

// The SDK wants as much, and it is only there with the SDK.
#[clippy::msrv = "1.94.1"]
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod file;
mod format;
mod slot;
#[cfg(all(test, unix))]
mod tests;
mod turn;

pub(crate) use slot::Mark;

/// How many processes may leave a file of one path behind.
const MOST_FILES: usize = 256;
/// How many damaged files are kept for those who want to look at them.
const MOST_ASIDE: usize = 8;

/// For the fuzzer: how many datums `bytes` hold, if they are a spool.
///
/// # Panics
/// If what was read is another thing when it is written and read again.
#[doc(hidden)]
pub fn read_spool(bytes: &[u8]) -> Option<usize> {
    _ = format::lost(bytes);
    let contents = format::read(bytes).ok()?;
    let again = format::read(&format::again(&contents));
    assert!(again.is_ok_and(|again| again == contents), "it is another when it is written again");
    Some(contents.blocks.iter().map(|block| block.packed.len()).sum())
}

/// The spool of one exporter.
#[derive(Debug)]
pub(crate) struct Spool {
    path: PathBuf,
    slots: Vec<Arc<Slot>>,
}

/// What was found at the start.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Oldest first.
    pub(crate) batches: Vec<Batch>,
    /// Datums that were lost with damaged files.
    pub(crate) lost: u64,
    pub(crate) troubles: Vec<Error>,
}

impl Spool {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, slots: Vec::new() }
    }

    /// Takes what earlier processes left for `namespace` and nobody else is sending. A file of more than `most` bytes is
    /// damaged; requests hold `portion` datums at the most.
    pub(crate) fn recover(&mut self, namespace: &Namespace, most: usize, portion: usize) -> Found {
        let mut found = Found::default();
        if let Err(error) = self.search(namespace, most, portion, &mut found) {
            let message = format!(
                "the spool {} cannot be used: make its directory one that this user may write, or leave it out",
                self.path.display()
            );
            found.troubles.push(Error::configuration(message).with_source(error));
        }
        found.batches.sort_by_key(Batch::oldest);
        found
    }

    fn search(&mut self, namespace: &Namespace, most: usize, portion: usize, found: &mut Found) -> io::Result<()> {
        // Made first: it shows that there is something to write to, and who we are.
        let probe = self.temporary()?;
        let owner = probe.owner();
        probe.delete()?;
        let owner = owner?;
        for (kind, path) in self.files()? {
            let took = match kind {
                Kind::Aside => continue,
                Kind::Unfinished => sweep(&path, owner, found),
                Kind::Spooled => self.take(&path, owner, (namespace, most, portion), found),
            };
            if let Err(error) = took {
                let message = format!("{} was left as it is, and not sent: look at who made it", path.display());
                found.troubles.push(Error::configuration(message).with_source(error));
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        path: &Path,
        owner: u32,
        (namespace, most, portion): (&Namespace, usize, usize),
        found: &mut Found,
    ) -> io::Result<()> {
        let Some(held) = Held::take(path, owner)? else {
            return Ok(());
        };
        let bytes = held.read(most)?;
        if bytes.is_empty() {
            // The name was taken by one who ended before it had something to put there.
            return held.delete();
        }
        let other = |what: String| {
            let message = format!("{} holds {what}, and is left as it is: give each its own spool", path.display());
            Error::configuration(message)
        };
        match format::read(&bytes) {
            Ok(contents) if contents.namespace == *namespace => self.adopt(held, contents, portion, found),
            Ok(contents) => found.troubles.push(other(format!("metrics of {}", contents.namespace))),
            Err(Unreadable::Later(version)) => {
                found.troubles.push(other(format!("version {version} of a later release")));
            }
            Err(Unreadable::Damaged { what, datums }) => {
                found.lost += datums.unwrap_or(0);
                let aside = self.set_aside(held)?;
                let count = datums.map_or("an unknown number of".to_owned(), |datums| datums.to_string());
                let message = format!("{count} datums of a spool are lost since {what}: it is now {aside}");
                found.troubles.push(Error::export(message));
            }
        }
        Ok(())
    }

    fn adopt(&mut self, held: Held, contents: Contents, portion: usize, found: &mut Found) {
        let left = contents.blocks.iter().map(Block::left).sum();
        if left == 0 {
            // All was sent by one who ended before it could delete it.
            _ = held.delete();
            return;
        }
        let slot = Arc::new(Slot::new(held, left));
        let blocks = contents.blocks.into_iter().filter(|block| block.left() > 0);
        found.batches.extend(blocks.filter_map(|block| {
            let mark = Mark::new(&slot, block.place, block.done);
            Batch::resumed(block.packed, mark, block.done as usize, block.begun as usize, portion)
        }));
        self.slots.push(slot);
    }

    /// Gives a damaged file another name, and says which.
    fn set_aside(&self, mut held: Held) -> io::Result<String> {
        let aside = self.files()?.iter().filter(|(kind, _)| *kind == Kind::Aside).count();
        if aside >= MOST_ASIDE {
            held.delete()?;
            return Ok(format!("deleted, since {aside} others were kept already"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let path = self.beside(&format!("corrupt-{now}-{:08x}", fastrand::u32(..)));
        held.rename(&path)?;
        Ok(path.display().to_string())
    }

    /// Writes down what waits, and ends. Says how many datums are in files then; the others are lost. A disk that hangs is not
    /// waited for beyond the `deadline`.
    pub(crate) fn keep_until(
        mut self,
        deadline: Instant,
        mut queue: Queue,
        namespace: &Namespace,
    ) -> (u64, Option<Error>) {
        let there = |batch: &&Batch| batch.mark().is_some();
        let (all, old) = (queue.datums(), queue.iter().filter(there).map(|batch| batch.len() as u64).sum());
        let (path, namespace) = (self.path.display().to_string(), namespace.clone());
        let kept = within(deadline, move |turn| {
            queue.pack();
            self.keep(&queue, &namespace, turn)
        });
        kept.unwrap_or_else(|| {
            let lost = all - old;
            let message = format!("{lost} datums are lost: the spool {path} was not written in time: use a local disk");
            (old, Some(Error::export(message)))
        })
    }

    fn keep(&mut self, queue: &Queue, namespace: &Namespace, turn: &Turn) -> (u64, Option<Error>) {
        let held: Vec<_> = self.slots.drain(..).filter_map(|slot| Some((slot.release()?, slot))).collect();
        let new: u64 = queue.iter().filter(|batch| batch.mark().is_none()).map(|batch| batch.len() as u64).sum();
        let all = queue.datums();
        if new == 0 {
            return (all, None);
        }
        // What stands in the first file already goes into the one that takes its place.
        let first = held.first();
        let wanted = |batch: &&Batch| match (batch.mark(), first) {
            (Some(mark), Some((_, slot))) => mark.is_of(slot),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let batches: Vec<_> = queue.iter().filter(wanted).collect();
        match self.write((&batches, new, namespace), first.map(|(held, _)| held.path()), turn) {
            Ok(()) => (all, None),
            Err(error) => {
                let path = self.path.display();
                let message = format!("{new} datums are lost: the spool {path} could not be written");
                (all - new, Some(Error::export(message).with_source(error)))
            }
        }
    }

    fn write(
        &self,
        (batches, new, namespace): (&[&Batch], u64, &Namespace),
        over: Option<&Path>,
        turn: &Turn,
    ) -> io::Result<()> {
        let mut file = self.temporary()?;
        let written = fill(&file, batches, new, namespace).and_then(|()| {
            let claim = if over.is_none() { Some(self.claim()?) } else { None };
            match over.or(claim.as_ref().map(Held::path)) {
                Some(path) if turn.take() => file.rename(path),
                _ => Err(io::ErrorKind::TimedOut.into()),
            }
        });
        if written.is_err() {
            // Where it was renamed, it has no longer this name.
            _ = file.delete();
        }
        written
    }

    /// A name that is nobody's.
    fn claim(&self) -> io::Result<Held> {
        for number in 0..MOST_FILES {
            let path = if number == 0 { self.path.clone() } else { self.beside(&number.to_string()) };
            if let Some(held) = Held::make(&path)? {
                return Ok(held);
            }
        }
        Err(io::Error::other(format!("there are {MOST_FILES} files of this name, which nobody sends")))
    }

    fn temporary(&self) -> io::Result<Held> {
        loop {
            let name = format!("tmp-{}-{:016x}", std::process::id(), fastrand::u64(..));
            if let Some(held) = Held::make(&self.beside(&name))? {
                return Ok(held);
            }
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(ending);
        name.into()
    }

    /// All files of this spool.
    fn files(&self) -> io::Result<Vec<(Kind, PathBuf)>> {
        let name = self.path.file_name().ok_or(io::ErrorKind::InvalidInput)?.as_encoded_bytes();
        let mut files = Vec::new();
        for entry in std::fs::read_dir(file::directory(&self.path))? {
            let entry = entry?;
            let other = entry.file_name();
            let kind = other.as_encoded_bytes().strip_prefix(name).and_then(kind);
            files.extend(kind.map(|kind| (kind, entry.path())));
        }
        Ok(files)
    }

    /// What went wrong in writing down how far files are; each is told once.
    pub(crate) fn trouble(&self) -> Option<Error> {
        let error = self.slots.iter().find_map(|slot| slot.trouble())?;
        let message = format!("{} could not be written: what it holds may be sent twice", self.path.display());
        Some(Error::export(message).with_source(error))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Spooled,
    Unfinished,
    Aside,
}

/// What a file is whose name has this `ending` behind the spool's.
fn kind(ending: &[u8]) -> Option<Kind> {
    let Some(ending) = ending.strip_prefix(b".") else {
        return ending.is_empty().then_some(Kind::Spooled);
    };
    match ending {
        _ if ending.starts_with(b"tmp-") => Some(Kind::Unfinished),
        _ if ending.starts_with(b"corrupt-") => Some(Kind::Aside),
        _ => (!ending.is_empty() && ending.iter().all(u8::is_ascii_digit)).then_some(Kind::Spooled),
    }
}

/// Deletes what one began to write who is no more, and counts what was lost with it.
fn sweep(path: &Path, owner: u32, found: &mut Found) -> io::Result<()> {
    let Some(held) = Held::take(path, owner)? else {
        return Ok(());
    };
    let lost = format::lost(&held.read(4096)?).unwrap_or(0);
    held.delete()?;
    if lost > 0 {
        found.lost += lost;
        let message = format!("{lost} datums are lost: a process ended while it wrote them to {}", path.display());
        found.troubles.push(Error::export(message));
    }
    Ok(())
}

fn fill(file: &Held, batches: &[&Batch], new: u64, namespace: &Namespace) -> io::Result<()> {
    let payload = batches.iter().map(|batch| batch.packed().bytes().len()).sum();
    let datums = batches.iter().map(|batch| batch.len() as u64).sum();
    file.append(&format::head(namespace, batches.len(), payload, datums, new))?;
    for (number, batch) in batches.iter().enumerate() {
        file.append(&format::block(number as u32, batch.doubtful() as u32, &batch.packed()))?;
    }
    file.sync()
}
