//! The connections of the service: nobody waits without an end, and nobody who waits keeps others out.
//!
//! **Model.** A connection is at any moment in one of five phases (`pulse.rs`). In four of them the service waits for the
//! other side: for the next request, for the rest of a head, for the rest of a body, for an answer to be fetched. Each of these
//! has its longest time; in the fifth, at work, the other side waits for the service. There is a fixed number of places,
//! far below the number of files that the system allows, so that the databases never miss one. When all are taken, the
//! connection that has waited longest gives its place to the newcomer; one at work never does.
//!
//! **Limits.** Who opens connections faster than an honest caller's request crosses the network keeps that caller out: the
//! proxy in front of the service is where addresses are known and can be limited. HTTP/1.1 only.
//!
//! **Privacy.** Addresses of callers are neither read nor kept.

mod bounds;
mod pulse;
#[cfg(test)]
mod tests;

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tower::ServiceExt as _;

pub use bounds::Bounds;
use pulse::{Arriving, Ends, Pulse, Watched};

/// How long those who are being served when the service ends may take.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// Bytes of a connection that are kept before they are understood; a head must fit.
const BUFFER: usize = 32 * 1024;
/// Headers of one request.
const MOST_HEADERS: usize = 64;
/// How often is looked for those whose time is over.
const LOOK: Duration = Duration::from_millis(250);
/// How long the listener rests when the system gives it no connection.
const REST: Duration = Duration::from_millis(50);

/// Serves until stopped, and then those who are being served for at most [`DRAIN`].
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    mut stopped: watch::Receiver<bool>,
) {
    let mut open = Open::new(router, bounds, stopped.clone());
    let mut newcomer: Option<TcpStream> = None;
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        open.seat(&mut newcomer);
        let accepted = tokio::select! {
            () = end(&mut stopped) => break,
            _ = look.tick() => {
                open.give_up_the_late();
                continue;
            }
            _ = open.tasks.join_next(), if !open.tasks.is_empty() => continue,
            accepted = listener.accept(), if newcomer.is_none() => accepted,
        };
        match accepted {
            Ok((stream, _)) => newcomer = Some(stream),
            // Whoever went away again is nobody's trouble; a system without files gets one back.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(_) => {
                open.give_up_the_oldest();
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop((listener, newcomer));
    // Each was told by the same word; who is not done in time is dropped with the set.
    let _ = timeout(DRAIN, async {
        while open.tasks.join_next().await.is_some() {}
    })
    .await;
}

/// Waits for the word to stop.
async fn end(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The places.
struct Open {
    router: Router,
    bounds: Bounds,
    stopped: watch::Receiver<bool>,
    tasks: JoinSet<()>,
    pulses: Vec<Weak<Pulse>>,
}

impl Open {
    fn new(router: Router, bounds: Bounds, stopped: watch::Receiver<bool>) -> Self {
        Self {
            router,
            bounds,
            stopped,
            tasks: JoinSet::new(),
            pulses: Vec::new(),
        }
    }

    /// Gives the newcomer a place, or asks the one that has waited longest for its own.
    fn seat(&mut self, newcomer: &mut Option<TcpStream>) {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() >= self.bounds.connections {
            if newcomer.is_some() {
                self.give_up_the_oldest();
            }
            return;
        }
        let Some(stream) = newcomer.take() else {
            return;
        };
        // It only makes small answers quicker.
        let _ = stream.set_nodelay(true);
        let pulse = Arc::new(Pulse::new(Instant::now()));
        if self.pulses.len() >= self.bounds.connections {
            self.pulses.retain(|pulse| pulse.strong_count() > 0);
        }
        self.pulses.push(Arc::downgrade(&pulse));
        let (router, stopped) = (self.router.clone(), self.stopped.clone());
        self.tasks.spawn(one(stream, router, pulse, stopped));
    }

    fn alive(&self) -> impl Iterator<Item = Arc<Pulse>> + '_ {
        let all = self.pulses.iter().filter_map(Weak::upgrade);
        all.filter(|pulse| !pulse.is_gone())
    }

    fn give_up_the_late(&mut self) {
        self.pulses.retain(|pulse| pulse.strong_count() > 0);
        let now = Instant::now();
        for pulse in self.alive() {
            if pulse.is_late(&self.bounds, now) {
                pulse.give_up();
            }
        }
    }

    /// One at a time: who was asked before goes first.
    fn give_up_the_oldest(&self) {
        if self.alive().any(|pulse| pulse.is_given_up()) {
            return;
        }
        let now = Instant::now();
        let waiting = self.alive().filter_map(|pulse| {
            let since = pulse.gives_way_since(now)?;
            Some((since, pulse))
        });
        if let Some((_, oldest)) = waiting.min_by_key(|(since, _)| *since) {
            oldest.give_up();
        }
    }
}

/// Serves one connection to its end. Its errors are the caller's: there is nobody to tell.
async fn one(
    stream: TcpStream,
    router: Router,
    pulse: Arc<Pulse>,
    mut stopped: watch::Receiver<bool>,
) {
    let at_work = Arc::clone(&pulse);
    let _ends = Ends(Arc::clone(&pulse));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (router, pulse) = (router.clone(), Arc::clone(&at_work));
        async move {
            pulse.asked(request.body().is_end_stream());
            let request = request.map(|body| Body::new(Arriving::new(body, Arc::clone(&pulse))));
            let answer = router.oneshot(request).await;
            pulse.answers();
            answer
        }
    });
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&pulse)));
    let connection = http1::Builder::new()
        // Time is kept here, for a head as for all else.
        .header_read_timeout(None)
        .max_buf_size(BUFFER)
        .max_headers(MOST_HEADERS)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut ends = false;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = pulse.given_up() => return,
            () = end(&mut stopped), if !ends => {
                // Nothing of half a head was begun: nobody waits for it.
                if pulse.has_half_a_head() {
                    return;
                }
                ends = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
