//! The subcommands, one file each.

pub mod api;
pub mod demo;
pub mod manual;
pub mod presign;
pub mod whoami;
pub mod ws;
