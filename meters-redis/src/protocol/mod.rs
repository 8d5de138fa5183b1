//! Writer and reporter as state machines without I/O, the keys, and the scripts that alone change them.
