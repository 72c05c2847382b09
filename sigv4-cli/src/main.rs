//! sigcurl
fn main() {}
