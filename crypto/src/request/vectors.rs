//! Our own vectors of requests that prove their session, `vectors/request.json`: keys of a session, MACs of requests and answers,
//! numbers against the window, and what a terminal signs at log-in.

use serde_json::{Value, json};

use super::{Answer, LOGIN, Request, RequestKeys, Window};
use crate::id::{SessionId, StaffId, TerminalId};
use crate::login::Transcript;
use crate::opaque::SessionKey;
use crate::secret::Secret;
use crate::vectors::case::Held;

pub(super) const SESSION: SessionId = SessionId::from_bytes([4; 16]);

pub(super) fn log_in() -> SessionKey {
    SessionKey(Secret::new([1; 64]))
}

pub(super) fn keys() -> RequestKeys {
    RequestKeys::derive(
        &log_in(),
        &TerminalId::from_bytes([2; 16]),
        &StaffId::from_bytes([3; 16]),
    )
}

pub(super) fn asked() -> Request<'static> {
    Request {
        session: &SESSION,
        number: 7,
        method: "POST",
        target: "/v1/roster?after=3",
        body: b"{}",
    }
}

pub(super) fn answered() -> Answer<'static> {
    Answer {
        session: &SESSION,
        number: 7,
        status: 200,
        body: b"{}",
    }
}

fn example(keys: &RequestKeys, request: &Request<'_>, status: u16, answer: &[u8]) -> Value {
    let answered = Answer {
        session: request.session,
        number: request.number,
        status,
        body: answer,
    };
    json!({
        "number": request.number, "method": request.method, "target": request.target,
        "body": crate::hex::encode(request.body), "request_mac": crate::hex::encode(keys.request(request).as_bytes()),
        "status": status, "answer": crate::hex::encode(answer), "answer_mac": crate::hex::encode(keys.answer(&answered).as_bytes()),
    })
}

/// Numbers as they come, and whether each is taken.
fn window() -> Value {
    let mut window = Window::default();
    let numbers = [
        0,
        1,
        1,
        3,
        2,
        2,
        258,
        3,
        4,
        259,
        4,
        3,
        260,
        600,
        345,
        344,
        600,
        0,
        u64::MAX,
        600,
        u64::MAX,
    ];
    numbers
        .into_iter()
        .map(|number| json!({ "number": number, "taken": window.take(number) }))
        .collect()
}

/// Everything, made anew.
pub(crate) fn made() -> Held<Value> {
    let keys = keys();
    let get = Request {
        number: 1,
        method: "GET",
        target: "/v1/bundle",
        body: b"",
        ..asked()
    };
    let last = Request {
        number: u64::MAX,
        method: "DELETE",
        ..asked()
    };
    let ends = Answer {
        number: LOGIN,
        ..answered()
    };
    let terminal = TerminalId::from_bytes([2; 16]);
    let transcript = Transcript::new("ibu.sri", &terminal, &[6; 96], &[7; 320]).with(&[8; 64]);
    Ok(json!({
        "source": "written by the tests of request.rs; hexadecimal unless noted",
        "inputs": {
            "opaque_session_key": crate::hex::encode(&[1; 64]), "terminal": terminal,
            "staff": StaffId::from_bytes([3; 16]), "session": SESSION,
        },
        "request_key": crate::hex::encode(keys.request.expose()),
        "answer_key": crate::hex::encode(keys.answer.expose()),
        "log_in_answer": { "status": 200, "answer": crate::hex::encode(ends.body), "answer_mac": crate::hex::encode(keys.answer(&ends).as_bytes()) },
        "exchanges": [
            example(&keys, &get, 200, b"{}"),
            example(&keys, &asked(), 409, b""),
            example(&keys, &last, 500, &[0xff; 100]),
        ],
        "window": window(),
        "log_in_transcript": {
            "handle": "ibu.sri", "ke1": crate::hex::encode(&[6; 96]), "ke2": crate::hex::encode(&[7; 320]), "ke3": crate::hex::encode(&[8; 64]),
            "message": crate::hex::encode(&transcript),
        },
    }))
}
