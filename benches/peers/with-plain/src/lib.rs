//! Nothing is measured: what the others are compared with.

/// Runs it.
pub fn observe(shape: fn()) {
    shape();
    stage::Seen::default().print();
}
