"""The `console` blocks of a Markdown file: commands behind `$ `, and below each what it prints."""

import dataclasses
import re

PROMPT, MORE = "$ ", ">"
ANYTHING = "…"


@dataclasses.dataclass(frozen=True)
class Step:
    line: int
    command: str
    output: str


def steps(text):
    """All commands of the file, in order. A command goes on in lines that begin with `>`."""
    lines, inside = text.splitlines(), False
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if inside and pending:
                yield Step(*pending)
            inside, pending = line == "```console" and not inside, None
        elif inside and line.startswith(PROMPT):
            if pending:
                yield Step(*pending)
            pending = [number, line.removeprefix(PROMPT), ""]
        elif inside and pending and not pending[2] and line.startswith(MORE):
            pending[1] += "\n" + line.removeprefix(MORE).removeprefix(" ")
        elif inside and pending:
            pending[2] += line + "\n"
        elif inside:
            raise ValueError(f"line {number}: output without a command: {line}")


def broken_links(text):
    """Links within the file that no heading answers to, named as GitHub names them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    names = {re.sub(r"[^\w\- ]", "", it).lower().replace(" ", "-") for it in headings}
    return [it for it in re.findall(r"\]\(#([^)]*)\)", prose) if it not in names]


class Names:
    """What stands in the text for something that is known only in the run.

    `known` is replaced everywhere. `found` has a pattern for each name: what it stands for is what is printed where
    the name stands in an output for the first time.
    """

    def __init__(self, known, found):
        self.known, self.patterns = dict(known), found

    def command(self, text):
        """The command as it is run."""
        missing = [it for it in self.patterns if it in text and it not in self.known]
        if missing:
            raise ValueError(f"nothing has printed {missing[0]} yet")
        return self.replace(text, self.known.get)

    def matches(self, wanted, seen):
        """Whether this is what is printed. `…` is anything within a line, and as a line any number of lines."""
        groups = {}

        def pattern_of(name):
            if name in self.known:
                return re.escape(self.known[name])
            if name in groups:
                return f"(?P={groups[name]})"
            groups[name] = f"n{len(groups)}"
            return f"(?P<{groups[name]}>{self.patterns[name]})"

        pattern = ""
        for line in wanted.splitlines():
            if line.strip() == ANYTHING:
                pattern += r"(?:.*\n)*?"
            else:
                pattern += self.replace(line, pattern_of, lambda it: re.escape(it).replace(ANYTHING, ".*")) + r"\n"
        found = re.fullmatch(pattern, seen if seen.endswith("\n") or not seen else seen + "\n")
        if found:
            self.known.update({name: found[group] for name, group in groups.items()})
        return found is not None

    def replace(self, text, value, rest=str):
        names = sorted({*self.known, *self.patterns}, key=len, reverse=True)
        parts = re.split("(" + "|".join(map(re.escape, names)) + ")", text)
        return "".join(value(it) if index % 2 else rest(it) for index, it in enumerate(parts))
