//! Where files have no owners and no modes as Unix knows them, there is no spool, and the start says so.

use std::io;
use std::path::Path;

#[derive(Debug)]
pub(super) enum Held {}

impl Held {
    pub(super) fn make(_: &Path) -> io::Result<Option<Self>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a spool needs a Unix system"))
    }

    pub(super) fn take(_: &Path, _: u32) -> io::Result<Option<Self>> {
        Ok(None)
    }

    pub(super) fn path(&self) -> &Path {
        match *self {}
    }

    pub(super) fn is_inherited(&self) -> bool {
        match *self {}
    }

    pub(super) fn owner(&self) -> io::Result<u32> {
        match *self {}
    }

    pub(super) fn read(&self, _: usize) -> io::Result<Vec<u8>> {
        match *self {}
    }

    pub(super) fn append(&self, _: &[u8]) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn overwrite(&self, _: u64, _: &[u8], _: bool) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn rename(&mut self, _: &Path) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn delete(self) -> io::Result<()> {
        match self {}
    }
}

pub(super) fn directory(path: &Path) -> &Path {
    path
}
