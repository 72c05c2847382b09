//! The parts of `sigcurl`, for its binary and its tests. Not an API to build on: that is the crate `sigv4`.
//!
//! A request walks through once, in one direction:
//!
//! ```text
//! argv ─► args ─► plan ─► credentials ─► hop ─► sign ─► send ─► print, sink ─► exit
//!                  │                      ▲               │
//!                  └ target, headers,     └── redirect ◄──┘
//!                    body, infer
//! ```

pub mod args;
pub mod argv;
pub mod body;
pub mod cmd;
pub mod credentials;
pub mod endpoint;
pub mod exit;
pub mod failure;
mod fault;
pub mod headers;
pub mod hop;
pub mod infer;
pub mod jobs;
pub mod plan;
pub mod print;
pub mod redirect;
pub mod run;
pub mod send;
pub mod session;
pub mod sign;
pub mod sink;
pub mod target;
