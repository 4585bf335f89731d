#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::tests::outside::{self, hex};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Reads integers, strings, arrays and maps of text keys; anything else is `None`.
fn to_json(reader: &mut Reader<'_>) -> Option<Value> {
    Some(match reader.peek().ok()? {
        Major::Unsigned => Value::from(reader.unsigned().ok()?),
        Major::Negative => Value::from(reader.integer().ok()?),
        Major::Text => Value::from(reader.text().ok()?),
        Major::Array => {
            let items = reader.array().ok()?;
            Value::Array((0..items).map(|_| to_json(reader)).collect::<Option<_>>()?)
        }
        Major::Map => {
            let mut map = Map::new();
            for _ in 0..reader.map().ok()? {
                let key = reader.text().ok()?.to_owned();
                map.insert(key, to_json(reader)?);
            }
            Value::Object(map)
        }
        _ => return None,
    })
}

#[test]
fn appendix_a_is_well_formed() {
    let Some(vectors) = outside::vectors("cbor/appendix_a.json") else {
        return;
    };
    let (mut all, mut read) = (0, 0);
    for vector in vectors.as_array().unwrap() {
        let bytes = hex(vector["hex"].as_str().unwrap());
        all += 1;
        // simple(24) in two bytes stood in appendix A of RFC 7049; RFC 8949, section 3.3, forbids it.
        if bytes == [0xf8, 24] {
            assert_eq!(check(&bytes), Err(CborError::Malformed));
            continue;
        }
        assert_eq!(check(&bytes), Ok(()), "{}", vector["hex"]);
        for end in 0..bytes.len() {
            assert!(check(&bytes[..end]).is_err(), "prefix of {}", vector["hex"]);
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(check(&longer), Err(CborError::Trailing));
        let mut reader = Reader::new(&bytes);
        if let (Some(value), Some(decoded)) = (to_json(&mut reader), vector.get("decoded")) {
            assert_eq!(&value, decoded);
            reader.finish().unwrap();
            read += 1;
        }
    }
    assert_eq!(all, 82, "the whole of appendix A");
    assert!(read >= 30, "typed reader took {read}");
}

/// RFC 8949, appendix F: every class of item that is not well-formed.
#[test]
fn appendix_f_is_refused() {
    let subkinds = [
        // End of input in a head.
        "18 19 1a 1b 1901 1a0102 1b01020304050607 38 58 78 98 9a01ff00 b8 d8 f8 f900 fa0000 fb000000",
        // Definite strings with short data.
        "41 61 5affffffff00 5bffffffffffffffff010203 7affffffff00 7b7fffffffffffffff010203",
        // Definite maps and arrays not closed with enough items.
        "81 818181818181818181 8200 a1 a20102 a100 a2000000 c0",
        // Indefinite strings not closed by a break, and arrays and maps.
        "5f4100 7f6100 9f 9f0102 bf bf01020102 819f 9f8000 9f9f9f9f9fffffffff 9f819f819f9fffffff",
        // Reserved additional information.
        "1c 1d 1e 3c 3d 3e 5c 5d 5e 7c 7d 7e 9c 9d 9e bc bd be dc dd de fc fd fe",
        // Reserved two-byte simple values.
        "f800 f801 f818 f81f",
        // Indefinite string chunks not of the correct type, or indefinite.
        "5f00ff 5f21ff 5f6100ff 5f80ff 5fa0ff 5fc000ff 5fe0ff 7f4100ff 5f5f4100ffff 7f7f6100ffff",
        // Break on its own, inside a definite array or map, in a tag, or in a map at a value.
        "ff 81ff 8200ff a1ff a1ff00 a100ff a20000ff 9f81ff 9f829f819f9fffffffff bf00ff bf000000ff c0ff",
        // Major types 0, 1, 6 with additional information 31.
        "1f 3f df",
        // Nothing at all.
        "",
    ];
    for text in subkinds.iter().flat_map(|kind| kind.split(' ')) {
        let result = check(&hex(text));
        assert!(result.is_err(), "{text} was accepted");
        assert_ne!(result, Err(CborError::Trailing), "{text} is bad in itself");
    }
}

#[test]
fn text_must_be_utf8_and_nesting_is_bounded() {
    assert_eq!(check(&hex("62c328")), Err(CborError::NotText));
    assert_eq!(check(&hex("7f61c3ff")), Err(CborError::NotText));
    for opening in [0x81, 0x9f, 0xc1] {
        let mut deep = vec![opening; 100_000];
        deep.push(0);
        assert_eq!(check(&deep), Err(CborError::TooDeep));
    }
    let mut fits = vec![0x81; usize::from(MAX_DEPTH)];
    fits.push(0);
    assert_eq!(check(&fits), Ok(()));
}

#[test]
fn typed_reader_wants_the_shortest_form() {
    for long in ["1817", "1900ff", "1a0000ffff", "1b00000000ffffffff"] {
        assert_eq!(check(&hex(long)), Ok(()));
        assert_eq!(
            Reader::new(&hex(long)).unsigned(),
            Err(CborError::Unexpected)
        );
        assert!(Reader::new(&hex(long)).unsigned_any_width().is_ok());
    }
    assert!(Reader::new(&hex("5f4100ff")).bytes().is_err());
    assert!(Reader::new(&hex("3bffffffffffffffff")).integer().is_err());
    assert_eq!(
        Reader::new(&hex("3b7fffffffffffffff")).integer(),
        Ok(i64::MIN)
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_agree(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        // What we accept, the general parser accepts too.
        if check(&bytes).is_ok() {
            let parsed: Result<ciborium::Value, _> = ciborium::from_reader(bytes.as_slice());
            // It has no simple values beyond those registered.
            let simple = matches!(&parsed, Err(ciborium::de::Error::Semantic(..)));
            prop_assert!(parsed.is_ok() || simple || contains_simple(&bytes));
        }
    }

    #[test]
    fn written_items_read_back(number in any::<i64>(), data in any::<Vec<u8>>(), text in ".{0,40}") {
        let bytes = Writer::new().array(3).integer(number).bytes(&data).text(&text).finish();
        prop_assert_eq!(check(&bytes), Ok(()));
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.array(), Ok(3));
        prop_assert_eq!(reader.integer(), Ok(number));
        prop_assert_eq!(reader.bytes(), Ok(data.as_slice()));
        prop_assert_eq!(reader.text(), Ok(text.as_str()));
        prop_assert_eq!(reader.finish(), Ok(()));
    }
}

/// Whether a simple value that the general parser does not know may be inside.
fn contains_simple(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .any(|byte| (0xe0..=0xf3).contains(byte) || *byte == 0xf8)
}
