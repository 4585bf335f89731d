//! What is promised about several rooms together: bounds against debits, neighbours, published figures against the pilot.

pub(crate) mod accounting;
mod bounds;
mod choices;
mod neighbours;
mod order;
mod pilot;
mod planner;
mod revisions;
mod startless;
mod withdrawn;
