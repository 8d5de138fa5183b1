//! Files of the spool, which a process finds that did not write them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    _ = meters::__private::read_spool(data);
});
