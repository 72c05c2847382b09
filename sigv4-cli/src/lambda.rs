//! Lambda's REST API: what its operations are called and made of, and where it is.

pub(crate) mod archive;
pub(crate) mod endpoint;
pub(crate) mod function;
pub(crate) mod page;
pub(crate) mod request;
pub(crate) mod table;
pub(crate) mod value;
