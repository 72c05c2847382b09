//! The heads of the answers, on their way to `-D` and `-i`.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::failure::Failure;
use crate::sink::{Sink, cannot_write};

/// The heads of the answers on their way to `-D` and `-i`.
#[derive(Debug, Default)]
pub(super) struct Heads {
    dump: Option<Sink>,
    /// Printed once it is clear that this is no try that failed.
    pub(super) shown: Vec<u8>,
}

impl Heads {
    pub(super) fn open(dump: Option<&Path>) -> Result<Self, Failure> {
        let dump = match dump {
            None => None,
            Some(path) if path.as_os_str() == "-" => Some(Sink::Stdout),
            Some(path) => {
                let file = File::create(path).map_err(|error| cannot_write(path, error))?;
                Some(Sink::Device(file, path.to_owned()))
            }
        };
        Ok(Self {
            dump,
            shown: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, head: Vec<u8>, include: bool) -> Result<(), Failure> {
        if let Some(dump) = &mut self.dump {
            dump.write(&head)?;
        }
        if include {
            self.shown.extend(head);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.dump {
            Some(Sink::Device(mut file, path)) => {
                file.flush().map_err(|error| cannot_write(&path, error))
            }
            _ => Ok(()),
        }
    }
}
