//! The public catalogue of released tables, as data: [`TABLES`] is all that scales, debits and estimates are made from. A table
//! that counts as one of these do is a new entry; what another letter is called in reports and other formats is said there.
//!
//! **Neighbours.** Two states of the store are neighbours when one holds all rows of one person and the other none of them.
//! `l2_squared` bounds, for one person and the releases a table accounts for together (its *span*), the squared Euclidean
//! norm of what the person adds to all cells of a level. It follows from the caps on one person's contributions ([`CAPS`]) alone. A coarse
//! cell may hold two of a person's drop-outs, hence 2^2 = 4 and not 2 for the totals and cities of table D.
//!
//! **Spans.** Tables A and B are accounted for by each release, annual tables by their one release. The caps of tables D and E
//! are by year, so their four releases share one bound. Table F's cap is by life: somebody first seen in a quarter moves the
//! measurements of the following quarters by `r_0, r_1, ..`, so within any one calendar year by at most the first four of them,
//! which is the bound its four releases share.
//!
//! **The year.** Shares and the reserve come to the whole budget: what all releases about a calendar year can tell about one
//! person is never more than that year's budget, whatever happened in the years before.
//!
//! **Rounding.** A release's allowance is rounded down to whole nano-rho, scales up to the grid, costs up.

mod again;
mod block;
mod cells;
mod plan;
mod table;
mod tables;

pub use again::{plans_again, plans_shown};
pub use block::{block_start, stream};
pub use cells::{BINS, DROPPED_OUT, LEFT};
pub use plan::{
    CatalogueError, MeasuredLevel, Plan, parameters_hash, plan, plans, plans_of, revisions,
};
pub use table::{Dimension, Every, HORIZON, Level, Mechanism, Part, RELEASES_A_YEAR, Shape, Table};
pub use tables::{CAPS, NOTES, REVISION_TABLES, TABLES};

#[cfg(test)]
mod tests;
