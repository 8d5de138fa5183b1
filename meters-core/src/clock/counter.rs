//! The processor's time counter. The one place with `unsafe`: a read is 10 ns where `Instant::now` is 25 (benchmark
//! `hot_path`, rows "counter twice" and "Instant twice"), and the clock is nearly the whole cost of a timed call.

#![allow(unsafe_code)]

/// Reads the counter, unserialised.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline]
#[allow(unused_unsafe)]
pub(super) fn read() -> u64 {
    // SAFETY: RDTSC exists on every x86-64 processor, touches no memory, and user code may execute it on every system
    // that Rust supports there (one that sets CR4.TSD has none to give to `Instant` either).
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Whether the counter runs at one rate whatever the processor does, and the kernel itself keeps time by it.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unused_unsafe)]
pub(super) fn is_invariant() -> bool {
    use std::arch::x86_64::__cpuid;
    const POWER: u32 = 0x8000_0007; // Intel SDM vol. 3, 17.17.1; AMD APM vol. 3, E.4.7
    // SAFETY: CPUID exists on every x86-64 processor and has no effect but its result.
    let invariant = unsafe { __cpuid(0x8000_0000).eax >= POWER && __cpuid(POWER).edx & (1 << 8) != 0 };
    invariant && kernel_trusts_it()
}

/// Reads the counter, unserialised.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[inline]
pub(super) fn read() -> u64 {
    let ticks: u64;
    // SAFETY: reads a register that every ARMv8 system lets user code read; touches neither memory nor flags.
    unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

/// The generic timer runs at one rate by definition (Arm ARM, D12.1).
#[cfg(all(target_arch = "aarch64", not(miri)))]
pub(super) fn is_invariant() -> bool {
    true
}

/// No counter is known here (Miri knows none).
#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn read() -> u64 {
    0
}

/// No counter is known here (Miri knows none).
#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn is_invariant() -> bool {
    false
}

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
fn kernel_trusts_it() -> bool {
    let source = std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    source.is_ok_and(|source| source.trim() == "tsc")
}

#[cfg(all(target_arch = "x86_64", not(target_os = "linux"), not(miri)))]
fn kernel_trusts_it() -> bool {
    true
}
