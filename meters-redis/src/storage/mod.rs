//! [`meters_core::storage`] on a Redis: thin shells that drive the state machines.
