//! `sigcurl` as a process, against servers of our own on loopback.

#![allow(
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod api;
mod complaints;
mod demo;
mod errors;
mod event_stream;
mod examples;
mod explain;
mod keys;
mod lambda_invoke;
mod lambda_operations;
mod leaks;
mod mend;
mod output;
mod plan;
mod redirects;
mod roles;
mod serve;
mod support;
mod targets;
mod tls;
mod transfer;
mod verify;
mod whoami;
mod wire;
mod ws;
