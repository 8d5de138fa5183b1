//! Entries of many windows.
