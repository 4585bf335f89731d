//! Roster and reports.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::Uri;
use wire::{
    AppendRoster, Empty, ReportsTaken, RosterAppended, RosterPage, RosterQuery, SubmitReports,
};

use super::extract::Proved;
use super::json::Json;
use crate::records::{intake, roster};
use crate::{App, Refusal};

type Answer<T> = Result<Json<T>, Refusal>;
type Shared = State<Arc<App>>;

/// Appends entries to the provider's roster.
#[utoipa::path(
    post,
    path = "/v1/roster",
    tag = "records",
    operation_id = "append_roster",
    request_body = AppendRoster,
    responses((status = 200, description = "The entries that the log holds.", body = RosterAppended)),
)]
pub(super) async fn append(
    State(app): Shared,
    caller: Proved<AppendRoster>,
) -> Answer<RosterAppended> {
    let Proved { session, body, .. } = caller;
    Ok(Json(roster::append(&app, &session, &body.entries).await?))
}

/// Reads the provider's roster.
#[utoipa::path(
    get,
    path = "/v1/roster",
    tag = "records",
    operation_id = "read_roster",
    params(RosterQuery),
    responses((status = 200, description = "Entries in the order of their numbers.", body = RosterPage)),
)]
pub(super) async fn page(
    State(app): Shared,
    target: Uri,
    caller: Proved<Empty>,
) -> Answer<RosterPage> {
    let provider = caller.session.provider()?;
    let Query(query) =
        Query::<RosterQuery>::try_from_uri(&target).map_err(|_| Refusal::Malformed)?;
    Ok(Json(roster::page(&app, provider, query).await?))
}

/// Hands in reports for the statistics store.
#[utoipa::path(
    post,
    path = "/v1/reports",
    tag = "records",
    operation_id = "submit_reports",
    request_body = SubmitReports,
    responses((status = 200, description = "The reports that are taken.", body = ReportsTaken)),
)]
pub(super) async fn submit(
    State(app): Shared,
    caller: Proved<SubmitReports>,
) -> Answer<ReportsTaken> {
    let Proved { session, body, .. } = caller;
    Ok(Json(intake::take(&app, &session, &body.submissions).await?))
}
