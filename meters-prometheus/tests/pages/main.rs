//! Whatever is recorded, under whatever names: what is read from a page is what was recorded.

mod defects;
mod exemplars;
mod expected;
mod made;
mod protobuf;
mod python;
mod read;
mod round_trip;
mod text;
mod tools;
