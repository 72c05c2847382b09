//! The five requests that the benchmarks sign and verify.
