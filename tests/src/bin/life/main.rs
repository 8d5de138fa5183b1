//! Processes that end, fork and are sent signals in all the ways that a test cannot: `life <scene>`, with the endpoint in `CW`.
#![allow(unsafe_code, clippy::print_stdout, missing_docs)]

#[cfg(unix)]
mod children;
#[cfg(unix)]
mod hindered;
#[cfg(unix)]
mod scenes;

fn main() {
    #[cfg(unix)]
    scenes::play();
}
