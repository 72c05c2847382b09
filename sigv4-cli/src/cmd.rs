//! The subcommands, one file each.

pub mod demo;
pub mod lambda;
pub mod manual;
pub mod presign;
pub mod whoami;
