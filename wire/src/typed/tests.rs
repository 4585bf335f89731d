#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use proptest::prelude::*;

fn entered(text: &str) -> Vec<u8> {
    Entered::parse(text).unwrap().bytes().expose().to_vec()
}

#[test]
fn one_text_is_one_password_however_it_was_written_down() {
    let plain = "Jalan ke Ühlenhorst 7".as_bytes().to_vec();
    for text in [
        "Jalan ke \u{dc}hlenhorst 7",
        "Jalan ke U\u{308}hlenhorst 7",
        "\u{feff}Jalan ke \u{dc}hlenhorst 7",
        "Jalan ke \u{dc}hlenhorst 7\r\n",
        "Jalan ke \u{dc}hlenhorst 7\n",
        "Jalan\u{a0}ke\u{3000}\u{dc}hlenhorst\u{2009}7",
    ] {
        assert_eq!(entered(text), plain, "{text:?}");
    }
    // Case and outer spaces are the person's own.
    assert_ne!(entered("jalan ke \u{dc}hlenhorst 7"), plain);
    assert_ne!(entered(" Jalan ke \u{dc}hlenhorst 7"), plain);
}

#[test]
fn what_nobody_sees_is_refused_and_named_and_nothing_else_is_said() {
    for (unseen, name) in [
        ('\u{200b}', "a zero-width space (U+200B)"),
        ('\u{200d}', "a zero-width joiner (U+200D)"),
        ('\u{feff}', "a byte order mark (U+FEFF)"),
        ('\u{202e}', "a mark of writing direction (U+202E)"),
        ('\u{ad}', "a soft hyphen (U+00AD)"),
        ('\0', "a control character (U+0000)"),
        ('\u{9f}', "a control character (U+009F)"),
        ('\t', "a tabulator (U+0009)"),
        ('\n', "a line end (U+000A)"),
        ('\u{2028}', "a line end (U+2028)"),
        ('\u{3164}', "an empty letter (U+3164)"),
        ('\u{1161}', "a part of a letter (U+1161)"),
        ('\u{e0041}', "a zero-width character (U+E0041)"),
        ('\u{e000}', "a character without a meaning (U+E000)"),
        ('\u{2fffe}', "a character without a meaning (U+2FFFE)"),
    ] {
        let text = format!("payung{unseen} 4711 hujan");
        let said = Entered::parse(&text).unwrap_err().to_string();
        assert!(said.starts_with(name), "{said}");
        assert!(!said.contains("payung") && !said.contains("4711"), "{said}");
        assert!(Chosen::parse(&text).is_err());
        assert!(super::name(&format!("pay{unseen}ung")).is_err());
    }
}

#[test]
fn a_password_has_twelve_characters_counted_as_people_count_them() {
    assert_eq!(Chosen::parse("1"), Err(TypedError::Short));
    assert_eq!(Chosen::parse(""), Err(TypedError::Empty));
    assert_eq!(Chosen::parse("\u{feff}\r\n"), Err(TypedError::Empty));
    // Eleven, and many more bytes.
    assert_eq!(Chosen::parse("абвгдежзикл"), Err(TypedError::Short));
    assert!(Chosen::parse("абвгдежзиклм").is_ok());
    // Eleven letters, of which some are written as two.
    let eleven = "e\u{301}a\u{308}o\u{308}u\u{308}bcdfghi";
    assert_eq!(Chosen::parse(eleven), Err(TypedError::Short));
    assert!(Chosen::parse(&format!("{eleven}j")).is_ok());
    let long = "abcdef".repeat(200);
    assert_eq!(Chosen::parse(&long), Err(TypedError::Long));
    assert_eq!(Entered::parse(&long), Err(TypedError::Long));
}

#[test]
fn what_many_people_choose_is_refused() {
    for common in [
        "1q2w3e4r5t6y",
        "QWERTY123456",
        "unbelievable\n",
        "aaaaaaaaaaaaaaaa",
        "121212121212",
    ] {
        assert_eq!(Chosen::parse(common), Err(TypedError::Common), "{common}");
        assert!(
            Entered::parse(common).is_ok(),
            "whoever has it can enter it"
        );
    }
    assert!(Chosen::parse("four plain words here").is_ok());
    let mut all = COMMON.lines().filter(|line| !line.starts_with('#'));
    assert!(all.clone().count() > 250);
    assert!(all.all(|line| {
        line.chars().count() >= FEWEST && line.to_lowercase() == line && line.trim() == line
    }));
}

#[test]
fn a_name_is_the_same_however_it_was_typed() {
    for text in [
        "ibu.sri",
        "Ibu.Sri",
        " IBU.SRI \r\n",
        "\u{feff}ibu.sri",
        "ｉｂｕ．ｓｒｉ",
    ] {
        assert_eq!(name(text).unwrap(), "ibu.sri", "{text:?}");
    }
    // Letters that only look alike, and the Kelvin sign's lower case is a k.
    assert_eq!(name("\u{212a}elvin").unwrap(), "kelvin");
    for bad in ["ab", "ibu sri", "ибу.сри", "ibú.sri", &"a".repeat(65)] {
        assert_eq!(name(bad), Err(TypedError::Name), "{bad}");
    }
}

#[test]
fn a_terminal_is_called_something_that_people_can_see() {
    assert_eq!(
        label(" laptop,\u{a0}north office\n").unwrap(),
        "laptop, north office"
    );
    assert_eq!(label("u\u{308}ber 1").unwrap(), "\u{fc}ber 1");
    assert!(label(&"ж".repeat(40)).is_ok());
    for bad in ["", "  ", "\u{a0}", &"a".repeat(41)] {
        assert_eq!(label(bad), Err(TypedError::Label), "{bad:?}");
    }
    assert!(matches!(
        label("lap\u{200b}top"),
        Err(TypedError::Unseen(..))
    ));
}

#[test]
fn what_was_typed_is_not_printed() {
    let chosen = Chosen::parse("four plain words here").unwrap();
    assert_eq!(
        format!("{chosen:?} {:?}", chosen.entered()),
        "Chosen(..) Entered(..)"
    );
}

proptest! {
    #[test]
    fn going_through_the_door_twice_changes_nothing(text in "\\PC{0,40}") {
        if let Ok(once) = Entered::parse(&text) {
            let again = std::str::from_utf8(once.bytes().expose()).unwrap();
            prop_assert_eq!(Entered::parse(again).unwrap(), once);
        }
        if let Ok(once) = name(&text) {
            prop_assert_eq!(name(&once).unwrap(), once);
        }
    }
}

#[test]
fn a_pin_is_six_digits_of_any_width_and_nothing_else() {
    assert_eq!(pin(" 271828\n").unwrap().expose(), b"271828");
    assert_eq!(pin("２７１８２８").unwrap().expose(), b"271828");
    for bad in ["", "27182", "2718281", "27182x", "271 828", "२७१८२८"] {
        assert_eq!(pin(bad), Err(TypedError::Pin), "{bad}");
    }
    assert!(matches!(pin("27\u{200b}1828"), Err(TypedError::Unseen(..))));
}

#[test]
fn a_pin_that_others_try_first_is_not_chosen() {
    for easy in [
        "000000", "123456", "654321", "890123", "210987", "121212", "271271",
    ] {
        assert_eq!(chosen_pin(easy), Err(TypedError::EasyPin), "{easy}");
        assert!(pin(easy).is_ok(), "{easy}");
    }
    for good in ["271828", "112358", "123457", "122333"] {
        assert!(chosen_pin(good).is_ok(), "{good}");
    }
}
