//! Who gets a provider's data key, against a service that exchanges keys in its database, and operators who let people in.

use crypto::b64::B64;
use crypto::handover::{self, Founding, Handed, Place};
use crypto::hpke::{self, HpkePublic, HpkeSecret};
use crypto::id::{ProviderId, StaffId};
use crypto::invitation::{Inviter, InviterKind};
use crypto::label::DATA_KEY_HANDED;
use crypto::provider::DataKey;
use crypto::roster::staff::{How, StaffAct};
use desk::replay::hire;
use desk::{Session, StateFile, sign_in as step};
use terminal::colleagues::{self, Compared};
use terminal::device::{Device, Handle};
use terminal::enroll::Enrolled;
use terminal::invited::Invited;
use terminal::state::{Open, StateKey};
use terminal::{Error, Local, admin};
use tests::World;
use wire::typed::Chosen;
use wire::{Colleague, Role};

const PASSWORD: &str = "amber tunnel quiet ladder";

/// Somebody at the terminal where they enrolled.
struct Person {
    staff: StaffId,
    handle: Handle,
    device: Device,
    key: StateKey,
    session: Session,
    local: Local,
}

impl Person {
    /// Signs in again.
    async fn again(&mut self, world: &mut World) -> Result<(), Error> {
        let today = world.identity.clock.today();
        let word = Chosen::parse(PASSWORD).unwrap();
        let (connection, rng) = (world.connection(), &mut world.rng);
        let device = &mut self.device;
        self.session = step::login(&connection, device, word.entered(), today, rng).await?;
        Ok(())
    }

    fn fingerprint(&self) -> String {
        self.session.fingerprint().unwrap().to_string()
    }

    /// The colleague of this name as the service lists them, after the own lines were compared with the list.
    async fn sees(&mut self, name: &str) -> Result<Colleague, Error> {
        let listed = colleagues::colleagues(&self.session, &mut self.local).await?;
        let named = listed.into_iter().find(|it| it.handle == name);
        Ok(named.expect("a colleague of this name"))
    }

    async fn gives(&mut self, world: &mut World, to: &Compared) {
        let (today, rng) = (world.identity.clock.today(), &mut world.rng);
        let given = colleagues::admit(&self.session, &mut self.local, to, today, rng);
        given.await.unwrap();
    }

    /// Gives the data key to whoever reads this fingerprint out.
    async fn gives_by_typing(&mut self, world: &mut World, to: &Person) {
        let listed = self.sees(to.handle.as_str()).await.unwrap();
        let typed = to.fingerprint().parse().unwrap();
        let compared = Compared::by_typing(&self.session, &listed, &typed).unwrap();
        self.gives(world, &compared).await;
    }
}

async fn invite(
    world: &mut World,
    by: &Session,
    place: (Role, ProviderId),
    kept: &mut Invited,
) -> String {
    let today = world.identity.clock.today();
    let place = (place.0, Some(place.1));
    let text = colleagues::invite(by, place, kept, today, &mut world.rng).await;
    text.unwrap().text().to_owned()
}

async fn enter(world: &mut World, invitation: &str, name: &str) -> Person {
    let today = world.identity.clock.today();
    let word = Chosen::parse(PASSWORD).unwrap();
    let handle: Handle = name.parse().unwrap();
    let label = format!("desk of {name}").parse().unwrap();
    let (connection, rng) = (world.connection(), &mut world.rng);
    let enrolled = step::register(&connection, invitation, &handle, &word, &label, today, rng);
    let Enrolled {
        staff,
        mut device,
        state_key,
        ..
    } = enrolled.await.unwrap();
    let session = step::login(&connection, &mut device, word.entered(), today, rng).await;
    Person {
        staff,
        handle,
        device,
        key: state_key,
        session: session.unwrap(),
        local: Local::default(),
    }
}

/// An operator, and a provider that they entered.
async fn founded(world: &mut World) -> (Session, ProviderId) {
    let text = world.invitation(Role::Operator).await;
    let today = world.identity.clock.today();
    let connection = world.connection();
    let operator = hire::operator(&connection, &text, today, &mut world.rng).await;
    let operator = operator.unwrap();
    let provider = admin::create_provider(&operator, "Rumah").await.unwrap();
    (operator, provider)
}

/// What the service can do: write its own database.
async fn bend(world: &World, sql: &'static str, value: &[u8], staff: StaffId) {
    let mut tx = world.identity.store.write().await.unwrap();
    let done = store::execute!(&mut tx, sql, value, &staff.as_bytes()[..]).unwrap();
    assert_eq!(done, 1);
    tx.commit().await.unwrap();
}

async fn bend_word(world: &World, sql: &'static str, staff: StaffId) {
    let mut tx = world.identity.store.write().await.unwrap();
    let done = store::execute!(&mut tx, sql, &staff.as_bytes()[..]).unwrap();
    assert_eq!(done, 1);
    tx.commit().await.unwrap();
}

const SET_PUBLIC: &str = "UPDATE staff SET public = $1 WHERE staff = $2";
const SET_SEALED: &str = "UPDATE staff SET data_key_sealed = $1 WHERE staff = $2";

/// A provider's first administrator, and a clinician whom they invited, who waits for the data key.
async fn two(world: &mut World) -> (Person, Person) {
    let (operator, provider) = founded(world).await;
    let place = (Role::ProviderAdministrator, provider);
    let text = invite(world, &operator, place, &mut Invited::default()).await;
    let mut first = enter(world, &text, "ibu.sri").await;
    let mut kept = std::mem::take(&mut first.local.invited);
    let place = (Role::Clinician, provider);
    let text = invite(world, &first.session, place, &mut kept).await;
    first.local.invited = kept;
    let second = enter(world, &text, "budi").await;
    assert!(second.session.data_key().is_none());
    (first, second)
}

/// The key of the service's own making in the place of the colleague's: nothing is sealed to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_exchanges_a_colleagues_key_is_given_nothing() {
    for mut world in World::each("2024-01-01").await {
        let (mut first, mut second) = two(&mut world).await;
        let theirs = HpkeSecret::generate(&mut world.rng).public();
        let honest = first.sees("budi").await.unwrap();
        bend(&world, SET_PUBLIC, theirs.as_bytes(), second.staff).await;
        let listed = first.sees("budi").await.unwrap();
        assert_eq!(&listed.public.0, theirs.as_bytes(), "{}", world.name);
        let invited = &mut first.local.invited;
        let refused = Compared::by_invitation(&first.session, invited, &listed);
        assert!(matches!(refused, Err(Error::NotInvited)));
        let typed = second.fingerprint().parse().unwrap();
        let refused = Compared::by_typing(&first.session, &listed, &typed);
        assert!(matches!(refused, Err(Error::OtherFingerprint)));
        // The other way round it is an alarm: a key that colleagues are shown in one's own name.
        bend(&world, SET_PUBLIC, theirs.as_bytes(), first.staff).await;
        let refused = first.sees("budi").await;
        assert!(matches!(refused, Err(Error::Directory)));
        let own = honest.public.0;
        bend(&world, SET_PUBLIC, &own, second.staff).await;
        let again = Compared::by_invitation(&first.session, &mut first.local.invited, &honest);
        assert!(again.is_ok(), "the control");
        second.again(&mut world).await.unwrap();
        assert!(second.session.data_key().is_none());
        world.stop().await;
    }
}

/// What a service can seal to a person whose key it knows, without any private key of a colleague.
fn forged(first: &Person, second: &HpkePublic, world: &mut World) -> Vec<Vec<u8>> {
    let giver = first_key(first);
    let theirs = HpkeSecret::generate(&mut world.rng);
    let place = Place {
        provider: first.session.provider().unwrap(),
        role: Role::Clinician.code(),
        invited: InviterKind::Administrator,
    };
    let handed = Handed {
        key: DataKey::random(&mut world.rng),
        founding: *first.session.founding().unwrap(),
    };
    let rng = &mut world.rng;
    let own = handover::seal(&theirs, second, &place, &handed, rng).unwrap();
    let renamed = [&giver.as_bytes()[..], &own[32..]].concat();
    let plain = [handed.key.expose().to_vec(), vec![0; 37]].concat();
    let bound = [
        &place.provider.as_bytes()[..],
        giver.as_bytes(),
        second.as_bytes(),
        &[place.role, place.invited.code()],
    ]
    .concat();
    let base = hpke::seal(second, DATA_KEY_HANDED, &bound, &plain, rng).unwrap();
    let base = [&giver.as_bytes()[..], &base].concat();
    let before = hpke::seal(
        second,
        DATA_KEY_HANDED,
        second.as_bytes(),
        &plain[..32],
        rng,
    );
    vec![own, renamed, base, before.unwrap()]
}

/// The staff key of whoever made the data key.
fn first_key(first: &Person) -> HpkePublic {
    first.session.founding().unwrap().key
}

async fn sealed_of(world: &World, staff: StaffId) -> Vec<u8> {
    const READ: &str = "SELECT data_key_sealed FROM staff WHERE staff = $1";
    let mut tx = world.identity.store.read().await.unwrap();
    let row = store::fetch_one!(&mut tx, (Vec<u8>,), READ, &staff.as_bytes()[..]);
    row.unwrap().0
}

/// A data key of the service's own making, sealed in every way that it can, before and after the true one was believed;
/// with the colleague's key exchanged as well; and what was sealed for somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_exchanges_the_data_key_is_refused() {
    for mut world in World::each("2024-01-01").await {
        let (mut first, mut second) = two(&mut world).await;
        let listed = first.sees("budi").await.unwrap();
        let key = HpkePublic::from_bytes(listed.public.0);
        let theirs = HpkeSecret::generate(&mut world.rng).public();
        let mut forged = forged(&first, &key, &mut world);
        forged.push(sealed_of(&world, first.staff).await);
        // A terminal begins ten log-ins a minute: these are nine.
        for sealed in &forged {
            bend(&world, SET_SEALED, sealed, second.staff).await;
            let refused = second.again(&mut world).await;
            assert!(matches!(refused, Err(Error::OtherGiver)), "{}", world.name);
        }
        bend(&world, SET_SEALED, &forged[2], second.staff).await;
        bend(&world, SET_PUBLIC, theirs.as_bytes(), second.staff).await;
        let refused = second.again(&mut world).await;
        assert!(matches!(refused, Err(Error::OtherGiver)), "both exchanged");
        bend(&world, SET_PUBLIC, key.as_bytes(), second.staff).await;
        bend_word(
            &world,
            "UPDATE staff SET data_key_sealed = NULL WHERE staff = $1",
            second.staff,
        )
        .await;
        let invited = &mut first.local.invited;
        let compared = Compared::by_invitation(&first.session, invited, &listed).unwrap();
        first.gives(&mut world, &compared).await;
        second.again(&mut world).await.unwrap();
        assert_eq!(second.session.data_key(), first.session.data_key());
        second.local.sync(&second.session).await.unwrap();
        assert!(!second.local.alarm(), "the roster tells that it was given");
        bend(&world, SET_SEALED, &forged[2], second.staff).await;
        let refused = second.again(&mut world).await;
        assert!(matches!(refused, Err(Error::OtherGiver)), "later");
        world.stop().await;
    }
}

/// A colleague at somebody else's terminal: the value that was believed there is taken from any hand, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_at_a_terminal_is_given_the_same_data_key_or_none() {
    let mut world = World::sqlite("2024-01-01").await;
    let (mut first, second) = two(&mut world).await;
    let listed = first.sees("budi").await.unwrap();
    let invited = &mut first.local.invited;
    let compared = Compared::by_invitation(&first.session, invited, &listed).unwrap();
    first.gives(&mut world, &compared).await;
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::new(folder.path().join("desk.terminal"));
    let rng = &mut world.rng;
    let mut open = Open::new(first.device.clone(), &first.key, rng).unwrap();
    open.admit(&second.key, rng).unwrap();
    open.save(&file, rng).await.unwrap();
    let (connection, today) = (world.connection(), world.identity.clock.today());
    let word = Chosen::parse(PASSWORD).unwrap();
    let handle = second.handle.clone();
    let mut rng = world.rng.clone();
    let mut sign_in = async || {
        let signed = step::sign_in(&connection, &file, &handle, word.entered(), today, &mut rng);
        signed.await.map(|(session, _)| session)
    };
    let session = sign_in().await.unwrap();
    assert_eq!(session.data_key(), first.session.data_key());
    let key = HpkePublic::from_bytes(listed.public.0);
    let forged = forged(&first, &key, &mut world);
    bend(&world, SET_SEALED, &forged[0], second.staff).await;
    let refused = sign_in().await.map(drop);
    assert!(matches!(refused, Err(Error::OtherDataKey)));
    for sealed in &forged[1..] {
        bend(&world, SET_SEALED, sealed, second.staff).await;
        let refused = sign_in().await.map(drop);
        assert!(matches!(refused, Err(Error::OtherGiver)));
    }
    world.stop().await;
}

/// An operator's friend as first administrator, the true administrator let in afterwards, and a clinician whom that one invited.
struct Late {
    puppet: Person,
    true_one: Person,
    clinician: Person,
    provider: ProviderId,
    operator: Session,
}

async fn late(world: &mut World) -> Late {
    let (operator, provider) = founded(world).await;
    let place = (Role::ProviderAdministrator, provider);
    let text = invite(world, &operator, place, &mut Invited::default()).await;
    let mut puppet = enter(world, &text, "puppet").await;
    let text = invite(world, &operator, place, &mut Invited::default()).await;
    let mut true_one = enter(world, &text, "ibu.sri").await;
    puppet.gives_by_typing(world, &true_one).await;
    true_one.again(world).await.unwrap();
    assert!(
        true_one.session.waits_for_comparison(),
        "nothing is believed yet"
    );
    let typed = puppet.fingerprint().parse().unwrap();
    true_one.device.expect_giver(typed);
    true_one.again(world).await.unwrap();
    let mut kept = Invited::default();
    let text = invite(
        world,
        &true_one.session,
        (Role::Clinician, provider),
        &mut kept,
    )
    .await;
    let mut clinician = enter(world, &text, "budi").await;
    let listed = true_one.sees("budi").await.unwrap();
    let compared = Compared::by_invitation(&true_one.session, &mut kept, &listed).unwrap();
    true_one.gives(world, &compared).await;
    clinician.again(world).await.unwrap();
    Late {
        puppet,
        true_one,
        clinician,
        provider,
        operator,
    }
}

/// Who came first, at an operator's invitation, is told to everybody who comes later; and who is let in afterwards stands in
/// the roster of all of them.
#[tokio::test(flavor = "multi_thread")]
async fn whom_an_operator_let_in_is_seen_by_everybody_for_ever() {
    for mut world in World::each("2024-01-01").await {
        let mut it = late(&mut world).await;
        let today = world.identity.clock.today();
        let puppet = it.puppet.fingerprint();
        for person in [&it.true_one, &it.clinician] {
            let founding = Founding {
                key: first_key(&it.puppet),
                invited: InviterKind::Operator,
                on: today,
            };
            assert_eq!(person.session.founding(), Some(&founding));
            let words = person.session.origin().unwrap();
            assert_eq!(
                words,
                format!("first administrator {puppet}, invited by an operator on {today}")
            );
        }
        // A second one whom an operator lets in, as administrator.
        let place = (Role::ProviderAdministrator, it.provider);
        let text = invite(&mut world, &it.operator, place, &mut Invited::default()).await;
        let second = enter(&mut world, &text, "second").await;
        it.true_one.gives_by_typing(&mut world, &second).await;
        it.clinician
            .local
            .sync(&it.clinician.session)
            .await
            .unwrap();
        let lines = it.clinician.local.holders.lines();
        let seen: Vec<_> = lines
            .iter()
            .map(|line| {
                (
                    line.name.as_str(),
                    line.invited,
                    line.on,
                    matches!(line.act, StaffAct::Founded),
                )
            })
            .collect();
        assert!(seen.contains(&("puppet", InviterKind::Operator, today, true)));
        assert!(seen.contains(&("second", InviterKind::Operator, today, false)));
        assert!(seen.contains(&("budi", InviterKind::Administrator, today, false)));
        let typed = lines.iter().find(|line| line.name.as_str() == "second");
        let by = StaffAct::Given {
            by: lines_key(&lines, "ibu.sri"),
            how: How::Typed,
        };
        assert_eq!(typed.unwrap().act, by);
        assert!(!it.clinician.local.alarm());
        world.stop().await;
    }
}

fn lines_key(lines: &[&crypto::roster::staff::StaffEntry], name: &str) -> HpkePublic {
    let named = lines.iter().find(|line| line.name.as_str() == name);
    named.unwrap().key
}

/// The service tells another story of who came first, or of who let somebody in: no list of staff is taken from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_tells_another_first_administrator_is_an_alarm() {
    for mut world in World::each("2024-01-01").await {
        let mut it = late(&mut world).await;
        let (puppet, true_one) = (it.puppet.staff, it.true_one.staff);
        it.true_one.sees("budi").await.unwrap();
        for (bent, back) in [
            (
                "UPDATE staff SET made_key = 0 WHERE staff = $1",
                "UPDATE staff SET made_key = 1 WHERE staff = $1",
            ),
            (
                "UPDATE staff SET provider = NULL WHERE staff = $1",
                "UPDATE staff SET provider = (SELECT provider FROM provider) WHERE staff = $1",
            ),
            (
                "UPDATE staff SET inviter = 'administrator' WHERE staff = $1",
                "UPDATE staff SET inviter = 'operator' WHERE staff = $1",
            ),
            (
                "UPDATE staff SET invited = invited - 1 WHERE staff = $1",
                "UPDATE staff SET invited = invited + 1 WHERE staff = $1",
            ),
        ] {
            bend_word(&world, bent, puppet).await;
            it.true_one.local = Local::default();
            let refused = it.true_one.sees("budi").await;
            assert!(matches!(refused, Err(Error::Directory)), "{bent}");
            assert!(it.true_one.local.alarm());
            bend_word(&world, back, puppet).await;
        }
        it.true_one.local = Local::default();
        it.true_one.sees("budi").await.unwrap();
        let second = "UPDATE staff SET made_key = 1 WHERE staff = $1";
        bend_word(&world, second, true_one).await;
        let refused = it.true_one.sees("budi").await;
        assert!(
            matches!(refused, Err(Error::Directory)),
            "a second first one"
        );
        world.stop().await;
    }
}

/// The sign-in at which the digits are typed: right ones are kept with what the terminal keeps, wrong ones are not.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_at_a_desk_is_kept_when_it_was_right() {
    let mut world = World::sqlite("2024-01-01").await;
    let (operator, provider) = founded(&mut world).await;
    let place = (Role::ProviderAdministrator, provider);
    let text = invite(&mut world, &operator, place, &mut Invited::default()).await;
    let mut first = enter(&mut world, &text, "ibu.sri").await;
    let text = invite(&mut world, &operator, place, &mut Invited::default()).await;
    let second = enter(&mut world, &text, "budi").await;
    let folder = tempfile::tempdir().unwrap();
    let file = StateFile::new(folder.path().join("desk.terminal"));
    let mut rng = world.rng.clone();
    let open = Open::new(second.device.clone(), &second.key, &mut rng).unwrap();
    open.save(&file, &mut rng).await.unwrap();
    first.gives_by_typing(&mut world, &second).await;
    let (connection, today) = (world.connection(), world.identity.clock.today());
    let word = Chosen::parse(PASSWORD).unwrap();
    let (name, word) = (&second.handle, word.entered());
    for (digits, good) in [(second.fingerprint(), false), (first.fingerprint(), true)] {
        let waits = step::sign_in(&connection, &file, name, word, today, &mut rng).await;
        assert!(waits.unwrap().0.waits_for_comparison());
        let typed = (digits.parse().unwrap(), today);
        let entered = step::sign_in_expecting(&connection, &file, name, word, typed, &mut rng);
        match entered.await {
            Ok((session, _)) => assert!(good && session.data_key().is_some()),
            Err(refused) => assert!(!good && matches!(refused, Error::OtherGiver)),
        }
    }
    let kept = step::sign_in(&connection, &file, name, word, today, &mut rng).await;
    assert_eq!(kept.unwrap().0.data_key(), first.session.data_key());
    world.stop().await;
}

/// What the inviter's terminal says of itself stands in the text alone: an operator cannot invite in an administrator's name.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_cannot_invite_as_if_an_administrator_had() {
    let mut world = World::sqlite("2024-01-01").await;
    let (operator, provider) = founded(&mut world).await;
    let today = world.identity.clock.today();
    let (role, owner) = (Role::Clinician, Some(provider));
    let drawn = colleagues::Invitation::draw(&operator, role, owner, today, &mut world.rng);
    drawn.enter(&operator).await.unwrap();
    let read = crypto::invitation::Invitation::read(drawn.text().text()).unwrap();
    let Inviter::Operator(own) = read.terms().inviter else {
        panic!("an operator's");
    };
    // The same, as somebody with other software writes it.
    let terms = crypto::invitation::Terms {
        inviter: Inviter::Administrator(own),
        ..read.terms().clone()
    };
    let written = crypto::invitation::Invitation::draw(terms, &mut world.rng);
    let body = wire::Invite {
        role,
        provider: owner,
        hash: crypto::b64::Fixed(*written.hash().as_bytes()),
        day: today,
    };
    let app = &world.identity;
    let hash = B64(body.hash.0.to_vec());
    assert_eq!(hash.len(), 32);
    const ADD: &str = "INSERT INTO invitation (hash, role, provider, inviter, drawn, last_day)
        VALUES ($1, 'clinician', $2, 'operator', $3, $4)";
    let (drawn_on, last) = (
        i64::from(today.number()),
        i64::from(today.plus(14).number()),
    );
    let mut tx = app.store.write().await.unwrap();
    store::execute!(
        &mut tx,
        ADD,
        &hash.0[..],
        &provider.as_bytes()[..],
        drawn_on,
        last
    )
    .unwrap();
    tx.commit().await.unwrap();
    let (connection, word) = (world.connection(), Chosen::parse(PASSWORD).unwrap());
    let (handle, label) = ("budi".parse().unwrap(), "desk".parse().unwrap());
    let (text, rng) = (written.text(), &mut world.rng);
    let refused =
        step::register(&connection, text.text(), &handle, &word, &label, today, rng).await;
    assert!(matches!(refused, Err(Error::OtherPlace)));
    world.stop().await;
}
