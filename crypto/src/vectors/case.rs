//! What every check of vectors is made of: JSON read without a panic, values compared, and the first that differs named.

use std::error::Error;

use serde_json::Value;

/// What a check gives, or what did not hold.
pub(crate) type Held<T = ()> = Result<T, Box<dyn Error>>;

/// An error that names `what`, unless it holds.
pub(crate) fn ensure(holds: bool, what: &str) -> Held {
    if holds {
        Ok(())
    } else {
        Err(format!("{what}: not as expected").into())
    }
}

/// An error that names `what`, unless both are the same.
#[allow(
    clippy::needless_pass_by_value,
    reason = "places and fresh values are compared alike"
)]
pub(crate) fn same<A: PartialEq<B>, B>(what: &str, found: A, expected: B) -> Held {
    ensure(found == expected, what)
}

/// A text of JSON.
pub(crate) fn text(value: &Value) -> Held<&str> {
    Ok(value.as_str().ok_or("a text is missing")?)
}

/// A list of JSON.
pub(crate) fn list(value: &Value) -> Held<&[Value]> {
    Ok(value.as_array().ok_or("a list is missing")?)
}

/// Bytes of hexadecimal text of either case.
pub(crate) fn unhex(text: &str) -> Held<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok());
    let bytes = bytes.collect::<Option<Vec<u8>>>();
    Ok(bytes
        .filter(|_| rest.is_empty())
        .ok_or("this is not hexadecimal text")?)
}

/// The bytes of a text of hexadecimal digits.
pub(crate) fn bytes(value: &Value) -> Held<Vec<u8>> {
    unhex(text(value)?)
}

/// The same for a fixed length.
pub(crate) fn array<const N: usize>(value: &Value) -> Held<[u8; N]> {
    fixed(bytes(value)?)
}

/// A list of such.
pub(crate) fn arrays<const N: usize>(value: &Value) -> Held<Vec<[u8; N]>> {
    list(value)?.iter().map(array).collect()
}

/// The values of one text, between commas.
pub(crate) fn parts(value: &Value) -> Held<Vec<Vec<u8>>> {
    text(value)?.split(',').map(unhex).collect()
}

/// The same for a fixed length.
pub(crate) fn fixed_parts<const N: usize>(value: &Value) -> Held<Vec<[u8; N]>> {
    parts(value)?.into_iter().map(fixed).collect()
}

fn fixed<const N: usize>(bytes: Vec<u8>) -> Held<[u8; N]> {
    Ok(bytes.try_into().map_err(|_| "bytes of another length")?)
}

/// Checks a list of cases; how many there are. The error says which of them did not hold.
pub(crate) fn each(cases: &Value, mut check: impl FnMut(&Value) -> Held) -> Held<usize> {
    let cases = list(cases)?;
    for (at, case) in cases.iter().enumerate() {
        let what = case["what"].as_str().unwrap_or_default();
        check(case).map_err(|error| format!("case {at} {what}: {error}"))?;
    }
    Ok(cases.len())
}

/// Compares all of two values; how many texts, numbers and truths there are. The error says where they differ.
pub(crate) fn equal(kept: &Value, made: &Value) -> Held<usize> {
    match (kept, made) {
        (Value::Object(kept), Value::Object(made)) => {
            same("the number of names", kept.len(), made.len())?;
            let inside = made.iter().map(|(name, made)| {
                let kept = kept.get(name).unwrap_or(&Value::Null);
                equal(kept, made).map_err(|error| format!("{name}/{error}").into())
            });
            inside.sum()
        }
        (Value::Array(kept), Value::Array(made)) => {
            same("the length of a list", kept.len(), made.len())?;
            let inside = kept.iter().zip(made).enumerate().map(|(at, (kept, made))| {
                equal(kept, made).map_err(|error| format!("{at}/{error}").into())
            });
            inside.sum()
        }
        _ => same("the value", kept, made).map(|()| 1),
    }
}
