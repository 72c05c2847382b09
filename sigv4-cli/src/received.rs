//! A request.
