//! `sigcurl lambda --help`: every command, in groups.

use super::short;
use crate::lambda::table::{Operation, kebab};

pub(super) fn all() -> String {
    let mut text = String::from(
        "Invoke Lambda functions and manage them.\n\nUsage: sigcurl lambda COMMAND [OPTIONS]\n       sigcurl lambda COMMAND --help\n\nEvery day:\n",
    );
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<28} {about}\n"));
    line(
        "invoke",
        "Invoke a function and print what it returns; --stream, --log, --type event, --json",
    );
    for short in short::ALL {
        let words: Vec<_> = short.words.iter().map(|name| value_name(name)).collect();
        line(&format!("{} {}", short.name, words.join(" ")), short.about);
    }
    let operations = Operation::all();
    for (title, belongs) in &GROUPS {
        text.push_str(&format!("\n{title}:\n"));
        let is_first = |operation: &&Operation| {
            let group = GROUPS.iter().find(|(_, belongs)| belongs(operation.name));
            group.is_some_and(|(found, _)| found == title)
        };
        for operation in operations
            .iter()
            .filter(|it| belongs(it.name))
            .filter(is_first)
        {
            text.push_str(&format!(
                "  {:<48} {} {}\n",
                kebab(operation.name),
                operation.method,
                operation.path
            ));
        }
    }
    text.push_str("\nA status of 400 or more exits with 22, with the answer's body printed.\n");
    text
}

/// `FunctionName` → `FUNCTION-NAME`
pub(super) fn value_name(name: &str) -> String {
    kebab(name).to_ascii_uppercase()
}

/// The first that fits is an operation's group.
type Group = (&'static str, fn(&str) -> bool);

const GROUPS: [Group; 10] = [
    ("Invocations", |name| name.starts_with("Invoke")),
    ("Durable executions", |name| name.contains("Durable")),
    ("Layers", |name| name.contains("Layer")),
    ("Versions and aliases", |name| {
        name.contains("Alias") || name == "PublishVersion" || name == "ListVersionsByFunction"
    }),
    ("Event sources and asynchronous invocations", |name| {
        name.contains("EventSource") || name.contains("EventInvoke")
    }),
    ("Concurrency, capacity and scaling", |name| {
        ["Concurrency", "Capacity", "Scaling"]
            .iter()
            .any(|word| name.contains(word))
    }),
    ("Function URLs", |name| name.contains("UrlConfig")),
    ("Permissions, policies and code signing", |name| {
        ["Permission", "Policy", "CodeSigning"]
            .iter()
            .any(|word| name.contains(word))
    }),
    ("Tags and account", |name| {
        name.contains("Tag") || name.contains("Resource") || name.contains("Account")
    }),
    ("Functions", |_| true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_listed_once() {
        let text = all();
        for operation in Operation::all() {
            let name = format!("  {:<48} ", kebab(operation.name));
            assert_eq!(text.matches(&name).count(), 1, "{name}");
        }
    }
}
