//! `glue IN.wasm FOLDER`: writes FOLDER/NAME.js and FOLDER/NAME_bg.wasm, a module for browsers (and for Node, which reads the
//! same modules), NAME being that of IN.wasm.
//!
//! What the program wasm-bindgen does, without the rest of it: built in a fraction of the time.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

/// Tells Node that the script beside it is a module, as a page's script element does.
const MODULES: &str = "{\"type\": \"module\"}\n";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, folder] = &arguments[..] else {
        eprintln!("usage: glue IN.wasm FOLDER");
        return ExitCode::from(2);
    };
    let written = Bindgen::new()
        .input_path(input)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).generate(folder));
    match written.and_then(|()| Ok(std::fs::write(folder.join("package.json"), MODULES)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("glue: {error:#}");
            ExitCode::FAILURE
        }
    }
}
