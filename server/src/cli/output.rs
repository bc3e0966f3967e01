//! The one place that writes to stdout and stderr.

use std::io::{self, ErrorKind, Write};

/// Writes a result to stdout. A reader that has gone away (`| head`) is not an error.
///
/// # Errors
/// When stdout cannot be written for another reason.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a result as one line of JSON to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn write_line(value: &impl serde::Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
    line.push(b'\n');
    write(&line)
}

/// Tells the person at the terminal something. When stderr is gone there is nobody to tell.
pub fn notice(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}
