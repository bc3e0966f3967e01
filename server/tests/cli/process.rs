//! Runs the binary: to its end, or in the background.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The binary, with nothing of this shell's configuration and of this user's home folder.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samenhang"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMENHANG__")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    // What packages this user has is no part of a test.
    command.env("HOME", "/nonexistent");
    command
}

/// What came of a command.
pub(crate) struct Done {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end.
pub(crate) fn run(args: &[&str]) -> Done {
    done(&command(args).output().unwrap())
}

pub(crate) fn done(output: &Output) -> Done {
    Done {
        status: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A command that goes on until it is told to stop.
pub(crate) struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = gather(child.stdout.take().unwrap());
        let err = gather(child.stderr.take().unwrap());
        Running { child, out, err }
    }

    pub(crate) fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Waits for the first line of stdout.
    pub(crate) fn first_line(&mut self) -> String {
        self.wait_for(|running| {
            let out = running.out.lock().unwrap();
            out.split_once('\n').map(|(line, _)| line.to_owned())
        })
    }

    /// Waits for a line on stderr that begins so, and gives what follows.
    pub(crate) fn told(&mut self, begin: &str) -> String {
        self.wait_for(|running| {
            let err = running.err.lock().unwrap();
            let mut whole: Vec<&str> = err.split('\n').collect();
            // What has no end yet is no line.
            whole.pop();
            whole
                .into_iter()
                .find_map(|line| line.strip_prefix(begin).map(str::to_owned))
        })
    }

    fn wait_for(&mut self, look: impl Fn(&Self) -> Option<String>) -> String {
        for _ in 0..1200 {
            if let Some(found) = look(self) {
                return found;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", self.err());
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("it said nothing of the kind: {}", self.err());
    }

    /// Tells it to stop, as an operator's service manager does, and waits for its end.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        for _ in 0..1200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("it did not stop: {}", self.err());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gather(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    text
}

/// Every file below a folder, with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}
