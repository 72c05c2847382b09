//! `sigcurl` as a process, against servers of our own on loopback.

#![allow(
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod complaints_requests;
mod demo;
mod errors;
mod keys;
mod output;
mod plan;
mod redirects;
mod support;
mod tls;
mod wire;
