//! A release on its way: what is known about it, what it counts, what it is made of.

use privacy::catalogue::{Plan, plans_shown};
use privacy::scope::Subject;
use release::assemble::assemble;
use release::facts::Facts;
use release::measurements::Measurements;
use release::object::Release;

use super::basis::Basis;
use super::error::CloseError;
use crate::App;
use crate::log::Writer;
use crate::measure::{self, MeasureError};
use crate::stored;

/// What a release is made for.
pub(super) enum Task {
    /// A quarter's first release.
    Closing,
    /// A later version of it.
    Revision(Box<Basis>),
}

/// A release on its way.
pub(super) struct Work<'a> {
    /// The role.
    pub(super) app: &'a App,
    /// The release log, under its lock.
    pub(super) log: Writer,
    /// Which release.
    pub(super) subject: Subject,
    /// Its public facts.
    pub(super) facts: Facts,
    /// What is debited and measured.
    pub(super) plans: Vec<Plan>,
    /// Hash of all that fixes the noise.
    pub(super) parameters: [u8; 32],
    /// What it is made for.
    pub(super) task: Task,
}

impl Work<'_> {
    /// Counts and draws noise.
    pub(super) async fn draw(&self) -> Result<Measurements, MeasureError> {
        let scope = &self.facts.scope;
        match self.task {
            Task::Closing => measure::measure(&self.app.store, &self.plans, scope).await,
            Task::Revision(_) => measure::again(self.app, &self.plans, scope).await,
        }
    }

    /// The release: of what was drawn, and of the earlier measurements that it builds on.
    pub(super) async fn compose(&self, drawn: &Measurements) -> Result<Release, CloseError> {
        let shown = plans_shown(&self.facts.scope, self.subject.version)?;
        let mut all = match &self.task {
            Task::Closing => {
                stored::measurements(&self.app.store, &self.plans, self.subject).await?
            }
            Task::Revision(basis) => basis.values.clone(),
        };
        all.extend(drawn.iter().map(|(key, value)| (*key, value)));
        Ok(assemble(&self.facts, &shown, &all)?)
    }

    /// Another process was first.
    pub(super) const fn beaten(&self) -> CloseError {
        match self.task {
            Task::Closing => CloseError::AlreadyClosed(self.subject.period),
            Task::Revision(_) => CloseError::AlreadyRevised(self.subject.period),
        }
    }
}
