//! `/v1/closings`: an operator proposes to close a quarter, another one confirms, and then it is closed.
//!
//! **Model.** Who agrees to what is the identity role's affair, what is agreed to the statistics role's: here they meet. Reading a plan
//! fetches what waits in the identity role, as closing at the host does, so that what was read still holds a moment later. The last
//! word is the statistics role's: it closes what was agreed to, or nothing.
//!
//! **Crashes.** A confirmation is kept before the closing begins, and the proposal until it has ended: after a break whoever confirms the
//! same again goes on where it stopped. One that nothing came of is taken back. A handler runs to its end, also when the caller goes away.
//!
//! **One at a time.** Plans, proposals and confirmations wait for each other in memory: however many are asked for, one thread at most
//! waits for the release log.
//!
//! **Limits.** Only where both roles run in one process; elsewhere quarters close at the statistics role's host.

use std::sync::Arc;

use analytics::close::{self, CloseError, Outlook};
use analytics::ledger::LedgerError;
use analytics::stored::{self, ReleaseHash};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::{Extension, Json};
use crypto::b64::Fixed;
use crypto::day::Quarter;
use identity::access::session::Session;
use identity::http::{Proved, proved, session};
use identity::{Refusal, closings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    ClosingDigest, ClosingPlan, ClosingProposal, Closings, Empty, NotClosed, QuarterClosed, form,
};

use crate::forward::Forwarder;

/// Both roles, and the way between them.
pub(crate) struct Office {
    pub(crate) identity: Arc<identity::App>,
    pub(crate) analytics: Arc<analytics::App>,
    pub(crate) forwarder: Arc<Forwarder>,
    pub(crate) turn: tokio::sync::Mutex<()>,
}

type Shared = Extension<Arc<Office>>;
type Answer<T> = Result<Json<T>, Refusal>;
type Period = Result<Path<String>, PathRejection>;

/// Why operators are told no: for these reasons, and for what every route of theirs refuses.
fn because(parts: &[&[NotClosed]]) -> Vec<Refusal> {
    let named = parts.concat().into_iter().map(Refusal::from);
    [Refusal::Forbidden, Refusal::NotFound]
        .into_iter()
        .chain(named)
        .collect()
}

/// The five routes, for operators.
pub(crate) fn router(office: Office) -> OpenApiRouter {
    use NotClosed::{Budget, Changed, Closed, Early, Host, NewPerson, NotProposed};
    use NotClosed::{Order, Proposed, SamePerson, Undelivered};
    let app = Arc::clone(&office.identity);
    let closed = [Early, Order, Closed, Undelivered, Budget, Host];
    let read = because(&[&closed]);
    let proposed = because(&[&closed, &[Changed, Proposed, NewPerson]]);
    let confirmed = because(&[&closed, &[Changed, NotProposed, SamePerson, NewPerson]]);
    let withdrawn = because(&[&[Changed, NotProposed]]);
    let routes = OpenApiRouter::default()
        .routes(session(routes!(all), &[Refusal::Forbidden]))
        .routes(session(routes!(plan), &read))
        .routes(session(routes!(propose), &proposed))
        .routes(session(routes!(confirm), &confirmed))
        .routes(session(routes!(withdraw), &withdrawn))
        .layer(Extension(Arc::new(office)));
    proved(Arc::clone(&app), routes).with_state(app)
}

/// Closings that wait for a second person.
#[utoipa::path(
    get,
    path = "/v1/closings",
    tag = "closings",
    operation_id = "closings",
    responses((status = 200, description = "Those that are good today.", body = Closings)),
)]
async fn all(Extension(office): Shared, caller: Proved<Empty>) -> Answer<Closings> {
    caller.session.operator()?;
    let proposals = office.waiting(&caller.session).await?;
    Ok(Json(Closings { proposals }))
}

/// What closing a quarter would publish and spend.
#[utoipa::path(
    get,
    path = "/v1/closings/{period}",
    tag = "closings",
    operation_id = "closing_plan",
    params(("period" = form::Quarter, Path, description = "The quarter.")),
    responses((status = 200, description = "As it stands now.", body = ClosingPlan)),
)]
async fn plan(
    Extension(office): Shared,
    period: Period,
    caller: Proved<Empty>,
) -> Answer<ClosingPlan> {
    caller.session.operator()?;
    let period = quarter(period)?;
    let _turn = office.turn.lock().await;
    Ok(Json(office.plan(period).await?))
}

/// Proposes to close a quarter as it was read.
#[utoipa::path(
    post,
    path = "/v1/closings/{period}/proposal",
    tag = "closings",
    operation_id = "propose_closing",
    params(("period" = form::Quarter, Path, description = "The quarter.")),
    request_body = ClosingDigest,
    responses((status = 200, description = "It waits for a second person.", body = ClosingProposal)),
)]
async fn propose(
    Extension(office): Shared,
    period: Period,
    caller: Proved<ClosingDigest>,
) -> Answer<ClosingProposal> {
    caller.session.operator()?;
    let (period, Fixed(digest)) = (quarter(period)?, caller.body.digest);
    let _turn = office.turn.lock().await;
    if office.plan(period).await?.digest.0 != digest {
        return Err(NotClosed::Changed.into());
    }
    let proposed = closings::propose(&office.identity, &caller.session, period, digest).await?;
    Ok(Json(proposed))
}

/// Confirms what another operator proposed, and closes the quarter.
#[utoipa::path(
    post,
    path = "/v1/closings/{period}/confirmation",
    tag = "closings",
    operation_id = "confirm_closing",
    params(("period" = form::Quarter, Path, description = "The quarter.")),
    request_body = ClosingDigest,
    responses((status = 200, description = "It is closed and published.", body = QuarterClosed)),
)]
async fn confirm(
    Extension(office): Shared,
    period: Period,
    caller: Proved<ClosingDigest>,
) -> Answer<QuarterClosed> {
    caller.session.operator()?;
    let (period, Fixed(digest)) = (quarter(period)?, caller.body.digest);
    let _turn = office.turn.lock().await;
    let hash = Fixed(office.close(&caller.session, period, &digest).await?.hash);
    Ok(Json(QuarterClosed { period, hash }))
}

/// Takes back what was proposed, whoever proposed it.
#[utoipa::path(
    post,
    path = "/v1/closings/{period}/withdrawal",
    tag = "closings",
    operation_id = "withdraw_closing",
    params(("period" = form::Quarter, Path, description = "The quarter.")),
    request_body = ClosingDigest,
    responses((status = 200, description = "Nobody proposes it any more.", body = Empty)),
)]
async fn withdraw(
    Extension(office): Shared,
    period: Period,
    caller: Proved<ClosingDigest>,
) -> Answer<Empty> {
    caller.session.operator()?;
    let (period, Fixed(digest)) = (quarter(period)?, caller.body.digest);
    let _turn = office.turn.lock().await;
    closings::withdraw(&office.identity, &caller.session, period, digest).await?;
    Ok(Json(Empty {}))
}

/// The quarter of a path; what is none is refused like any other unknown thing.
fn quarter(period: Period) -> Result<Quarter, Refusal> {
    let Path(text) = period.map_err(|_| Refusal::NotFound)?;
    text.parse().map_err(|_| Refusal::NotFound)
}

impl Office {
    /// Those that are good today; one whose quarter was closed meanwhile, at whatever place, is gone.
    async fn waiting(&self, caller: &Session) -> Result<Vec<ClosingProposal>, Refusal> {
        let mut all = closings::all(&self.identity, caller).await?;
        if all.is_empty() {
            return Ok(all);
        }
        let app = &self.analytics;
        let published = stored::list(&app.store, &app.log_dir).await;
        let published = published.map_err(|error| refused(&error.into()))?;
        let is_closed = |one: &ClosingProposal| {
            let period = one.period;
            published.iter().any(|it| it.subject.period == period)
        };
        for one in all.extract_if(.., |one| is_closed(one)) {
            closings::forget(&self.identity, one.period).await?;
        }
        Ok(all)
    }

    async fn outlook(&self, period: Quarter) -> Result<Outlook, CloseError> {
        self.fetch().await?;
        close::outlook(&self.analytics, period).await
    }

    async fn plan(&self, period: Quarter) -> Result<ClosingPlan, Refusal> {
        let seen = self
            .outlook(period)
            .await
            .map_err(|error| refused(&error))?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(ClosingPlan {
            period,
            digest: Fixed(seen.digest),
            tables: count(seen.tables),
            cities: count(seen.cities),
            services: count(seen.services),
            spends: seen.cost.nano(),
            spent: seen.spent.nano(),
            budget: seen.budget.nano(),
        })
    }

    /// Confirms and closes. Nobody's word is kept before what they agree to is what would be done.
    async fn close(
        &self,
        caller: &Session,
        period: Quarter,
        digest: &[u8; 32],
    ) -> Result<ReleaseHash, Refusal> {
        let (identity, analytics) = (&*self.identity, &*self.analytics);
        let closed = match self.outlook(period).await {
            Err(CloseError::AlreadyClosed(_)) => close::last_step(analytics, period).await,
            Err(error) => Err(error),
            Ok(seen) if seen.digest != *digest => {
                closings::forget_others(identity, period, &seen.digest).await?;
                return Err(NotClosed::Changed.into());
            }
            Ok(seen) => {
                closings::confirm(identity, caller, period, *digest, seen.begun).await?;
                close::close_agreed(analytics, period, digest).await
            }
        };
        match closed {
            Ok(_) | Err(CloseError::OtherPlan(_) | CloseError::AlreadyClosed(_)) => {
                closings::forget(identity, period).await?;
            }
            Err(_) if matches!(close::has_begun(analytics, period).await, Ok(false)) => {
                closings::unconfirm(identity, period).await?;
            }
            Err(_) => {}
        }
        closed.map_err(|error| refused(&error))
    }

    /// Delivers what the identity role received before today, unless that was done; what cannot be is said by the closing.
    async fn fetch(&self) -> Result<(), CloseError> {
        let today = self.analytics.today();
        let delivered = analytics::intake::delivered(&self.analytics).await?;
        if delivered.is_none_or(|delivered| delivered < today)
            && let Err(failure) = self.forwarder.deliver_before(today).await
        {
            tracing::warn!(%failure, "what waits was not delivered for a closing");
        }
        Ok(())
    }
}

/// Why, in the words of the interface. What only the host can mend is logged.
fn refused(error: &CloseError) -> Refusal {
    let why = match error {
        CloseError::TooEarly { .. } => NotClosed::Early,
        CloseError::BeforeStart(_) | CloseError::PreviousOpen(_) | CloseError::UnderWay(_) => {
            NotClosed::Order
        }
        CloseError::AlreadyClosed(_) => NotClosed::Closed,
        CloseError::Undelivered(_) => NotClosed::Undelivered,
        CloseError::OtherPlan(_) | CloseError::RegistryChanged => NotClosed::Changed,
        CloseError::Ledger(LedgerError::Refused(_)) => NotClosed::Budget,
        CloseError::Database(error)
        | CloseError::Ledger(LedgerError::Database(error))
        | CloseError::Role(analytics::error::Error::Database(error)) => {
            return error.clone().into();
        }
        _ => {
            tracing::error!(%error, "a quarter was not closed");
            NotClosed::Host
        }
    };
    why.into()
}
