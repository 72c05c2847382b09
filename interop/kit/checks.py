"""What was seen, against what has to be seen."""

import collections
import dataclasses
import fnmatch
import re


class Failure(Exception):
    """Something without which there is nothing to check."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """What one server does otherwise, and why: `seen` is then what has to be seen.

    `checks` are names of checks, with the wildcards of a shell; of several rules the first counts. `seen` is a
    pattern.
    """

    checks: str
    seen: str
    reason: str


class Checks:
    """Counts, and prints a line each. A rule that no check asked for is a failure: it says nothing true."""

    def __init__(self):
        self.passed = self.failed = 0
        self.rules = ()
        self.used = collections.Counter()

    def record(self, name, good, detail=""):
        self.passed += good
        self.failed += not good
        print("ok  " if good else "FAIL", name, *([] if good else ["-", detail]), flush=True)

    def expect(self, name, wanted, seen, detail=""):
        """`wanted` is a pattern, and gives way to the first rule for this check."""
        rule = next((it for it in self.rules if fnmatch.fnmatchcase(name, it.checks)), None)
        shown = name
        if rule:
            self.used[rule] += 1
            wanted, shown = rule.seen, f"{name} (known: {rule.reason})"
        good = re.fullmatch(wanted, seen) is not None
        self.record(f"{shown}: {seen}" if good else shown, good, f"{seen}, not {wanted} {detail}")

    def with_rules(self, rules):
        self.rules = tuple(rules)

    def check_rules(self):
        for rule in self.rules:
            if not self.used[rule]:
                self.record(f"rule for {rule.checks!r} is used", False, rule.reason)
