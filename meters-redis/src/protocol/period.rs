//! Which period a window belongs to, by a clock that may be wrong.

/// Further from the server's clock than this, our own is not believed; milliseconds.
const BELIEVED: i64 = 300_000;

/// Labels windows with periods, in milliseconds since 1970.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    period: u64,
    off: i64,
}

impl Labels {
    /// Periods of `period` milliseconds; our own clock is believed until it is compared.
    pub(crate) fn new(period: u64) -> Self {
        Self { period: period.max(1), off: 0 }
    }

    /// Compares our own clock with the server's, read at the same moment. By how much it is wrong, where it was believed
    /// until now and is not any more: to be said once.
    pub(crate) fn compare(&mut self, own: u64, server: u64) -> Option<i64> {
        let off = i64::try_from(i128::from(server) - i128::from(own)).unwrap_or(0);
        let was = std::mem::replace(&mut self.off, if off.abs() > BELIEVED { off } else { 0 });
        (self.off != 0 && was == 0).then_some(-self.off)
    }

    /// The start of the period that a window belongs to: that of its middle, or of half a period before its end if that is
    /// later (a long window is told when it ended, or it would come after its period was reported).
    pub(crate) fn label(&self, start: u64, end: u64) -> u64 {
        let end = end.max(start);
        let moment = (start + (end - start) / 2).max(end.saturating_sub(self.period / 2));
        let moment = moment.saturating_add_signed(self.off);
        moment - moment % self.period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_by_its_middle_but_not_long_before_its_end() {
        let labels = Labels::new(60_000);
        assert_eq!(labels.label(60_000, 120_000), 60_000);
        assert_eq!(labels.label(50_000, 69_000), 0);
        assert_eq!(labels.label(50_000, 71_000), 60_000);
        assert_eq!(labels.label(0, 600_000), 540_000);
        assert_eq!(labels.label(70_000, 10), 60_000);
    }

    #[test]
    fn a_clock_far_off_is_not_believed_and_said_once() {
        let mut labels = Labels::new(60_000);
        assert_eq!(labels.compare(1_000_000, 1_300_000), None);
        assert_eq!(labels.label(960_000, 1_020_000), 960_000);
        assert_eq!(labels.compare(1_000_000, 1_300_001), Some(-300_001));
        assert_eq!(labels.compare(1_000_000, 1_400_000), None);
        assert_eq!(labels.label(960_000, 1_020_000), 1_380_000);
        assert_eq!(labels.compare(1_000_000, 1_000_000), None);
        assert_eq!(labels.compare(1_000_000, 100_000), Some(900_000));
    }
}
