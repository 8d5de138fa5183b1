//! Benchmarks only: see the `[[bench]]` list of this package.
