use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use super::super::batch::cut;
use super::super::datum::Datum;
use super::super::datum::arbitrary::{datum, numbered};
use super::*;

mod sharing;

/// Larger than any file here.
const MOST: usize = 1 << 20;

fn namespace() -> Namespace {
    Namespace::new("Shop").unwrap()
}

/// A folder of its own, deleted in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("meters-{}-{:016x}", std::process::id(), fastrand::u64(..)));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("spool")
    }

    fn spool(&self) -> Spool {
        Spool::new(self.path())
    }

    /// The names of all that is here.
    fn names(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(&self.0).unwrap().map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn queue(datums: Vec<Datum>, most: usize) -> Queue {
    let mut queue = Queue::default();
    for batch in cut(&namespace(), datums, most) {
        queue.push(batch, &namespace(), most);
    }
    queue
}

/// Leaves these datums in a file, in blocks of ten, as a shutdown does.
fn leave(folder: &Folder, datums: Vec<Datum>) {
    let (count, mut spool) = (datums.len() as u64, folder.spool());
    let (kept, error) = spool.keep(&queue(datums, 10), &namespace(), &Turn::default());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(kept, count);
}

/// What a start finds, in a queue.
fn start(folder: &Folder) -> (Spool, Queue, Vec<String>, u64) {
    let mut spool = folder.spool();
    let found = spool.recover(&namespace(), MOST, 1_000);
    let mut queue = Queue::default();
    found.batches.into_iter().for_each(|batch| queue.push(batch, &namespace(), 1_000));
    (spool, queue, found.troubles.iter().map(Error::to_string).collect(), found.lost)
}

/// Datums are done with, as when they were sent.
fn leaving(queue: &mut Queue, place: usize, count: usize) -> Vec<Datum> {
    queue.unpack(place);
    queue.remove(place, count)
}

fn held(queue: &Queue) -> Vec<Datum> {
    queue.iter().flat_map(Batch::datums).collect()
}

#[test]
fn what_one_process_leaves_the_next_one_finds_and_the_file_goes_with_its_last_datum() {
    let folder = Folder::new();
    leave(&folder, numbered(25));
    assert_eq!(folder.names(), ["spool"]);
    let (_spool, mut queue, troubles, lost) = start(&folder);
    assert_eq!((held(&queue), queue.len()), (numbered(25), 3));
    assert_eq!((troubles, lost), (vec![], 0));
    leaving(&mut queue, 0, 10);
    leaving(&mut queue, 0, 10);
    assert_eq!(folder.names(), ["spool"]);
    leaving(&mut queue, 0, 5);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn only_this_user_may_read_it() {
    let folder = Folder::new();
    leave(&folder, numbered(1));
    assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn nothing_is_written_where_nothing_waits() {
    let folder = Folder::new();
    leave(&folder, vec![]);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn the_next_process_goes_on_where_one_was_killed() {
    let folder = Folder::new();
    leave(&folder, numbered(25));
    let (spool, mut queue, ..) = start(&folder);
    leaving(&mut queue, 0, 10);
    leaving(&mut queue, 0, 3);
    queue.batch(0).begin(4);
    // Killed: the locks go, and nothing else happens.
    drop((spool, queue));
    let (spool, mut queue, ..) = start(&folder);
    assert_eq!(held(&queue), numbered(25)[13..]);
    assert_eq!(queue.iter().map(Batch::doubtful).collect::<Vec<_>>(), [4, 0]);
    // What is known to have failed is not in doubt; what was in doubt before, still is.
    queue.batch(0).begin(7);
    queue.batch(0).settle();
    queue.batch(1).begin(5);
    queue.batch(1).settle();
    drop((spool, queue));
    let (spool, mut queue, ..) = start(&folder);
    assert_eq!(queue.iter().map(Batch::doubtful).collect::<Vec<_>>(), [4, 0]);
    leaving(&mut queue, 0, 1);
    drop((spool, queue));
    assert_eq!(start(&folder).1.iter().map(Batch::doubtful).collect::<Vec<_>>(), [3, 0]);
}

#[test]
fn what_is_left_and_what_is_new_take_the_place_of_the_file() {
    let folder = Folder::new();
    leave(&folder, numbered(20));
    let (mut spool, mut queue, ..) = start(&folder);
    leaving(&mut queue, 0, 4);
    queue.batch(1).begin(6);
    queue.batch(1).end();
    queue.batch(1).doubt(6);
    for batch in cut(&namespace(), vec![datum("new", 1.0)], 1_000) {
        queue.push(batch, &namespace(), 1_000);
    }
    assert_eq!(spool.keep(&queue, &namespace(), &Turn::default()).0, 17);
    assert_eq!(folder.names(), ["spool"]);
    let (_spool, queue, ..) = start(&folder);
    let truth: Vec<_> = numbered(20).into_iter().skip(4).chain([datum("new", 1.0)]).collect();
    assert_eq!(held(&queue), truth);
    assert_eq!(queue.iter().map(Batch::doubtful).collect::<Vec<_>>(), [0, 6, 0]);
}

#[test]
fn a_file_is_left_as_it_is_where_nothing_is_new() {
    let folder = Folder::new();
    leave(&folder, numbered(20));
    let inode = || fs::metadata(folder.path()).unwrap().ino();
    let before = inode();
    let (mut spool, mut queue, ..) = start(&folder);
    leaving(&mut queue, 0, 4);
    assert_eq!((spool.keep(&queue, &namespace(), &Turn::default()).0, inode()), (16, before));
    assert_eq!(held(&start(&folder).1), numbered(20)[4..]);
}

#[test]
fn a_damaged_file_is_set_aside_and_counted() {
    let folder = Folder::new();
    for round in 1..=MOST_ASIDE + 2 {
        leave(&folder, numbered(12));
        let mut bytes = fs::read(folder.path()).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(folder.path(), bytes).unwrap();
        let (_, queue, troubles, lost) = start(&folder);
        assert_eq!((queue.datums(), lost, troubles.len()), (0, 12, 1));
        let kept = folder.names();
        assert!(kept.iter().all(|name| name.starts_with("spool.corrupt-")), "{kept:?}");
        assert_eq!(kept.len(), round.min(MOST_ASIDE));
        assert!(troubles[0].starts_with("12 datums of a spool are lost since a block is damaged"), "{troubles:?}");
        assert_eq!(start(&folder).2, [""; 0], "told once");
    }
}

#[test]
fn what_was_not_written_to_its_end_is_swept_and_counted() {
    let folder = Folder::new();
    leave(&folder, numbered(12));
    let bytes = fs::read(folder.path()).unwrap();
    fs::remove_file(folder.path()).unwrap();
    for (end, count) in [(0, 0), (20, 0), (100, 12), (bytes.len(), 12)] {
        fs::write(folder.0.join("spool.tmp-1-2"), &bytes[..end]).unwrap();
        fs::write(folder.path(), "").unwrap();
        let (_, queue, troubles, lost) = start(&folder);
        assert_eq!((queue.datums(), lost, troubles.len()), (0, count, usize::from(count > 0)), "{end}");
        assert_eq!(folder.names(), [""; 0]);
    }
}

#[test]
fn what_is_not_ours_is_left_as_it_is_and_told() {
    let folder = Folder::new();
    let other = folder.0.join("other");
    fs::write(&other, "precious").unwrap();
    symlink(&other, folder.path()).unwrap();
    fs::create_dir(folder.0.join("spool.1")).unwrap();
    let open = folder.0.join("spool.2");
    fs::write(&open, "mtrspool").unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    let (mut spool, queue, troubles, lost) = start(&folder);
    assert_eq!((queue.datums(), lost, troubles.len()), (0, 0, 3), "{troubles:?}");
    assert!(troubles.iter().all(|trouble| trouble.contains("was left as it is")), "{troubles:?}");
    // What is written goes where nothing stands.
    let waiting = self::queue(numbered(3), 10);
    assert_eq!(spool.keep(&waiting, &namespace(), &Turn::default()).0, 3);
    assert_eq!(folder.names(), ["other", "spool", "spool.1", "spool.2", "spool.3"]);
    assert_eq!(fs::read(&other).unwrap(), b"precious");
    assert!(fs::symlink_metadata(folder.path()).unwrap().is_symlink());
}

#[test]
fn a_pipe_of_that_name_holds_nobody_up() {
    let folder = Folder::new();
    assert!(std::process::Command::new("mkfifo").arg(folder.path()).status().unwrap().success());
    assert_eq!(start(&folder).2.len(), 1);
}

#[test]
fn a_directory_of_that_name_and_a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    fs::create_dir(folder.path()).unwrap();
    let (mut spool, _, troubles, _) = start(&folder);
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert_eq!(spool.keep(&queue(numbered(3), 10), &namespace(), &Turn::default()).0, 3);
    assert_eq!(folder.names(), ["spool", "spool.1"]);
    let odd = folder.0.join(std::ffi::OsStr::from_bytes(b"odd\xff"));
    assert_eq!(Spool::new(odd.clone()).keep(&queue(numbered(4), 10), &namespace(), &Turn::default()).0, 4);
    let found = Spool::new(odd).recover(&namespace(), MOST, 1_000);
    assert_eq!((found.batches.iter().map(Batch::len).sum::<usize>(), found.troubles.len()), (4, 0));
}

#[test]
fn a_write_that_was_given_up_leaves_nothing_behind() {
    let folder = Folder::new();
    leave(&folder, numbered(5));
    let (mut spool, mut queue, ..) = start(&folder);
    for batch in cut(&namespace(), vec![datum("new", 1.0)], 10) {
        queue.push(batch, &namespace(), 10);
    }
    let late = Turn::default();
    assert!(late.take(), "the deadline was first");
    let (kept, error) = spool.keep(&queue, &namespace(), &late);
    assert_eq!(kept, 5, "what is in the file already");
    assert!(error.unwrap().to_string().starts_with("1 datums are lost"));
    drop((spool, queue));
    assert_eq!(folder.names(), ["spool"]);
    assert_eq!(held(&start(&folder).1), numbered(5));
}

#[test]
fn metrics_of_another_namespace_are_left_to_it() {
    let folder = Folder::new();
    leave(&folder, numbered(3));
    let other = Namespace::new("Other").unwrap();
    let found = folder.spool().recover(&other, MOST, 1_000);
    assert_eq!((found.batches.len(), found.lost), (0, 0));
    assert!(found.troubles[0].to_string().contains("holds metrics of Shop"));
    assert_eq!(held(&start(&folder).1), numbered(3));
}

#[test]
fn a_directory_that_cannot_be_used_is_told() {
    let folder = Folder::new();
    for path in [folder.0.join("none").join("spool"), PathBuf::from("/proc/self/spool")] {
        let mut spool = Spool::new(path.clone());
        let troubles = spool.recover(&namespace(), MOST, 1_000).troubles;
        assert!(troubles[0].to_string().contains("cannot be used"), "{troubles:?}");
        let (kept, error) = spool.keep(&queue(numbered(3), 10), &namespace(), &Turn::default());
        assert_eq!(kept, 0);
        let error = error.unwrap().to_string();
        assert!(error.starts_with("3 datums are lost: the spool"), "{error}");
    }
}

#[test]
fn a_file_too_large_is_set_aside() {
    let folder = Folder::new();
    leave(&folder, numbered(12));
    let size = fs::metadata(folder.path()).unwrap().len() as usize;
    assert_eq!(folder.spool().recover(&namespace(), size, 1_000).batches.len(), 2);
    assert_eq!(folder.spool().recover(&namespace(), size - 1, 1_000).lost, 12);
}

#[test]
fn the_oldest_is_sent_first_whichever_file_it_is_in() {
    let folder = Folder::new();
    let of =
        |name, second| Datum { timestamp: SystemTime::UNIX_EPOCH + Duration::from_secs(second), ..datum(name, 1.0) };
    // Two that end while the third lives: each has a file.
    let mut spools = [folder.spool(), folder.spool(), folder.spool()];
    for (spool, second) in spools.iter_mut().zip([3, 1, 2]) {
        spool.keep(&queue(vec![of("one", second)], 10), &namespace(), &Turn::default());
    }
    assert_eq!(folder.names(), ["spool", "spool.1", "spool.2"]);
    let (_spool, queue, ..) = start(&folder);
    assert_eq!(held(&queue), [of("one", 1), of("one", 2), of("one", 3)]);
}
