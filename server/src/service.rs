//! The running service: both rooms' routers, the status page, and the forwarder between the roles.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use store::days::Days;
use store::{DbError, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::closing::{self, Office};
use crate::connections::{self, Bounds, DRAIN};
use crate::datadir::DataDir;
use crate::error::Failure;
use crate::forward::Forwarder;
use crate::http::{document, headers, health, page};
use crate::local::Devices;
use crate::options::Role;

/// How long a service that has stopped waits for a database that is still in use.
const CLOSE: Duration = Duration::from_secs(5);
/// How often the logs of writes are emptied.
const MINUTE: Duration = Duration::from_secs(60);
/// What is said when one cannot be.
const STANDS: &str = "the log of writes still stands beside the database, and tells the order of what was written: end whatever \
     reads from the database, then start and end the service once more";

/// What runs in this process.
pub enum Rooms {
    /// Both roles, joined by HTTP over this process's own address.
    All(Arc<identity::App>, Arc<analytics::App>),
    /// The identity role; the statistics role answers at the given URL.
    Identity(Arc<identity::App>, String),
    /// The statistics role.
    Analytics(Arc<analytics::App>),
}

impl Rooms {
    fn identity(&self) -> Option<Arc<identity::App>> {
        match self {
            Self::All(identity, _) | Self::Identity(identity, _) => Some(Arc::clone(identity)),
            Self::Analytics(_) => None,
        }
    }

    fn analytics(&self) -> Option<Arc<analytics::App>> {
        match self {
            Self::All(_, analytics) | Self::Analytics(analytics) => Some(Arc::clone(analytics)),
            Self::Identity(..) => None,
        }
    }

    fn stores(&self) -> Vec<Store> {
        match self {
            Self::All(identity, analytics) => vec![identity.store.clone(), analytics.store.clone()],
            Self::Identity(identity, _) => vec![identity.store.clone()],
            Self::Analytics(analytics) => vec![analytics.store.clone()],
        }
    }

    /// Which role this is.
    pub fn role(&self) -> Role {
        match self {
            Self::All(..) => Role::All,
            Self::Identity(..) => Role::Identity,
            Self::Analytics(_) => Role::Analytics,
        }
    }
}

/// What a service has beside its rooms.
#[derive(Default)]
pub struct Beside<'a> {
    /// The data folder, to say how much room is on its disk and when it was copied.
    pub folder: Option<DataDir>,
    /// Devices that are offered to browsers of this machine.
    pub devices: Option<&'a Devices>,
}

/// A service that accepts connections until it is stopped.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    stores: Vec<Store>,
    identity: Option<Arc<identity::App>>,
}

impl Running {
    /// Binds, and serves in the background.
    ///
    /// # Errors
    /// [`Failure`] when the address is taken, or the system allows the process too few files.
    pub async fn start(rooms: Rooms, listen: SocketAddr) -> Result<Self, Failure> {
        Self::start_beside(rooms, listen, Beside::default()).await
    }

    /// The same, with what is beside the rooms.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub async fn start_beside(
        rooms: Rooms,
        listen: SocketAddr,
        beside: Beside<'_>,
    ) -> Result<Self, Failure> {
        let bounds = Bounds::of_this_process()?;
        let listener = TcpListener::bind(listen).await.map_err(|e| {
            Failure::of(
                "the address cannot be used; choose another --listen",
                e.kind(),
            )
        })?;
        let address = listener
            .local_addr()
            .map_err(|e| Failure::of("the address", e.kind()))?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        let forwarder = forwarder(&rooms, address)?;
        if let Some(forwarder) = &forwarder {
            tasks.push(tokio::spawn(Arc::clone(forwarder).run(stopped.clone())));
        }
        let mut router = router(&rooms, forwarder, beside.folder)?;
        if let Some(devices) = beside.devices {
            router = router.merge(headers::wrap(devices.router()));
        }
        tasks.push(tokio::spawn(keep_house(
            rooms.stores(),
            rooms.analytics(),
            stopped.clone(),
        )));
        tasks.push(tokio::spawn(connections::serve(
            listener, router, bounds, stopped,
        )));
        Ok(Self {
            address,
            stop,
            tasks,
            stores: rooms.stores(),
            identity: rooms.identity(),
        })
    }

    /// Base URL for terminals on this machine.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// As [`Running::stop`], and closes the databases: nothing that was left behind can write to them any more.
    ///
    /// # Errors
    /// As [`Running::stop`].
    pub async fn end(self) -> Result<(), Failure> {
        let stores = self.stores.clone();
        let done = self.stop().await;
        for store in stores {
            if timeout(CLOSE, store.close()).await.is_err() {
                tracing::warn!("the database was still in use when the service ended");
            }
        }
        done
    }

    /// Stops accepting, finishes what is under way for at most `connections::DRAIN`, writes down what waits and leaves no order of writes.
    /// Whoever keeps a connection open without asking for anything delays nobody longer than that. The databases stay open.
    ///
    /// # Errors
    /// [`Failure`] when counts could not be written, or a log of writes still stands; everything else was done.
    pub async fn stop(self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        // A breath more than the connections have, so that they end by themselves.
        let until = Instant::now() + DRAIN + Duration::from_millis(500);
        for mut task in self.tasks {
            // A task that panicked has nothing left to finish.
            if timeout_at(until, &mut task).await.is_err() {
                task.abort();
            }
        }
        let mut done = Ok(());
        if let Some(identity) = &self.identity
            && let Err(error) = at_the_end(identity).await
        {
            let what = "refusals, counts and sign-ins could not be noted";
            done = Err(Failure::of(what, error));
        }
        for store in self.stores {
            if let Err(error) = store.forget_order().await {
                done = Err(Failure::of(STANDS, error));
            }
        }
        done
    }
}

/// Empties the logs of writes by the minute, forgets the order of rows by the hour and looks at the statistics role's
/// day, until stopped.
async fn keep_house(
    stores: Vec<Store>,
    analytics: Option<Arc<analytics::App>>,
    mut stopped: watch::Receiver<bool>,
) {
    let days = analytics.map(|app| (Days::new(Arc::clone(&app.clock)), app));
    for minute in 1_u64.. {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => { return; }
            () = tokio::time::sleep(MINUTE) => {}
        }
        if let Some((days, app)) = &days
            && let Err(error) = analytics::days::look(app, days).await
        {
            tracing::warn!(%error, "the day was not noted; trying again");
        }
        for store in &stores {
            let done = match minute % 60 {
                0 => store.forget_order().await,
                _ => store.tidy().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "the log of writes was not emptied; trying again");
            }
        }
    }
}

/// Writes down what waits in memory.
async fn at_the_end(identity: &identity::App) -> Result<(), DbError> {
    // One that fails keeps no other one back.
    let refusals = identity.flush_refusals().await;
    let settled = identity.settle_counts().await;
    let stamped = identity.look_for_a_restore().await.map(drop);
    let noted = identity.flush_sign_ins().await;
    refusals.and(settled).and(stamped).and(noted)
}

fn forwarder(rooms: &Rooms, own: SocketAddr) -> Result<Option<Arc<Forwarder>>, Failure> {
    match rooms {
        Rooms::All(identity, _) => {
            Forwarder::new(Arc::clone(identity), &format!("http://{own}")).map(Some)
        }
        Rooms::Identity(identity, url) => Forwarder::new(Arc::clone(identity), url).map(Some),
        Rooms::Analytics(_) => Ok(None),
    }
    .map(|forwarder| forwarder.map(Arc::new))
}

/// Everything the rooms answer, with the headers of every answer.
///
/// # Errors
/// [`Failure`] when the description of the interface cannot be written.
pub fn router(
    rooms: &Rooms,
    forwarder: Option<Arc<Forwarder>>,
    folder: Option<DataDir>,
) -> Result<Router, Failure> {
    let watched = health::Health::new(rooms.identity(), rooms.analytics());
    let mut interface = health::router(watched);
    let mut pages = page::router(!matches!(rooms, Rooms::Identity(..)));
    if let (Rooms::All(app, _) | Rooms::Identity(app, _), Some(forwarder)) = (rooms, forwarder) {
        pages = pages.merge(crate::pages::router());
        if let Rooms::All(_, analytics) = rooms {
            interface = interface.merge(closing::router(Office {
                identity: Arc::clone(app),
                analytics: Arc::clone(analytics),
                forwarder: Arc::clone(&forwarder),
                turn: tokio::sync::Mutex::default(),
            }));
        }
        interface = interface
            .merge(identity::router(Arc::clone(app)))
            .merge(crate::upkeep::router(Arc::clone(app), folder))
            .merge(crate::forward::router(Arc::clone(app), forwarder));
    }
    if let Rooms::All(_, app) | Rooms::Analytics(app) = rooms {
        interface = interface.merge(analytics::http::router(Arc::clone(app)));
    }
    let all = pages.merge(document::served(interface)?);
    Ok(headers::wrap(
        all.method_not_allowed_fallback(page::other_method),
    ))
}
