//! One device: enrolled or not, closed or open.

use crypto::day::Day;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use terminal::Session;
use terminal::device::{Handle, Label};
use terminal::enroll;
use terminal::fingerprint::Typed;
use terminal::keep::Keep as _;
use terminal::lock::Lock;
use terminal::login;
use terminal::notice::Notice;
use terminal::rules::Rules;
use terminal::session::Kind;
use terminal::state::{Closed, Open};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::Registry;
use wire::typed::{Chosen, Entered};

use crate::fault::{Fault, read, value};
use crate::host::{Host, Lent};
use crate::scan::Here;
use crate::view::{Accept, Device, Me, Offer};

/// Where the state and the envelopes are kept.
pub(crate) const STATE: &str = "state";
const ENVELOPES: &str = "envelopes";
/// What a PIN opens with the service's help, while nobody has signed out.
pub(crate) const PIN: &str = "pin";
/// What a closed device can do without a network.
pub(crate) const OUTSIDE: &str = "outside";

/// Services of the catalogue that are given by the piece.
pub(crate) const COUNTED: [&str; 4] = ["nsp", "condoms", "naloxone", "iec"];

/// A terminal in a browser.
#[wasm_bindgen]
pub struct Core {
    pub(crate) host: Lent,
    pub(crate) rng: Random,
    pub(crate) counter: Option<Box<Counter>>,
    pub(crate) lock: Option<Lock>,
}

/// A terminal at which somebody is signed in.
pub(crate) struct Counter {
    pub(crate) session: Session<Lent>,
    pub(crate) state: Open,
    pub(crate) status: Option<CheckedStatusList>,
    pub(crate) rules: Rules,
    /// When they signed in, seconds of this device's clock.
    pub(crate) since: u64,
    /// The card that was scanned last.
    pub(crate) here: Option<Here>,
}

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// A device that keeps its bytes with `host`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self {
            host: Lent::new(host),
            rng: Random::os(),
            counter: None,
            lock: None,
        }
    }

    /// How this device stands.
    ///
    /// # Errors
    /// `storage`.
    #[wasm_bindgen(unchecked_return_type = "Device")]
    pub async fn device(&self) -> Result<JsValue, JsValue> {
        let kept = self.host.place(STATE).load().await.map_err(Fault::from)?;
        Ok(value(&Device {
            enrolled: kept.is_some(),
            open: self.counter.is_some(),
            locked: self.lock.is_some(),
        }))
    }

    /// Accepts an invitation: enrols the person and this device. Sign in afterwards.
    ///
    /// # Errors
    /// `invitation`, `name-taken`, `typed-*`, `wrong-server`, `trust`, `other-place`, `enrolled-already`, `storage`, `network`.
    pub async fn enrol(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Accept")] accept: JsValue,
    ) -> Result<(), JsValue> {
        let accept: Accept = read(&accept)?;
        self.accept(&accept).await?;
        Ok(())
    }

    /// Signs in; `giver` is the fingerprint that a colleague read out, when the data key comes from one who did not invite.
    ///
    /// # Errors
    /// `not-signed-in`, `locked`, `limited`, `wrong-server`, `trust`, `other-giver`, `other-data-key`, `storage*`, `network`.
    #[wasm_bindgen(js_name = signIn, unchecked_return_type = "Me")]
    pub async fn sign_in(
        &mut self,
        name: &str,
        password: &str,
        giver: Option<String>,
    ) -> Result<JsValue, JsValue> {
        self.enter(name, password, giver).await?;
        Ok(value(&self.counter()?.me()))
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(unchecked_return_type = "Me")]
    pub fn me(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.counter()?.me()))
    }

    /// Ends the session at the service and drops every key: no PIN opens this again.
    ///
    /// # Errors
    /// `storage` when what a PIN opens could not be taken away: nobody was signed out, for who leaves believes that it is gone.
    pub async fn leave(&mut self) -> Result<(), JsValue> {
        Ok(self.sign_out().await?)
    }

    /// Somebody has looked into why this device had forgotten entries of its own.
    ///
    /// # Errors
    /// `closed`, `storage`.
    pub async fn explained(&mut self) -> Result<(), JsValue> {
        self.counter_mut()?.state.local.explained();
        Ok(self.save().await?)
    }
}

impl Core {
    async fn accept(&mut self, accept: &Accept) -> Result<(), Fault> {
        let place = self.host.place(STATE);
        if place.load().await?.is_some() {
            return Err(Fault::named("enrolled-already"));
        }
        let name: Handle = accept.name.parse()?;
        let label: Label = accept.label.parse()?;
        let password = Chosen::parse(&accept.password)?;
        let text = accept.invitation.trim();
        let (host, rng, today) = (self.host.clone(), &mut self.rng, self.host.today()?);
        let begun = enroll::begin(&host, text, &name, &password, &label, rng).await?;
        let enrolled = begun.prove(rng)?.finish(&host, today).await?;
        Open::create(&place, enrolled.device, &enrolled.state_key, rng).await?;
        Ok(())
    }

    async fn enter(
        &mut self,
        name: &str,
        password: &str,
        giver: Option<String>,
    ) -> Result<(), Fault> {
        let handle: Handle = name.parse()?;
        let password = Entered::parse(password)?;
        let giver = giver.map(|text| text.parse::<Typed>()).transpose()?;
        let (host, today) = (self.host.clone(), self.host.today()?);
        let place = host.place(STATE);
        let closed = Closed::load(&place).await?;
        let begun = login::begin(&host, &closed.door(), &handle, &password, &mut self.rng).await?;
        let proved = begun.prove(&mut self.rng)?;
        let mut state = closed.open(&proved.state_key())?;
        if let Some(giver) = giver {
            state.device.expect_giver(giver);
        }
        let session = proved
            .finish(host.clone(), &mut state.device, today)
            .await?;
        state.compare_pin(&session);
        state.save(&place, &mut self.rng).await?;
        self.begin(session, state, host.now()).await?;
        let kept = self.keep_pin().await;
        self.or_close(kept)?;
        self.drop_forgotten_pin().await;
        // Without it a closed page can do nothing without a network; the work of an open one does not wait for that.
        let _ = self.put_outside().await;
        Ok(())
    }

    /// Nobody is told that they are not in while the keys are.
    pub(crate) fn or_close<E>(&mut self, done: Result<(), E>) -> Result<(), E> {
        if done.is_err() {
            self.counter = None;
        }
        done
    }

    /// A PIN that was changed, dropped or wiped here while nobody could be told goes at the service, too: an older copy of this
    /// device would open by it.
    async fn drop_forgotten_pin(&self) {
        let Ok(counter) = self.counter() else { return };
        if counter.session.had_pin() && counter.state.reopens(&counter.session).is_none() {
            // Tried again at the next sign-in.
            let _ = counter.state.unregister_pin(&counter.session).await;
        }
    }

    async fn sign_out(&mut self) -> Result<(), Fault> {
        if self.counter.is_none() {
            return Ok(());
        }
        // First: what is sealed has a copy, which the next sign-in by password puts back.
        self.host.place(PIN).replace(&[]).await?;
        // What was noted and not collected stays.
        let _ = self.nothing_outside().await;
        if let Some(counter) = self.counter.take() {
            // The session ends by itself when nobody can be told.
            let _ = counter.session.logout().await;
        }
        Ok(())
    }

    /// From here on somebody works, who signed in `since`.
    pub(crate) async fn begin(
        &mut self,
        session: Session<Lent>,
        mut state: Open,
        since: u64,
    ) -> Result<(), Fault> {
        state.load_envelopes(&self.host.place(ENVELOPES)).await?;
        let status = state.local.status.open(session.bundle());
        let rules = Rules::built_in()?;
        self.lock = None;
        self.counter = Some(Box::new(Counter {
            session,
            state,
            status,
            rules,
            since,
            here: None,
        }));
        Ok(())
    }

    /// Today's day at this place.
    pub(crate) fn day(&self) -> Result<Day, Fault> {
        Ok(self.host.today()?)
    }

    /// Whoever is signed in.
    pub(crate) fn counter(&self) -> Result<&Counter, Fault> {
        self.counter
            .as_deref()
            .ok_or_else(|| Fault::named("closed"))
    }

    /// The same, to be changed.
    pub(crate) fn counter_mut(&mut self) -> Result<&mut Counter, Fault> {
        let counter = self.counter.as_deref_mut();
        counter.ok_or_else(|| Fault::named("closed"))
    }

    /// The same, with what calls need besides.
    pub(crate) fn at_work(&mut self) -> Result<(&mut Counter, &Lent, &mut Random), Fault> {
        let counter = self.counter.as_deref_mut();
        let counter = counter.ok_or_else(|| Fault::named("closed"))?;
        Ok((counter, &self.host, &mut self.rng))
    }

    /// Keeps everything but the envelopes.
    pub(crate) async fn save(&mut self) -> Result<(), Fault> {
        let (counter, host, rng) = self.at_work()?;
        counter.state.save(&host.place(STATE), rng).await?;
        Ok(())
    }

    /// Keeps the envelopes.
    pub(crate) async fn save_envelopes(&mut self) -> Result<(), Fault> {
        let (counter, host, rng) = self.at_work()?;
        let place = host.place(ENVELOPES);
        counter.state.save_envelopes(&place, rng).await?;
        Ok(())
    }
}

impl Counter {
    pub(crate) fn me(&self) -> Me {
        let local = &self.state.local;
        let own = local.own.as_ref();
        let sites = own.map(|it| it.sites.iter().map(ToString::to_string).collect());
        let services = self.rules.services().map(ToString::to_string).collect();
        let notices = local.notices();
        Me {
            name: self.state.device.handle().as_str().to_owned(),
            role: self.session.role().as_str().to_owned(),
            provider: own.map(|it| it.name.clone()),
            sites: sites.unwrap_or_default(),
            offers: own.map(Offer::of).unwrap_or_default(),
            services,
            counted: COUNTED.map(str::to_owned).into(),
            waits: self.session.waits_for_comparison(),
            fingerprint: self.session.fingerprint().map(|it| it.to_string()),
            origin: self.session.origin(),
            pin: self.state.has_pin(&self.session),
            by_pin: self.session.kind() == Kind::Pin,
            notices: notices.iter().map(|it| notice(it).to_owned()).collect(),
        }
    }

    /// Takes the own provider out of the registry.
    pub(crate) fn learn(&mut self, registry: &Registry) {
        let provider = self.session.provider();
        let mut own = registry.providers.iter();
        let own = own.find(|it| Some(it.id) == provider);
        self.state.local.learn(own, &self.rules);
    }
}

const fn notice(notice: &Notice) -> &'static str {
    match notice {
        Notice::Forked => "forked",
        Notice::Dropped => "dropped",
        Notice::Forgotten(_) => "forgotten",
        Notice::Altered => "altered",
    }
}
