//! Lambda's operations, read from a table.
//!
//! ```text
//! CreateAlias POST /2015-03-31/functions/{FunctionName}/aliases 201      name, method, path, status
//!  body Name* FunctionVersion* Description RoutingConfig{}               members of the JSON object
//! ```
//!
//! * `query`, `head` and `payload` are lines like `body`; `page` names the array that answers come in pieces of.
//! * `Name=wire` is called otherwise where it is sent; `*` marks what has to be there.
//! * The mark behind a name is its type: none for text, `#` integer, `!` boolean, `%` bytes, `@` time, `{}` object, `{=}`
//!   texts by name, `[]` texts, `[{}]` objects.

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// `ListFunctions`
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// With `{Name}` where a parameter goes.
    pub(crate) path: &'static str,
    /// What it answers if all goes well.
    pub(crate) status: u16,
    pub(crate) query: Vec<Param>,
    pub(crate) head: Vec<Param>,
    pub(crate) body: Vec<Param>,
    /// The only part of the body.
    pub(crate) payload: Option<Param>,
    /// The array that comes page by page.
    pub(crate) page: Option<&'static str>,
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    /// Its name where it is sent.
    pub(crate) wire: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    Bytes,
    Time,
    Object,
    Map,
    Texts,
    Objects,
}

impl Operation {
    /// All of them, in the order of their names.
    pub(crate) fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix(' ') {
                None => all.extend(Self::head(line)),
                Some(line) => all.last_mut().into_iter().for_each(|last| last.add(line)),
            }
        }
        all
    }

    /// The one of this name, as the AWS CLI writes it or as Lambda does.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::all().into_iter();
        all.find(|operation| operation.name == name || kebab(operation.name) == name)
    }

    fn head(line: &'static str) -> Option<Self> {
        let mut words = line.split(' ');
        Some(Self {
            name: words.next()?,
            method: words.next()?,
            path: words.next()?,
            status: words.next()?.parse().ok()?,
            query: Vec::new(),
            head: Vec::new(),
            body: Vec::new(),
            payload: None,
            page: None,
        })
    }

    fn add(&mut self, line: &'static str) {
        let Some((kind, rest)) = line.split_once(' ') else {
            return;
        };
        let mut params = rest.split(' ').map(Param::read);
        match kind {
            "query" => {
                // In a query, a time is a text.
                let as_sent = |param: Param| match param.kind {
                    Kind::Time => Param {
                        kind: Kind::Text,
                        ..param
                    },
                    _ => param,
                };
                self.query = params.map(as_sent).collect();
            }
            "head" => self.head = params.collect(),
            "body" => self.body = params.collect(),
            "payload" => self.payload = params.next(),
            "page" => self.page = Some(rest),
            _ => {}
        }
    }

    /// The parameters in its path.
    pub(crate) fn in_path(&self) -> impl Iterator<Item = Param> {
        let pieces = self.path.split('{').skip(1);
        let names = pieces.filter_map(|piece| piece.split_once('}').map(|(name, _)| name));
        names.map(|name| Param {
            name,
            wire: name,
            kind: Kind::Text,
            required: true,
        })
    }

    /// All parameters: those of the path, of the query, of the head, of the body.
    pub(crate) fn params(&self) -> Vec<Param> {
        let others = [&self.query, &self.head, &self.body];
        let others = others.into_iter().flatten().copied();
        self.in_path().chain(others).chain(self.payload).collect()
    }
}

impl Param {
    fn read(word: &'static str) -> Self {
        let (word, required) = match word.strip_suffix('*') {
            Some(word) => (word, true),
            None => (word, false),
        };
        let marks = [
            ("[{}]", Kind::Objects),
            ("[]", Kind::Texts),
            ("{=}", Kind::Map),
            ("{}", Kind::Object),
            ("#", Kind::Integer),
            ("!", Kind::Boolean),
            ("%", Kind::Bytes),
            ("@", Kind::Time),
        ];
        let marked = marks
            .into_iter()
            .find_map(|(mark, kind)| Some((word.strip_suffix(mark)?, kind)));
        let (word, kind) = marked.unwrap_or((word, Kind::Text));
        let (name, wire) = word.split_once('=').unwrap_or((word, word));
        Self {
            name,
            wire,
            kind,
            required,
        }
    }
}

/// `KMSKeyArn` → `kms-key-arn`, as the AWS CLI writes names.
pub(crate) fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before: char| !before.is_ascii_uppercase() || next_is_small);
        if begins_word {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
        before = Some(letter);
    }
    out
}

const TABLE: &str = include_str!("operations.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let all = Operation::all();
        assert_eq!(all.len(), 91);
        let create = Operation::named("create-function").unwrap();
        let kind = |name: &str| create.body.iter().find(|it| it.name == name).unwrap().kind;
        assert_eq!(kind("MemorySize"), Kind::Integer);
        assert_eq!(kind("Publish"), Kind::Boolean);
        assert_eq!(kind("Layers"), Kind::Texts);
        assert_eq!(kind("FileSystemConfigs"), Kind::Objects);
        assert_eq!(kind("Environment"), Kind::Object);
        assert_eq!(kind("Tags"), Kind::Map);
        let untag = Operation::named("UntagResource").unwrap();
        assert_eq!(
            (
                untag.query[0].name,
                untag.query[0].wire,
                untag.query[0].required
            ),
            ("TagKeys", "tagKeys", true)
        );
        assert_eq!(
            Operation::named("list-functions").unwrap().page,
            Some("Functions")
        );
    }

    #[test]
    fn names_as_the_aws_cli_has_them() {
        for (name, expected) in [
            ("ListFunctions", "list-functions"),
            ("UUID", "uuid"),
            ("KMSKeyArn", "kms-key-arn"),
            ("S3Bucket", "s3-bucket"),
            ("CodeSha256", "code-sha256"),
            ("PrincipalOrgID", "principal-org-id"),
            ("SourceKMSKeyArn", "source-kms-key-arn"),
            ("GetLayerVersionByArn", "get-layer-version-by-arn"),
        ] {
            assert_eq!(kebab(name), expected);
        }
    }
}
