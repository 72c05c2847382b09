//! Loader of the test data.
