//! The pages in a real browser: the demo of this tree, and the tests that use it as people do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::interface;
use crate::step::{cargo, root};
use crate::tool::Tool;
use crate::web::finish;

/// How long the demo may take until its pages can be opened.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often is looked whether it is ready.
const LOOK: Duration = Duration::from_millis(300);

/// A demo that runs; it ends with this.
struct Demo {
    folder: PathBuf,
    child: Child,
}

/// Builds the service with its pages, runs the demo, the browser tests over it and, when it is there, `schemathesis`.
pub(crate) fn run(schemathesis: Option<&Path>) -> Result<(), String> {
    let browser = Tool::Chromium.find().ok_or("no Chromium was found")?;
    // What the tests have built already: other targets alone would have other features.
    finish(cargo(&["build", "--quiet", "--workspace", "--all-targets"]))?;
    let demo = Demo::start()?;
    let mut node = Command::new("node");
    // One after another: the demo has one of each person.
    node.args(["--test", "--test-concurrency=1", "web/tests/"])
        .current_dir(root())
        .env("PAYUNG_DEMO", demo.folder.join("demo.json"))
        .env("PAYUNG_CHROMIUM", browser);
    let tested = finish(node);
    // Last: it makes a thousand wrong requests, after which a device may have to wait.
    let described = schemathesis.map_or(Ok(()), |it| interface::try_out(it, &demo.address()?));
    tested.and(described)
}

impl Demo {
    fn start() -> Result<Self, String> {
        let folder = root()
            .join("target/tmp")
            .join(format!("demo-{}", std::process::id()));
        let child = Command::new(root().join("target/debug/payung"))
            .args(["demo", "--folder"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("the demo cannot be started: {error}"))?;
        let mut demo = Self { folder, child };
        demo.wait()?;
        Ok(demo)
    }

    /// Where it answers: what stands before the page of the counter in `demo.json`.
    fn address(&self) -> Result<String, String> {
        let said = fs::read_to_string(self.folder.join("demo.json")).unwrap_or_default();
        let found = said
            .split('"')
            .find_map(|part| part.strip_suffix("/counter/"));
        found
            .map(str::to_owned)
            .ok_or_else(|| "demo.json names no page of the counter".to_owned())
    }

    /// Until demo.json is there: it is written last.
    fn wait(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while !self.folder.join("demo.json").is_file() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the demo ended before it was ready: {status}"));
            }
            if begun.elapsed() > PATIENCE {
                return Err("the demo was not ready in time".to_owned());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Ended, or ending: there is nothing more to be done about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
