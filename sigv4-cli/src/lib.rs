//! The parts of `sigcurl`, for its binary and its tests. Not an API to build on: that is the crate `sigv4`.
//!
//! A request walks through once, in one direction:
//!
//! ```text
//! argv ─► args ─► plan ─► credentials ─► hop ─► sign ─► send ─► print, sink ─► exit
//!                                               └ exchange ┘ (once more after heal; else diagnose)
//!                  │                      ▲               │
//!                  └ target, headers,     └── redirect ◄──┘
//!                    body, infer
//! ```

pub mod args;
pub mod argv;
pub mod body;
pub mod cmd;
mod content_disposition;
pub mod credentials;
pub mod curl_command;
pub mod decode;
mod diagnose;
pub mod endpoint;
pub mod event_stream;
mod events;
mod exchange;
pub mod exit;
pub mod failure;
mod fault;
mod fields;
pub mod headers;
mod heal;
pub mod hop;
pub mod infer;
mod interrupt;
pub mod invocation;
pub mod jobs;
mod lambda;
mod line;
pub mod payload;
pub mod plan;
pub mod pretty;
pub mod print;
pub mod progress;
mod protocol;
pub mod proxy;
mod received;
pub mod redirect;
pub mod report;
pub mod retry;
pub mod route;
pub mod run;
pub mod send;
mod serve;
pub mod session;
mod shorthand;
pub mod sign;
pub mod sink;
pub mod target;
pub mod transfer;
pub mod unfinished;
pub mod upload;
mod websocket;
pub mod write_out;
