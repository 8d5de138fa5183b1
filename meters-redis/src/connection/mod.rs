//! The way to a server: URL, TLS, roles, time limits; and what its errors mean.
