//! Our own vectors of what a closed device keeps for its PIN, `vectors/reopen.json`, with a fixed nonce.

use serde_json::{Value, json};

use super::{DeviceSecret, PIN_WRAP, ReopenKey};
use crate::hex;
use crate::id::TerminalId;
use crate::opaque::ExportKey;
use crate::seal;
use crate::secret::Secret;
use crate::vectors::case::{Held, same};

pub(super) const TERMINAL: TerminalId = TerminalId::from_bytes([0x0c; 16]);
const PLAIN: &[u8] = b"plain";

pub(super) fn key(export: u8, device: u8) -> ReopenKey {
    let export = ExportKey(Secret::new([export; 64]));
    ReopenKey::derive(&export, &DeviceSecret::from_bytes([device; 32]))
}

/// The file as this code derives it.
pub(crate) fn made() -> Held<Value> {
    let key = key(0x11, 0x22);
    let nonce = [0x33; 24];
    let length = 16_u32.to_be_bytes();
    let associated = [PIN_WRAP.as_bytes(), &length, TERMINAL.as_bytes()].concat();
    let sealed = seal::seal_with(key.0.expose(), &nonce, &associated, PLAIN)?;
    let wrapped = [&key.commitment()[..], &sealed].concat();
    same("wrapped", &key.unwrap(&TERMINAL, &wrapped)?[..], PLAIN)?;
    Ok(json!({
        "source": "written by the tests of `reopen.rs` of this crate; hexadecimal",
        "export_key": hex::encode(&[0x11; 64]),
        "device_secret": hex::encode(&[0x22; 32]),
        "terminal": hex::encode(TERMINAL.as_bytes()),
        "key": hex::encode(key.0.expose()),
        "commitment": hex::encode(&key.commitment()),
        "nonce": hex::encode(&nonce),
        "plain": hex::encode(PLAIN),
        "wrapped": hex::encode(&wrapped),
    }))
}
