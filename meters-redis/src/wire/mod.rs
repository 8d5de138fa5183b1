//! A delta batch as bytes: what one process recorded in one period, versioned and self-describing.
