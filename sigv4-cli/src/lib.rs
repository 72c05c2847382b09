//! sigcurl
