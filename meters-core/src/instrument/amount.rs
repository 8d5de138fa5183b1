//! Where the amounts of one float counter add up, by however many threads.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::gate::{Gate, Gated};
use crate::fork::{self, Lock};
use crate::model::VALUE_LIMIT;
use crate::model::sum::Sum;

/// How many threads may add without meeting each other.
const STRIPES: usize = 16;

/// The adding of one series: in one place, and from the first time that two threads met there, in several. What readers take out
/// of these they keep; what rounding takes from an addition is added beside it, so that nothing is lost of amounts however small.
pub(crate) struct Amount {
    first: Stripe,
    stripes: OnceLock<Box<[Stripe; STRIPES]>>,
    taken: Lock<Taken>,
    gate: Gated,
    /// From where the total that is kept elsewhere is counted, if this one is read from there.
    from: Lock<Followed>,
    /// It could not be read when it was last tried.
    unread: AtomicBool,
}

/// From where a total is counted, and by which function: one that was replaced while it was asked is not heard.
struct Followed {
    from: From,
    function: u32,
}

/// From where a total is counted that is kept elsewhere.
#[derive(Clone, Copy)]
enum From {
    /// What was read last; 0 before that.
    Here(f64),
    /// From what is read next: what came before was counted, or is not wanted.
    Next,
    /// The same in a child of `fork`, where totals of processes begin anew.
    Forked,
}

/// What readers took out.
#[derive(Default)]
struct Taken {
    total: Sum,
    /// Since the last window was sealed.
    fresh: Sum,
    /// The total that was told last: it never sinks, not even by the last bit, while something is on its way.
    told: f64,
}

/// On lines that no other thread writes: 128 bytes is what processors fetch at once.
#[repr(align(128))]
#[derive(Default)]
struct Stripe {
    high: AtomicU64,
    /// What rounding took from it.
    low: AtomicU64,
}

thread_local! {
    /// One more than the stripe of this thread, or 0.
    static OWN: Cell<u32> = const { Cell::new(0) };
}

fn own() -> usize {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if OWN.get() == 0 {
        OWN.set(NEXT.fetch_add(1, Relaxed) % STRIPES as u32 + 1);
    }
    OWN.get() as usize - 1
}

impl Amount {
    pub(crate) fn new() -> Self {
        Self {
            first: Stripe::default(),
            stripes: OnceLock::new(),
            taken: Lock::default(),
            gate: Gated::new(),
            from: Lock::new(Followed { from: From::Here(0.0), function: 0 }),
            unread: AtomicBool::new(false),
        }
    }

    /// Takes an amount, unless it is none.
    #[inline]
    pub(crate) fn add(&self, amount: f64) -> bool {
        let is_one = (0.0..=VALUE_LIMIT).contains(&amount);
        if is_one && !self.gate.is_shut() {
            fork::settle();
            match self.stripes.get() {
                Some(stripes) => _ = stripes[own()].add(amount),
                None if self.first.add(amount) => {}
                None => self.spread(),
            }
        }
        is_one
    }

    #[cold]
    fn spread(&self) {
        let _inside = fork::enter();
        self.stripes.get_or_init(Box::default);
    }

    fn take(&self, taken: &mut Taken) {
        for stripe in std::iter::once(&self.first).chain(self.stripes.get().into_iter().flat_map(|all| all.iter())) {
            for part in [&stripe.high, &stripe.low] {
                let part = f64::from_bits(part.swap(0, Relaxed));
                taken.total.add(part);
                taken.fresh.add(part);
            }
        }
    }

    pub(crate) fn total(&self) -> f64 {
        let mut taken = self.taken.lock();
        self.take(&mut taken);
        taken.told = taken.told.max(taken.total.value());
        taken.told
    }

    /// What came since it was last asked this.
    pub(crate) fn seal(&self) -> f64 {
        let mut taken = self.taken.lock();
        self.take(&mut taken);
        // Less than nothing is what rounding took from an amount that was told: the next one makes it good.
        if taken.fresh.value() > 0.0 { std::mem::take(&mut taken.fresh).value() } else { 0.0 }
    }

    /// Whether anything came since it was last asked that.
    pub(crate) fn moved(&self) -> bool {
        let mut taken = self.taken.lock();
        self.take(&mut taken);
        taken.fresh.value() > 0.0
    }

    /// Nothing was ever added.
    pub(crate) fn forget(&self) {
        let mut taken = self.taken.lock();
        self.take(&mut taken);
        *taken = Taken::default();
        drop(taken);
        self.from.lock().from = From::Forked;
    }

    /// Takes over a total that is kept elsewhere, unless it is none. Where it fell it is another one: what it has counted is
    /// not known to be new, and is not added.
    pub(crate) fn read(&self, total: f64, of_process: bool, function: u32) -> bool {
        let is_one = (0.0..=VALUE_LIMIT).contains(&total);
        let mut followed = self.from.lock();
        if followed.function != function {
            return true;
        }
        self.unread.store(!is_one, Relaxed);
        if !is_one || self.gate.is_shut() {
            return is_one;
        }
        let from = match std::mem::replace(&mut followed.from, From::Here(total)) {
            From::Here(before) => before,
            From::Forked if of_process => 0.0,
            From::Forked | From::Next => total,
        };
        drop(followed);
        if total > from {
            let Taken { total: all, fresh, .. } = &mut *self.taken.lock();
            for sum in [all, fresh] {
                sum.add(total);
                sum.add(-from);
            }
        }
        true
    }

    /// It is read from another function from now on, of this number.
    pub(crate) fn read_anew(&self) -> u32 {
        let mut followed = self.from.lock();
        if !matches!(followed.from, From::Here(0.0)) {
            followed.from = From::Next;
        }
        followed.function = followed.function.wrapping_add(1);
        followed.function
    }

    /// It is not read now: what comes until it is read again is not counted.
    pub(crate) fn skip(&self) {
        self.from.lock().from = From::Next;
    }

    pub(crate) fn is_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    pub(crate) fn turn(&self, gate: Gate) {
        self.gate.turn(gate);
        self.unread.store(false, Relaxed);
    }

    pub(crate) fn gate(&self) -> &Gated {
        &self.gate
    }
}

impl Stripe {
    /// Whether nobody came between.
    #[inline]
    fn add(&self, amount: f64) -> bool {
        let (before, alone) = self.high.plus(amount);
        let after = before + amount;
        // As in `Sum`.
        let back = after - before;
        let lost = (before - (after - back)) + (amount - back);
        if lost != 0.0 {
            self.low.plus(lost);
        }
        alone
    }
}

trait Plus {
    /// What it was before, and whether nobody came between.
    fn plus(&self, amount: f64) -> (f64, bool);
}

impl Plus for AtomicU64 {
    #[inline]
    fn plus(&self, amount: f64) -> (f64, bool) {
        let mut alone = true;
        let mut before = self.load(Relaxed);
        loop {
            let after = f64::from_bits(before) + amount;
            match self.compare_exchange(before, after.to_bits(), Relaxed, Relaxed) {
                Ok(_) => return (f64::from_bits(before), alone),
                Err(other) => (before, alone) = (other, false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Amounts whose sums are exact: windows add up to the total, to the bit, however they fall.
        #[test]
        fn windows_add_up_to_the_total(
            amounts in prop::collection::vec((0..1u64 << 40, 0..4u8, any::<bool>()), 0..100),
            spread in any::<bool>(),
        ) {
            let (counter, mut expected, mut windows) = (Amount::new(), 0.0, 0.0);
            if spread {
                counter.spread();
            }
            for (amount, quarters, seals) in amounts {
                let amount = amount as f64 + f64::from(quarters) / 4.0;
                prop_assert!(counter.add(amount));
                expected += amount;
                if seals {
                    windows += counter.seal();
                    prop_assert!(!counter.moved());
                }
                prop_assert_eq!(counter.total(), expected);
            }
            prop_assert_eq!(windows + counter.seal(), expected);
        }

        /// As if all had been added with twice the digits, and rounded once.
        #[test]
        fn small_amounts_are_not_lost_in_large_ones(amounts in prop::collection::vec(0.0..1.0f64, 1..200), power in 0..60i32) {
            let (counter, large) = (Amount::new(), 2f64.powi(power));
            counter.add(large);
            let mut sum = Sum { high: large, low: 0.0 };
            for amount in amounts {
                counter.add(amount);
                sum.add(amount);
            }
            prop_assert!((counter.total() - sum.value()).abs() <= sum.value() * f64::EPSILON);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_and_changes_nothing() {
        let counter = Amount::new();
        for amount in [-1.0, -5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, VALUE_LIMIT.next_up()] {
            assert!(!counter.add(amount), "{amount}");
        }
        assert_eq!((counter.total(), counter.moved()), (0.0, false));
        assert!(counter.add(0.0) && counter.add(-0.0) && !counter.moved());
        assert!(counter.add(VALUE_LIMIT));
        assert_eq!(counter.total(), VALUE_LIMIT);
        counter.forget();
        assert_eq!((counter.total(), counter.seal()), (0.0, 0.0));
    }

    /// Exact while threads add and readers take, and what is told never sinks.
    #[test]
    fn threads_lose_nothing_and_totals_only_rise() {
        const EACH: u32 = if cfg!(miri) { 100 } else { 400_000 };
        let counter = Amount::new();
        let windows = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..EACH).for_each(|nth| _ = counter.add(f64::from(nth % 7) / 8.0))))
                .collect();
            let (mut windows, mut last) = (0.0, 0.0);
            while !threads.iter().all(|thread| thread.is_finished()) {
                windows += counter.seal();
                let total = counter.total();
                assert!(total >= last, "{total} after {last}");
                last = total;
            }
            windows
        });
        let expected = (0..EACH).map(|nth| f64::from(nth % 7) / 8.0).sum::<f64>() * 4.0;
        assert_eq!((windows + counter.seal(), counter.total()), (expected, expected));
    }

    #[test]
    fn what_rounding_takes_does_not_sink_what_was_told() {
        let counter = Amount::new();
        counter.add(1.0);
        assert_eq!((counter.total(), counter.seal()), (1.0, 1.0));
        // A thread between the two parts of an addition.
        counter.first.high.plus(1.2e-16);
        assert_eq!(counter.total(), 1.0f64.next_up());
        assert_eq!(counter.seal(), 1.2e-16);
        counter.first.low.plus(-2e-17);
        assert_eq!((counter.total(), counter.seal(), counter.moved()), (1.0f64.next_up(), 0.0, false));
        counter.add(2e-17);
        assert!(!counter.moved(), "it was told before");
        counter.add(0.5);
        assert_eq!((counter.total(), counter.seal()), (1.5f64.next_up(), 0.5));
    }

    /// Tenths, of which hardly any sum is exact: what rounding takes is on its way beside what is told.
    #[test]
    fn a_total_never_sinks_by_what_rounding_takes() {
        const EACH: u32 = if cfg!(miri) { 100 } else { 50_000 };
        let counter = Amount::new();
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..2).map(|_| scope.spawn(|| (0..EACH).for_each(|_| _ = counter.add(0.1)))).collect();
            let mut last = 0.0;
            while !threads.iter().all(|thread| thread.is_finished()) {
                let total = counter.total();
                assert!(total >= last);
                last = total;
            }
        });
        let expected = f64::from(2 * EACH) / 10.0;
        assert!((counter.total() - expected).abs() < 1e-11, "{}", counter.total());
    }
}
