//! Counting a closed quarter again, as if every report had come on the day it speaks of, and none that is withdrawn had come.
//!
//! People pass in chunks: histories, what they contribute to the quarter, and the sums; what one person contributes is gone with
//! the chunk. All of it sees one state of the database. The caps are those of every projection, because it is the same code.

use std::collections::BTreeSet;
use std::sync::Arc;

use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::project::{CityPeriods, Projector};
use privacy::catalogue::Plan;
use privacy::cell::{CityCode, Tab};
use privacy::scope::Scope;
use release::measurements::Measurements;

use super::draw::draw_all;
use super::error::MeasureError;
use super::exact::{Counted, Exact};
use crate::App;
use crate::blocking::blocking;
use crate::ground::Ground;
use crate::keys::AnalyticsKeys;
use crate::query;

/// People whose histories are in memory at once.
const CHUNK: i64 = 4_000;

/// Counts the given tables over revised contributions and returns noisy measurements of the quarter, nothing else.
///
/// # Errors
/// [`MeasureError`] when the database or the source of randomness fails.
pub(crate) async fn again(
    app: &App,
    plans: &[Plan],
    scope: &Scope,
) -> Result<Measurements, MeasureError> {
    let counts = count(app, plans, scope).await?;
    let tables: Vec<Counted> = plans
        .iter()
        .zip(counts)
        .map(|(plan, exact)| Counted {
            plan: plan.clone(),
            quarters: vec![(scope.period, exact)],
        })
        .collect();
    let scope = scope.clone();
    blocking(move || draw_all(&tables, &scope)).await?
}

/// The exact counts of each table, in the order of `plans`.
async fn count(app: &App, plans: &[Plan], scope: &Scope) -> Result<Vec<Exact>, MeasureError> {
    let mut tx = app.store.read().await?;
    let ground = Ground::read(&mut tx).await?;
    let view = Arc::new(View {
        cities: ground.registry.periods(),
        ground,
        keys: Arc::clone(&app.keys),
        scope: scope.clone(),
        shown: scope.codes().into_iter().collect(),
        sources: plans.iter().map(|plan| plan.table.source).collect(),
    });
    let mut all: Vec<Exact> = plans.iter().map(|_| Exact::default()).collect();
    let mut last = i64::MIN;
    loop {
        let indicators = &view.ground.indicators;
        let histories = query::histories(&mut tx, last, CHUNK, indicators).await?;
        let Some((highest, _)) = histories.last() else {
            return Ok(all);
        };
        last = *highest;
        let view = Arc::clone(&view);
        let counted = blocking(move || {
            view.count(histories, &mut all);
            all
        });
        all = counted.await?;
    }
}

/// What counting needs to know, as the transaction sees it.
struct View {
    cities: CityPeriods,
    ground: Ground,
    keys: Arc<AnalyticsKeys>,
    scope: Scope,
    shown: BTreeSet<CityCode>,
    /// The contributions that each table reads.
    sources: Vec<Tab>,
}

impl View {
    fn count(&self, histories: Vec<(i64, History)>, all: &mut [Exact]) {
        let key = self.keys.bounding.expose();
        let mut projector = Projector::new(&self.ground.indicators, &self.cities, key);
        let mut rows: Vec<Contribution> = Vec::new();
        for (person, history) in histories {
            rows.clear();
            projector.project(person, &as_if_on_time(&history), &mut rows);
            for row in rows.iter().filter(|row| row.period == self.scope.period) {
                for (source, exact) in self.sources.iter().zip(all.iter_mut()) {
                    if *source == row.cell.tab() {
                        exact.add(row.cell, 1, &self.shown);
                    }
                }
            }
        }
    }
}

/// The reports of a history that are true today, each effective on the day it speaks of.
pub(crate) fn as_if_on_time(history: &History) -> History {
    let on_time = |event: &Event| Event {
        effective: event.day,
        ..*event
    };
    History::new(history.true_today().iter().map(on_time).collect())
}
