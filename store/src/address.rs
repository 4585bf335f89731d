//! The address of a PostgreSQL server: read, and refused where what is asked for would cross a network readable.

use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::DbError;

/// Beginnings of an address that the driver understands.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Reads an address. Off the host nothing but TLS with a certificate of exactly that host will do, because everything that a
/// programme stores, and the password, goes that way.
///
/// # Errors
/// [`DbError::Scheme`], [`DbError::Address`], [`DbError::Bare`]; none of them repeats the address.
pub(crate) fn read(url: &str) -> Result<PgConnectOptions, DbError> {
    if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(DbError::Scheme);
    }
    let options: PgConnectOptions = url.parse().map_err(|_| DbError::Address)?;
    let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
    if verified || is_here(&options) {
        Ok(options)
    } else {
        Err(DbError::Bare)
    }
}

/// True for a server on this host: a socket of the file system, or the loopback.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let socket: Option<&PathBuf> = options.get_socket();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = bare
        .parse()
        .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    socket.is_some() || host.starts_with('/') || host == "localhost" || loopback
}
