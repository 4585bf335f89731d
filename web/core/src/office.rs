//! What operators do: providers, sites, limits; and what administrators print.

use crypto::day::Month;
use crypto::id::ProviderId;
use crypto::report::Site;
use terminal::{admin, issue};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::Counted;

use crate::core::Core;
use crate::fault::{Fault, value};
use crate::view::office::{Allowance, Disk, Upkeep};
use crate::view::{Offer, Provider};

/// Days that a card stays good.
const CARD_DAYS: i32 = 730;
/// Most cards of one order: ten sheets.
const MOST_CARDS: u32 = 100;

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// All providers with their sites.
    ///
    /// # Errors
    /// `closed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Provider[]")]
    pub async fn providers(&mut self) -> Result<JsValue, JsValue> {
        Ok(value(&self.registered().await?))
    }

    /// Enters a provider; the name has 1 to 80 characters. Answers its id.
    ///
    /// # Errors
    /// `conflict` when the name is taken, `refused`, `not-allowed`, `network`.
    #[wasm_bindgen(js_name = addProvider)]
    pub async fn add_provider(&mut self, name: &str) -> Result<String, JsValue> {
        let counter = self.counter()?;
        let added = admin::create_provider(&counter.session, name).await;
        Ok(added.map_err(Fault::from)?.to_string())
    }

    /// Enters a site, `city/name`, of a provider; again changes nothing.
    ///
    /// # Errors
    /// `input`, `conflict` when it is another provider's, `not-found`, `not-allowed`, `network`.
    #[wasm_bindgen(js_name = addSite)]
    pub async fn add_site(&mut self, provider: &str, site: &str) -> Result<(), JsValue> {
        let provider: ProviderId = provider.parse().map_err(|_| Fault::named("input"))?;
        let site: Site = site.parse().map_err(|_| Fault::named("site"))?;
        let counter = self.counter()?;
        let done = admin::create_site(&counter.session, provider, &site, None).await;
        Ok(done.map_err(Fault::from)?)
    }

    /// Says what a site offers from now on: these services, at least one, or every service when there is none.
    ///
    /// # Errors
    /// `input`, `site`, `not-found`, `not-allowed`, `refused`, `network`.
    #[wasm_bindgen(js_name = setServices)]
    pub async fn set_services(
        &mut self,
        site: &str,
        services: Option<Vec<String>>,
    ) -> Result<(), JsValue> {
        let site: Site = site.parse().map_err(|_| Fault::named("site"))?;
        let codes = services.map(|all| all.iter().map(|code| code.parse()).collect());
        let codes = codes.transpose().map_err(|_| Fault::named("input"))?;
        let counter = self.counter()?;
        let done = admin::set_services(&counter.session, &site, codes).await;
        Ok(done.map_err(Fault::from)?)
    }

    /// What was done today of what is limited.
    ///
    /// # Errors
    /// `closed`, `not-allowed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Allowance[]")]
    pub async fn allowances(&mut self) -> Result<JsValue, JsValue> {
        let counter = self.counter()?;
        let today = admin::allowances(&counter.session)
            .await
            .map_err(Fault::from)?;
        let view = |it: &wire::Allowance| Allowance {
            provider: it.provider.map(|id| id.to_string()),
            what: it.what.as_str().to_owned(),
            taken: u32::try_from(it.taken).unwrap_or(u32::MAX),
            cap: u32::try_from(it.cap).unwrap_or(u32::MAX),
        };
        Ok(value(&today.today.iter().map(view).collect::<Vec<_>>()))
    }

    /// What somebody has to look after at the service's computer.
    ///
    /// # Errors
    /// `closed`, `not-allowed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Upkeep")]
    pub async fn upkeep(&mut self) -> Result<JsValue, JsValue> {
        let seen = admin::upkeep(&self.counter()?.session).await;
        let seen = seen.map_err(Fault::from)?;
        let mib = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
        Ok(value(&Upkeep {
            disk: seen.disk.map(|disk| Disk {
                free: mib(disk.free),
                all: mib(disk.all),
                low: disk.low,
            }),
            backup: seen.backup.map(|day| day.to_string()),
        }))
    }

    /// Raises what a provider may do today.
    ///
    /// # Errors
    /// `input`, `not-allowed`, `not-found`, `refused`, `network`.
    #[wasm_bindgen(js_name = raiseCap)]
    pub async fn raise_cap(&mut self, provider: &str, what: &str, cap: u32) -> Result<(), JsValue> {
        let bad = || Fault::named("input");
        let provider: ProviderId = provider.parse().map_err(|_| bad())?;
        let what = Counted::ALL.into_iter().find(|it| it.as_str() == what);
        let what = what.ok_or_else(bad)?;
        let counter = self.counter()?;
        let done = admin::raise_cap(&counter.session, provider, what, cap).await;
        Ok(done.map_err(Fault::from)?)
    }

    /// Makes 1 to 100 blanks and gives the texts of their codes; the cards' secrets leave the page on paper only.
    ///
    /// # Errors
    /// `input`, `not-allowed`, `limited`, `provider-limit`, `network`.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub async fn blanks(&mut self, count: u32) -> Result<JsValue, JsValue> {
        Ok(value(&self.print(count).await?))
    }
}

impl Core {
    async fn registered(&mut self) -> Result<Vec<Provider>, Fault> {
        let counter = self.counter_mut()?;
        let registry = admin::registry(&counter.session).await?;
        let view = |it: &wire::RegisteredProvider| Provider {
            id: it.id.to_string(),
            name: it.name.clone(),
            sites: it.sites.iter().map(ToString::to_string).collect(),
            offers: Offer::of(it),
        };
        let providers = registry.providers.iter().map(view).collect();
        counter.learn(&registry);
        Ok(providers)
    }

    async fn print(&mut self, count: u32) -> Result<Vec<String>, Fault> {
        if !(1..=MOST_CARDS).contains(&count) {
            return Err(Fault::named("input"));
        }
        let (counter, host, rng) = self.at_work()?;
        let expiry = Month::of(host.today()?.plus(CARD_DAYS));
        let cards = issue::issue(&counter.session, count as usize, expiry, rng).await?;
        Ok(cards.iter().map(crypto::card::Card::to_text).collect())
    }
}
