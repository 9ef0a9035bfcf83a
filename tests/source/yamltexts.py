"""YAML texts of every shape, for properties and for the comparison with the real library."""

from __future__ import annotations

from random import Random
from typing import Final

from hypothesis import strategies as st

_BITS: Final = [
    "0", "1", "7", "8", "9", "42", "_", ".", "e", "E", "+", "-", "0x", "0X", "0o", "0b", "f", ":", "60",
    "inf", "nan", "NaN", "~", "null", "y", "Yes", "no", "on", "OFF", "true", "T", "2001-12-14", "T01:02:03Z",
    " ", "<<", "=", "1e3", "0644", "é", "😀", "'", '"', "#", "?", "!", "&", "*", "%", "@", "{", "}", "[", "]",
    ",", "\\", "/", "\t", "x",
]  # fmt: skip

scalars = st.one_of(
    st.lists(st.sampled_from(_BITS), max_size=6).map("".join),
    st.from_regex(r"[-+]?[0-9_.]{1,6}([eE][-+]?[0-9_]{1,3})?", fullmatch=True),
    st.from_regex(r"[-+]?0[xXoObB][0-9a-fA-F_]{1,5}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
)
"""What may stand behind ``key: ``, in quotes or not, valid or not."""

_PLAIN: Final = [
    "a", "web", "nginx:1.27", "1", "0644", "1.5", "true", "no", "~", "null", "1Gi", "http://h:80/p?q=1", "é😀",
    "a b  c", "x#y", "-x", "2001-12-14", "it's", 'say "hi"', "a,b", "0x1F", "1e3", "--flag=1", "don't",
    "<none>", "a\tb",
]  # fmt: skip
_FLOW_PLAIN: Final = ["a", "1", "true", "~", "1.5", "web-1", "a b", "é😀", "0644", "x:y", "it's"]
_QUOTED: Final = [
    '"a b"', '"é\\u00e9😀"', "'it''s'", '""', "''", '"# no"', "'{{ x }}'", '"tab\there"', '"\\"q\\""',
    "'a: b'", '"\\n\\t"',
]  # fmt: skip
_KEYS: Final = [
    "a", "b", "c", "name", "nvidia.com/gpu", "é", "k😀", "'q k'", '"dq"', "1", "true", "0x10", "1.5", "a b", "? ",
]  # fmt: skip
_COMMENTS: Final = ["", "", "", "", "  # note", " #é😀", "\t# tab"]
_LINES: Final = ["x", "  more", "# no comment", "é😀 z", "- y", "k: v", "{{ t }}", "tab\there", "end "]


class Writer:
    """Writes one document, block or flow, with anchors, aliases, merges, comments and texts of several lines."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._anchors: list[tuple[str, bool]] = []
        self._count = 0

    def document(self) -> str:
        text = "".join(line + "\n" for line in self._block(0, 0))
        if self._random.random() < 0.2:
            text = "# top\n" + text
        if self._random.random() < 0.3:
            text = "--- # doc\n" + text
        if self._random.random() < 0.15:
            text = text.replace("\n", "\r\n")
        return text

    def _block(self, indent: int, depth: int) -> list[str]:
        return self._mapping(indent, depth) if self._random.random() < 0.7 else self._sequence(indent, depth)

    def _mapping(self, indent: int, depth: int) -> list[str]:
        pad, lines = " " * indent, list[str]()
        for key in self._random.sample(_KEYS, self._random.randint(1, 4)):
            maps = [name for name, is_map in self._anchors if is_map]
            if maps and self._random.random() < 0.15 and not any("<<:" in line for line in lines):
                lines.append(f"{pad}<<: *{self._random.choice(maps)}")
            if key == "? ":
                lines += [f"{pad}? explicit", f"{pad}: {self._inline()}"]
                continue
            lines += self._entry(f"{pad}{key}:", indent, depth)
            if self._random.random() < 0.1:
                lines.append(self._random.choice(["", f"{pad}# own line", "  # elsewhere"]))
        return lines

    def _sequence(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self._random.randint(1, 3)):
            if self._random.random() < 0.5 and depth < 4:
                inner = self._block(indent + 2, depth + 1)
                lines += [" " * indent + "- " + inner[0][indent + 2 :], *inner[1:]] if inner[0].strip() else ["- 1"]
            else:
                lines += self._entry(" " * indent + "-", indent, depth)
        return lines

    def _entry(self, head: str, indent: int, depth: int) -> list[str]:
        """Lines of an entry whose key or dash is *head*."""
        kind = self._random.random()
        comment = self._random.choice(_COMMENTS)
        if kind < 0.35 and depth < 4:
            known = len(self._anchors)
            anchor = self._anchor() if self._random.random() < 0.2 else ""
            inner = self._block(indent + self._random.choice([1, 2, 4]), depth + 1)
            if anchor:
                is_map = not inner[0].lstrip().startswith("-")
                self._anchors.insert(known, (anchor, is_map))
            return [f"{head}{' &' + anchor if anchor else ''}{comment}", *inner]
        if kind < 0.5:
            return self._text_block(head, indent)
        if kind < 0.55:
            word = self._random.choice(["word", "'word", '"word'])
            end = word[0] if word[0] in "'\"" else ""
            return [f"{head} {word}", f"{' ' * (indent + 2)}goes on{end}{comment}"]
        return [f"{head} {self._inline()}{comment}"]

    def _text_block(self, head: str, indent: int) -> list[str]:
        pad = " " * (indent + self._random.choice([1, 2, 3]))
        first = "x" + self._random.choice(_LINES)
        lines = [first, *self._random.choices([*_LINES, ""], k=self._random.randint(0, 3))]
        style = self._random.choice(["|", "|-", "|+", ">", ">-", ">+", "| # c"])
        tail = [""] * self._random.randint(0, 2)
        return [f"{head} {style}", *(pad + line if line else "" for line in lines), *tail]

    def _inline(self) -> str:
        kind = self._random.random()
        if kind < 0.1 and self._anchors:
            return "*" + self._random.choice(self._anchors)[0]
        if kind < 0.2:
            text = self._random.choice(_PLAIN)
            anchor = self._anchor()
            self._anchors.append((anchor, False))
            return f"&{anchor} {text}"
        if kind < 0.25:
            return self._random.choice(["!!str ", "!t "]) + self._random.choice(["1", "x", '"q"'])
        if kind < 0.4:
            return self._flow(0)
        if kind < 0.45:
            return ""
        return self._random.choice(_PLAIN if kind < 0.75 else _QUOTED)

    def _flow(self, depth: int) -> str:
        count = self._random.randint(0, 3)
        plain = _FLOW_PLAIN + _QUOTED
        values = [
            self._flow(depth + 1) if depth < 2 and self._random.random() < 0.3 else self._random.choice(plain)
            for _ in range(count)
        ]
        if self._random.random() < 0.5:
            return f"[{', '.join(values)}]"
        keys = self._random.sample(["a", "b", '"q"', "1", "é"], count)
        return "{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, values, strict=True)) + "}"

    def _anchor(self) -> str:
        self._count += 1
        return f"x{self._count}"


documents = st.integers(0, 2**64).map(lambda seed: Writer(Random(seed)).document())
"""Documents that mostly parse; the real library says which do not."""

_NOISE: Final = [
    "?", " ", ":", ": ", "-", "- ", "\t", "{", "}", "[", "]", ",", "#", " #", "'", '"', "&x ", "*x", "!", "!!int ",
    "|", ">", "\n", "\n\n", "%", "@", "\\", "\x85", "\u2028", "<<: ", "0", "=", "\r",
]  # fmt: skip


def _broken(seed: int) -> str:
    random = Random(seed)
    text = Writer(random).document()
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(text) + 1)
        if random.random() < 0.5:
            text = text[:place] + random.choice(_NOISE) + text[place:]
        else:
            text = text[:place] + text[place + random.randint(1, 3) :]
    return text


broken_documents = st.integers(0, 2**64).map(_broken)
"""Documents with a few characters too many or too few: some parse, some do not, some mean something else."""
