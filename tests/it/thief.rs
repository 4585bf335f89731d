//! A laptop was taken, locked: what its thief has in hand, and what the running service answers to it.

use crypto::b64::{self, Fixed};
use crypto::id::TerminalId;
use crypto::login::DoorKey;
use crypto::opaque::ClientLogin;
use crypto::rng::Random;
use crypto::secret::Secret;
use tests::World;
use wire::{LoginStart, LoginStarted, Role};

use crate::rogue::Rogue;

/// What the laptop's file says without a key.
struct Laptop {
    terminal: TerminalId,
    door: DoorKey,
}

impl Laptop {
    fn read(world: &World, terminal: TerminalId) -> Self {
        let file = format!("replay/{terminal}.terminal");
        let bytes = std::fs::read(world.dir.path().join(file)).unwrap();
        let kept: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let mut readable: Vec<&String> = kept.as_object().unwrap().keys().collect();
        readable.sort_unstable();
        assert_eq!(readable, ["body", "door", "slots", "terminal", "version"]);
        let door = b64::decode(kept["door"].as_str().unwrap()).unwrap();
        Self {
            terminal: kept["terminal"].as_str().unwrap().parse().unwrap(),
            door: DoorKey::new(Secret::try_from(&door[..]).unwrap()),
        }
    }

    /// Tries a password; the status, and whether it was the right one.
    async fn guess(
        &self,
        base: &str,
        handle: &str,
        password: &[u8],
        door: &DoorKey,
    ) -> (u16, bool) {
        let mut rng = Random::os();
        let (client, ke1) = ClientLogin::start(password, &mut rng).unwrap();
        let start = LoginStart {
            handle: handle.to_owned(),
            terminal: self.terminal,
            ke1: Fixed(ke1),
            knock: Fixed(door.knock(handle, &self.terminal, &ke1)),
        };
        let client_of_http = reqwest::Client::builder().no_proxy().build().unwrap();
        let call = client_of_http.post(format!("{base}/v1/login/start"));
        let answer = call.json(&start).send().await.unwrap();
        let status = answer.status().as_u16();
        let right = match answer.json::<LoginStarted>().await {
            Ok(started) => client.finish(&started.ke2.0, &mut rng).is_ok(),
            Err(_) => false,
        };
        (status, right)
    }
}

/// A colleague's name: five answers, and nothing is locked elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_a_locked_laptop_has_five_guesses_and_shuts_nobody_out() {
    for mut world in World::each("2024-01-01").await {
        let base = world.url();
        let stage = world.stage(&["medan/north"]).await;
        let session = stage.desks.values().next().unwrap().session();
        let (provider, terminal) = (session.provider(), session.terminal());
        let place = (Role::ProviderAdministrator, provider);
        let (operator, today) = (&stage.operator, stage.today);
        let kept = &mut terminal::invited::Invited::default();
        let invite = terminal::colleagues::invite(operator, place, kept, today, &mut world.rng);
        let invitation = invite.await.unwrap();
        let colleague = Rogue::enter(&base, invitation.text(), "inside").await;
        let laptop = Laptop::read(&world, terminal);
        // Who knows the laptop's id and has not the laptop: the right password opens nothing, and costs nobody a guess.
        let other = DoorKey::random(&mut world.rng);
        let strange = laptop.guess(&base, "inside", crate::rogue::PASSWORD, &other);
        assert_eq!(strange.await, (200, false), "{}", world.name);
        for expected in [200, 200, 200, 200, 200, 429, 429] {
            let guess = laptop.guess(&base, "inside", b"a guess", &laptop.door);
            assert_eq!(guess.await, (expected, false), "{}", world.name);
        }
        // She logs in at her own terminal all the same.
        let again = colleague.again().await;
        let answer = again.send("GET", "/v1/bundle", Vec::new(), true).await;
        assert_eq!(answer.status(), 200);
        // And the laptop is shut out by what it is called.
        let label = "counter medan/north".parse().unwrap();
        terminal::admin::revoke_labelled(&stage.operator, &label)
            .await
            .unwrap_err();
        let body = serde_json::json!({ "label": "counter medan/north" });
        let body = serde_json::to_vec(&body).unwrap();
        let answer = again.send("POST", "/v1/terminals/revoke", body, true).await;
        assert_eq!(answer.status(), 200);
        let right = laptop.guess(&base, "inside", crate::rogue::PASSWORD, &laptop.door);
        assert_eq!(right.await, (200, false), "answered like any stranger");
        world.stop().await;
    }
}
