"""Lists with queries in all spellings."""

import urllib.parse

from kit.s3 import data, listing


def check(session):
    for key in data.LISTED:
        stored = session.put(f"list/{urllib.parse.quote(key)}", b"x")
        session.expect(f"list: PUT {key}", "accepted", stored)
    for label, query, wanted in data.QUERIES:
        name, url = f"query {label}", session.url(query=query)
        answer = session.call(url)
        if not session.expect(name, "accepted", answer):
            continue
        if wanted is not None:
            found = listing.keys(answer) + listing.prefixes(answer)
            seen = "as asked" if found == [f"list/{it}" for it in wanted] else f"{found}"
            session.checks.expect(f"{name}: the list", "as asked", seen)
        session.changes(name, url, only=("query value", "query name"))
