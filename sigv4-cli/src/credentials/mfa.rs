//! The code that an MFA device shows.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::args::Secret;
use crate::failure::Failure;
use crate::plan::check_mfa_code;

/// Asks for it on the terminal; never anywhere else, where nobody would answer.
pub(super) async fn code(serial: &str, role: &str) -> Result<Secret, Failure> {
    if !io::stderr().is_terminal() {
        return Err(none(serial, role));
    }
    let (serial, role) = (serial.to_owned(), role.to_owned());
    // Off the one thread there is, which has time limits to keep.
    let asked = tokio::task::spawn_blocking(move || ask(&serial).map_err(|_| none(&serial, &role)));
    let line = asked.await.map_err(|error| {
        Failure::because(
            crate::exit::Exit::Usage,
            "cannot ask for the MFA code",
            error,
        )
    })??;
    check_mfa_code(line.trim())?;
    Ok(line.trim().into())
}

/// Standard input may be the body: the terminal has a name of its own.
fn ask(serial: &str) -> io::Result<String> {
    let mut line = String::new();
    let serial: String = serial.chars().filter(|c| !c.is_control()).collect();
    let mut stderr = io::stderr().lock();
    write!(stderr, "MFA code of {serial}: ")?;
    stderr.flush()?;
    let read = if cfg!(unix) {
        let terminal = std::fs::File::open("/dev/tty")?;
        io::BufReader::new(terminal).read_line(&mut line)?
    } else {
        io::stdin().lock().read_line(&mut line)?
    };
    match read {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

fn none(serial: &str, role: &str) -> Failure {
    Failure::usage(format!(
        "role {role} asks for the code of MFA device {serial}: give it with --mfa-code, since there is no terminal to ask on"
    ))
}
