"""Keys, bodies and queries for S3: (label, as written in the URL, what it means)."""

import json
import random
import re

# S3 decodes a path once. A raw `+` is a plus in a path.
KEYS = [
    ("plain", "plain.txt", "plain.txt"),
    ("deep", "a/b/c", "a/b/c"),
    ("raw space", "with space.txt", "with space.txt"),
    ("encoded space", "with%20space.txt", "with space.txt"),
    ("spaces at the ends", "%20x%20", " x "),
    ("raw unicode", "Ünïcödé 日本 🐕.txt", "Ünïcödé 日本 🐕.txt"),
    ("encoded unicode", "%C3%BC%e6%97%a5", "ü日"),
    ("encoded slash", "a%2Fb", "a/b"),
    ("raw plus", "a+b", "a+b"),
    ("encoded plus", "a%2Bb", "a+b"),
    ("double slash", "a//b", "a//b"),
    ("percent", "100%25", "100%"),
    ("percent that looks like an escape", "a%252Fb", "a%2Fb"),
    ("question mark and hash", "a%3Fb%23c", "a?b#c"),
    *((f"raw {name}", f"a{it}b", f"a{it}b") for name, it in [
        ("equals", "="), ("colon", ":"), ("at", "@"), ("comma", ","), ("brackets", "()"),
        ("star", "*"), ("quote", "'"), ("semicolon", ";"), ("ampersand", "&"), ("dollar", "$"),
        ("bang", "!"), ("tilde", "~"),
    ]),
    ("all of them encoded", "%3D%3A%40%2C%28%29%2A%27%3B%26%24%21%7E", "=:@,()*';&$!~"),
    ("all of them raw", "=:@,()*';&$!~", "=:@,()*';&$!~"),
    ("others that need an escape", "a%22b%3Cc%3Ed%5Be%5Df%7Bg%7Dh%7Ci%5Ej%60k", 'a"b<c>d[e]f{g}h|i^j`k'),
    ("case", "A.B-C_d", "A.B-C_d"),
]  # fmt: skip

LARGE = random.Random(4).randbytes(9 * 1024 * 1024 + 1)

BODIES = {
    "empty": b"",
    "JSON": json.dumps({"pet": "cät", "n": [1, None, "a&b=c+d"]}).encode(),
    "all bytes": bytes(range(256)) + b"\r\n\n\0",
    "9 MiB": LARGE,
}

# How sigcurl is told to send FILE, and whether it reads standard input instead.
WAYS = {
    "-T file": (["-T", "FILE"], False),
    "-T -": (["-T", "-"], True),
    "--data-binary @file": (["-X", "PUT", "--data-binary", "@FILE"], False),
    "--data-binary @-": (["-X", "PUT", "--data-binary", "@-"], True),
}

METADATA = {
    "one word": "one",
    "inner space": "one two",
    "inner spaces": "one  two   three",
    "equals and commas": 'a=b, c;d, "e  f"',
}

LISTED = ["a b/1", "a b/2", "a+b", "c=d&e", "ü"]

# (label, query as written, keys and then common prefixes below `list/`); None: the list is not looked at
QUERIES = [
    ("all", "list-type=2&prefix=list/", LISTED),
    ("raw space", "list-type=2&prefix=list/a b", ["a b/1", "a b/2"]),
    ("space as plus", "list-type=2&prefix=list/a+b", ["a b/1", "a b/2"]),
    ("encoded plus", "list-type=2&prefix=list/a%2Bb", ["a+b"]),
    ("delimiter", "list-type=2&prefix=list/&delimiter=/", ["a+b", "c=d&e", "ü", "a b/"]),
    ("version 1 with marker", "prefix=list/a b&delimiter=/&marker=", ["a b/"]),
    ("version 1 after a marker", "prefix=list/&marker=list/a b/1", ["a b/2", "a+b", "c=d&e", "ü"]),
    ("unsorted", "prefix=list/a b/&list-type=2&max-keys=1", ["a b/1"]),
    ("raw unicode", "list-type=2&prefix=list/ü", ["ü"]),
    ("lower-case escapes", "list-type=2&prefix=list%2f%c3%bc", ["ü"]),
    ("raw equals in a value", "list-type=2&prefix=list/c=d%26", ["c=d&e"]),
    ("reserved", "list-type=2&prefix=list/:@,()*';$!~[]|", []),
    ("empty value", "list-type=2&prefix=list/&delimiter=&start-after=", LISTED),
    ("name alone", "location", None),
    ("name alone, with =", "location=", None),
    ("repeated name", "list-type=2&prefix=list/&x-note=b&x-note=a&x-note=", LISTED),
    ("repeated name, sorted", "list-type=2&prefix=list/&x-note=a&x-note=b", LISTED),
    ("empty pieces", "&list-type=2&&prefix=list/&", LISTED),
]

TAMPERED = b"the quick brown fox 0123456789"


def slug(label):
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
