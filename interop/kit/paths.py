"""Paths and queries in all shapes, to functions that say which path and query they got."""

import json

from kit import wire
from kit.tamper import tampered

REGION = "us-east-1"

# (label, path as written, path that the function has to get)
PATHS = [
    ("plain", "pets", "pets"),
    ("raw space", "a b", "a b"),
    ("encoded space", "a%20b", "a b"),
    ("raw unicode", "é/日本", "é/日本"),
    ("encoded unicode", "%C3%A9/%e6%97%a5", "é/日"),
    ("encoded slash", "a%2Fb", "a/b"),
    ("plus", "a+b", "a+b"),
    ("encoded plus", "a%2Bb", "a+b"),
    ("encoded percent", "a%2525b", "a%25b"),
    ("double slash", "a//b", "a//b"),
    ("slash at the end", "a/b/", "a/b/"),
    ("dot segments", "a/./b/../c", "a/c"),
    ("encoded dots", "a/%2E%2E/b", "b"),
    ("sub-delimiters", "=:@,()*';&$!~", "=:@,()*';&$!~"),
    ("encoded sub-delimiters", "%3D%3A%40%2C%28%29%2A%27%3B%26%24%21%7E", "=:@,()*';&$!~"),
]

# (label, query as written, parameters that the function has to get)
QUERIES = [
    ("one", "a=1", {"a": ["1"]}),
    ("raw space", "a=b c", {"a": ["b c"]}),
    ("encoded space", "a=b%20c", {"a": ["b c"]}),
    ("plus is a space", "a=b+c", {"a": ["b c"]}),
    ("encoded plus", "a=b%2Bc", {"a": ["b+c"]}),
    ("unicode", "é=%c3%bc日", {"é": ["ü日"]}),
    ("empty value", "a=&b=1", {"a": [""], "b": ["1"]}),
    ("name alone", "a&b=1", {"a": [""], "b": ["1"]}),
    ("repeated", "a=2&a=1&a=", {"a": ["2", "1", ""]}),
    ("unsorted", "b=2&B=1&a=3", {"b": ["2"], "B": ["1"], "a": ["3"]}),
    ("reserved", "a=:/?@,()*';$!~[]|", {"a": [":/?@,()*';$!~[]|"]}),
    ("equals in a value", "a=b=c==", {"a": ["b=c=="]}),
    ("encoded reserved", "a%26b=c%26d%3De%23f", {"a&b": ["c&d=e#f"]}),
    ("encoded percent", "a=%2525", {"a": ["%25"]}),
    ("empty pieces", "&a=1&&b=2&", {"a": ["1"], "b": ["2"]}),
]


def check(run, port, made):
    credentials = made["user"]
    base = f"http://127.0.0.1:{port}"
    rest, http = (
        f"{made[it]}.execute-api.{REGION}.amazonaws.com" for it in ("rest_api", "http_api")
    )
    apis = [
        ("REST API", f"{base}/prod/", ["-H", f"Host: {rest}"]),
        ("REST API by path", f"{base}/_aws/execute-api/{made['rest_api']}/prod/", []),
        ("HTTP API", f"{base}/", ["-H", f"Host: {http}"]),
    ]
    for name, url, headers in apis:
        checker = Checker(run, port, credentials, headers)
        for label, path, wanted in PATHS:
            checker.check(f"{name}, path: {label}", url + path, "path", "/" + wanted)
        for label, query, wanted in QUERIES:
            checker.check(f"{name}, query: {label}", f"{url}pets?{query}", "query", wanted)


class Checker:
    def __init__(self, run, port, credentials, headers):
        self.checks, self.sigcurl, self.port = run.checks, run.sigcurl, port
        self.credentials = credentials
        self.arguments = ["--service", "execute-api", "--region", REGION, "-g", *headers]

    def check(self, name, url, part, wanted):
        answer = self.sigcurl.call([*self.arguments, url], self.credentials)
        self.checks.expect(name, "as meant", self.seen(answer, part, wanted), answer.detail())
        try:
            request = self.sigcurl.dry_run([*self.arguments, url], self.credentials)
        except ValueError as error:
            self.checks.record(f"{name}: prints the request", False, error)
            return
        printed = wire.exchange(self.port, request.bytes())
        self.checks.expect(f"{name}, as printed", "as meant", self.seen(printed, part, wanted))
        for what, changed in tampered(request):
            if what in ("path", "query value", "query name"):
                refused = wire.exchange(self.port, changed.bytes())
                good = refused.status == 403 and b"signature we calculated" in refused.body
                self.checks.record(f"{name}, {what} changed: refused", good, refused.detail())

    def seen(self, answer, part, wanted):
        if answer.words() != "accepted":
            return answer.words()
        try:
            echo = json.loads(answer.body)[part]
        except (ValueError, LookupError, TypeError):
            return "no echo"
        if part == "query":
            echo = {name: it if isinstance(it, list) else [it] for name, it in (echo or {}).items()}
        return "as meant" if echo == wanted else json.dumps(echo, ensure_ascii=False)
