//! Examples of `meters`, one file, one use: see the `[[example]]` list of this package.
