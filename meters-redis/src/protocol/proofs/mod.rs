//! Proofs: the model does what the scripts do (`same`); the machines and the model together report everything once, in all
//! orders of few events (`all`) and in random orders of many (`random`), and each rule is needed (`needed`).

mod all;
mod random;
mod real;
mod same;
mod server;
mod world;
