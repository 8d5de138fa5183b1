//! The whole product: what is recorded, through the real AWS SDK, into a strict receiver on loopback.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "product/alone.rs"]
mod alone;
#[path = "product/away.rs"]
mod away;
#[path = "product/bounds.rs"]
mod bounds;
#[path = "product/building.rs"]
mod building;
#[path = "product/callbacks.rs"]
mod callbacks;
#[path = "product/credentials.rs"]
mod credentials;
#[path = "product/crowds.rs"]
mod crowds;
#[path = "product/defects.rs"]
mod defects;
#[path = "product/dimensions.rs"]
mod dimensions;
#[cfg(unix)]
#[path = "product/endings.rs"]
mod endings;
#[path = "product/exactness.rs"]
mod exactness;
#[path = "product/expiry.rs"]
mod expiry;
#[path = "product/faults.rs"]
mod faults;
#[path = "product/faults_ambiguous.rs"]
mod faults_ambiguous;
#[cfg(unix)]
#[path = "product/forks.rs"]
mod forks;
#[path = "product/golden.rs"]
mod golden;
#[cfg(unix)]
#[path = "product/hindered.rs"]
mod hindered;
#[path = "product/instruments.rs"]
mod instruments;
#[path = "product/lambda.rs"]
mod lambda;
#[cfg(unix)]
#[path = "product/left.rs"]
mod left;
#[path = "product/lifecycle.rs"]
mod lifecycle;
#[path = "product/losses.rs"]
mod losses;
#[path = "product/outcomes.rs"]
mod outcomes;
#[path = "product/panics.rs"]
mod panics;
#[path = "product/percentiles.rs"]
mod percentiles;
#[cfg(unix)]
#[path = "product/processes.rs"]
mod processes;
#[path = "product/put_now.rs"]
mod put_now;
#[path = "product/rollups.rs"]
mod rollups;
#[path = "product/runtimes.rs"]
mod runtimes;
#[path = "product/said.rs"]
mod said;
#[path = "product/stage.rs"]
mod stage;
#[cfg(unix)]
#[path = "product/switched_off.rs"]
mod switched_off;
#[path = "product/volume.rs"]
mod volume;
