//! A file that one process holds at a time: found or made, locked, and never somebody else's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use meters_core::fork;
use meters_core::process::{Own, own};

/// A file of this user's that is locked by this process, and unlocked when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    /// Nothing while it is dropped.
    file: Option<File>,
    own: Option<Own>,
    path: PathBuf,
    /// The process that holds it, as [`fork::generation`] numbers them.
    generation: u32,
}

impl Held {
    /// Makes a file that was not there, for this user alone. `None` where something of that name is there.
    pub(super) fn make(path: &Path) -> io::Result<Option<Self>> {
        // A link of that name is something, whatever it leads to.
        match own(|| OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)) {
            Ok(file) => Self::new(file, path).locked(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes a file that nobody holds. `None` where there is none, or where somebody does.
    ///
    /// # Errors
    /// Also where it is no file of `owner`'s alone: what others may write is nothing to trust.
    pub(super) fn take(path: &Path, owner: u32) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        // Without O_NONBLOCK, a pipe of that name would hold us up for ever.
        options.read(true).write(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let held = match own(|| options.open(path)) {
            Ok(file) => Self::new(file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = held.file()?.metadata()?;
        if !metadata.is_file() || metadata.uid() != owner || metadata.mode() & 0o022 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it is no file that this user alone may write",
            ));
        }
        held.locked()
    }

    fn new((file, own): (File, Option<Own>), path: &Path) -> Self {
        Self { file: Some(file), own, path: path.to_owned(), generation: fork::generation() }
    }

    /// What is open in this process: a child of `fork` has nothing.
    fn file(&self) -> io::Result<&File> {
        self.file.as_ref().filter(|_| !self.is_inherited()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Whether it is the parent's, from before a fork: not to be touched.
    pub(super) fn is_inherited(&self) -> bool {
        self.generation != fork::generation()
    }

    /// Locks it, unless another does, or it was renamed or deleted in the meantime.
    fn locked(self) -> io::Result<Option<Self>> {
        match self.file()?.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        let there = match fs::symlink_metadata(&self.path) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let own = self.file()?.metadata()?;
        Ok(((there.dev(), there.ino()) == (own.dev(), own.ino())).then_some(self))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The user it belongs to.
    pub(super) fn owner(&self) -> io::Result<u32> {
        self.file()?.metadata().map(|metadata| metadata.uid())
    }

    /// The first `most` bytes of it.
    pub(super) fn read(&self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file()?.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.file()?.write_all(bytes)
    }

    /// Writes over what stands at `offset`; `sync` waits until it stands on the disk.
    pub(super) fn overwrite(&self, offset: u64, bytes: &[u8], sync: bool) -> io::Result<()> {
        self.file()?.write_all_at(bytes, offset)?;
        if sync { self.file()?.sync_data() } else { Ok(()) }
    }

    /// Gives it another name, in the place of what is called so; what is written is on the disk before.
    pub(super) fn rename(&mut self, path: &Path) -> io::Result<()> {
        self.file()?.sync_all()?;
        fs::rename(&self.path, path)?;
        path.clone_into(&mut self.path);
        sync_directory(path)
    }

    pub(super) fn delete(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        match &self.own {
            // The number may be another file's by now.
            Some(own) if own.is_closed() => _ = file.into_raw_fd(),
            // The lock is the parent's.
            None if self.is_inherited() => {}
            _ => {
                _ = file.unlock();
                // Before it is closed: from then on the number may be another file's.
                self.own = None;
            }
        }
    }
}

/// Where `path` lies.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new name is on the disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}
