//! Replaying a table through the whole protocol, as terminals at real counters would.
//!
//! Every distinct person gets one card; every row presents that card at its site's provider and
//! records the event. Rows go in waves (everybody's first row, everybody's second, ...), so that
//! one person's rows keep their order while many people share one evaluation. A row that cannot
//! be replayed is named with its line and reason; the others stand. Nothing is printed: who calls
//! hands in what hears of progress, and says what came of it.

mod desk;
mod error;
pub mod hire;
mod issued;
mod keep;
mod plan;
mod staff;
mod stage;
mod withdrawn;

pub use desk::Desk;
pub use error::ReplayError;
pub use keep::Keeper;
pub use plan::{Known, Plan, Reason, Rejected};
pub use stage::{Replayed, Stage};
