//! Short forms for what is done every day. Each stands for an operation, all of whose options it has.

use std::ffi::OsString;

/// A short form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    /// One word or two.
    pub(super) name: &'static str,
    pub(super) operation: &'static str,
    /// Where there is one already, `operation` is this: what asks for it, and what changes it.
    pub(super) or: Option<(&'static str, &'static str)>,
    /// The parameters that need no name.
    pub(super) words: &'static [&'static str],
    /// Other names for some.
    pub(super) aliases: &'static [(&'static str, &'static str)],
    pub(super) about: &'static str,
}

/// The short form that a command line begins with, and the words behind it.
pub(super) fn find(name: &str, words: &[OsString]) -> Option<(&'static Short, Vec<OsString>)> {
    let mut words = words.to_vec();
    let mut name = name.to_owned();
    if name == "layer" && !words.is_empty() {
        name = format!("{name} {}", words.remove(0).to_string_lossy());
    }
    if name == "concurrency" {
        let before = words.len();
        words.retain(|word| word != "--provisioned");
        if words.len() < before {
            name.push_str(" --provisioned");
        }
    }
    let short = ALL.iter().find(|short| short.name == name)?;
    Some((short, words))
}

const SETTINGS: &[(&str, &str)] = &[("memory", "MemorySize")];

pub(super) const ALL: &[Short] = &[
    Short {
        name: "list",
        operation: "ListFunctions",
        or: None,
        words: &[],
        aliases: &[],
        about: "The functions; --all for more than the first page",
    },
    Short {
        name: "get",
        operation: "GetFunction",
        or: None,
        words: &["FunctionName"],
        aliases: &[],
        about: "A function's configuration, and where its code is",
    },
    Short {
        name: "create",
        operation: "CreateFunction",
        or: None,
        words: &["FunctionName"],
        aliases: SETTINGS,
        about: "A new function: --role, --runtime, --handler, --code DIR, ZIP or s3://BUCKET/KEY",
    },
    Short {
        name: "deploy",
        operation: "UpdateFunctionCode",
        or: None,
        words: &["FunctionName"],
        aliases: &[],
        about: "New code for a function: --code DIR, ZIP or s3://BUCKET/KEY",
    },
    Short {
        name: "update-code",
        operation: "UpdateFunctionCode",
        or: None,
        words: &["FunctionName"],
        aliases: &[],
        about: "The same as deploy",
    },
    Short {
        name: "configure",
        operation: "UpdateFunctionConfiguration",
        or: None,
        words: &["FunctionName"],
        aliases: SETTINGS,
        about: "Change settings: --memory, --timeout, --env NAME=TEXT (all of them anew), ...",
    },
    Short {
        name: "delete",
        operation: "DeleteFunction",
        or: None,
        words: &["FunctionName"],
        aliases: &[],
        about: "Delete a function, or with --qualifier a version of it",
    },
    Short {
        name: "publish",
        operation: "PublishVersion",
        or: None,
        words: &["FunctionName"],
        aliases: &[],
        about: "Make a version of a function as it is now",
    },
    Short {
        name: "alias",
        operation: "CreateAlias",
        or: Some(("GetAlias", "UpdateAlias")),
        words: &["FunctionName", "Name"],
        aliases: &[("version", "FunctionVersion")],
        about: "Point an alias to --version N, and with --shift VERSION=0.1 a part of the calls to another; made if there is none",
    },
    Short {
        name: "url",
        operation: "CreateFunctionUrlConfig",
        or: Some(("GetFunctionUrlConfig", "UpdateFunctionUrlConfig")),
        words: &["FunctionName"],
        aliases: &[],
        about: "Give a function a URL, or change it: --auth-type AWS_IAM",
    },
    Short {
        name: "layer publish",
        operation: "PublishLayerVersion",
        or: None,
        words: &["LayerName"],
        aliases: &[("runtimes", "CompatibleRuntimes")],
        about: "A new version of a layer: --code DIR, ZIP or s3://BUCKET/KEY",
    },
    Short {
        name: "concurrency",
        operation: "PutFunctionConcurrency",
        or: None,
        words: &["FunctionName", "ReservedConcurrentExecutions"],
        aliases: &[],
        about: "Reserve so many concurrent executions",
    },
    Short {
        name: "concurrency --provisioned",
        operation: "PutProvisionedConcurrencyConfig",
        or: None,
        words: &["FunctionName", "ProvisionedConcurrentExecutions"],
        aliases: &[],
        about: "Keep so many ready for --qualifier",
    },
    Short {
        name: "map",
        operation: "CreateEventSourceMapping",
        or: None,
        words: &["FunctionName"],
        aliases: &[("source", "EventSourceArn")],
        about: "Let the events of --source ARN invoke a function",
    },
];
