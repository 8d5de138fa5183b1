//! What is said of CloudWatch where the feature is off: nothing.

use crate::export::cloudwatch::Exit;
use crate::said::Said;

#[derive(Default)]
pub(super) struct CloudWatch {}

impl CloudWatch {
    pub(super) fn is_asked(&self) -> bool {
        false
    }

    pub(super) fn place(&self) -> Option<String> {
        Some("elsewhere".to_owned())
    }

    pub(super) fn has_spool(&self) -> bool {
        false
    }

    pub(super) fn reads_back(&self) -> bool {
        false
    }

    pub(super) fn exit(self, _: Said) -> Option<Exit> {
        None
    }
}
