"""What YAML texts mean to the API server: the one list that our reader and the real library are both held to."""

from __future__ import annotations

from typing import Any


class Refused:
    """The API server does not take the document at all."""


REFUSED = Refused()

SCALARS: list[tuple[str, Any]] = [
    # booleans: YAML 1.1, one-letter forms included, three ways to write them
    *((text, True) for text in ("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y")),
    *((text, False) for text in ("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N")),
    *((text, text) for text in ("tRUE", "yES", "oN", "nO", "yeah", "nope", "offf", "Yess", "t", "f")),
    # null
    *((text, None) for text in ("", "~", "null", "Null", "NULL")),
    *((text, text) for text in ("nULL", "None", "nil", "~~", "null-ish")),
    # integers
    ("0", 0), ("-0", 0), ("+1", 1), ("42", 42), ("-42", -42), ("1_000", 1000), ("1__0", 10), ("1_", 1), ("_1", "_1"),
    ("0644", 420), ("-0644", -420), ("+0644", 420), ("0o644", 420), ("0O17", 15), ("-0o17", -15), ("0_7", 7),
    ("08", 8), ("0o8", "0o8"), ("09.5", 9.5), ("00", 0), ("007", 7), ("0_", 0),
    ("0x1F", 31), ("0X1f", 31), ("-0x1f", -31), ("0x_1f", 31), ("0x", "0x"), ("0xg", "0xg"), ("0x1_f", 31),
    ("0b101", 5), ("0B11", 3), ("-0b101", -5), ("0b2", "0b2"), ("0b", "0b"), ("0b+1", 1), ("0b-1", -1),
    ("-0b-1", "-0b-1"),
    ("9223372036854775807", 9223372036854775807), ("-9223372036854775808", -9223372036854775808),
    ("9223372036854775808", 9223372036854775808), ("18446744073709551615", 18446744073709551615),
    ("+9223372036854775808", 9223372036854776000), ("18446744073709551616", 18446744073709551616.0),
    ("-9223372036854775809", -9223372036854775808.0), ("1152921504606846976.0", 1152921504606847000),
    ("1" + "0" * 40, 1e40), ("0x1" + "0" * 16, "0x1" + "0" * 16),
    ("1 000", "1 000"), ("1,000", "1,000"), ("+", "+"), ("-", REFUSED), ("--1", "--1"), ("+-1", "+-1"), ("1-", "1-"),
    ("١٢", "١٢"), ("1e", "1e"),
    # floats
    ("1.0", 1), ("1.5", 1.5), ("-1.5", -1.5), ("+1.5", 1.5), ("1.", 1), (".5", 0.5), ("-.5", -0.5), ("+.5", 0.5),
    ("1e3", 1000), ("1E3", 1000), ("1e+3", 1000), ("1e-3", 0.001), ("12e03", 12000), ("1.5e300", 1.5e300),
    ("1_0.5_0", 10.5), ("._5", "._5"), (".5_0", 0.5), (".5_", ".5_"), (".5__0", ".5__0"),
    (".5e1_0", 5000000000), (".", "."), ("..", ".."), ("1.2.3", "1.2.3"),
    (".5e-3", 0.0005), ("1e999", "1e999"), ("-1e999", "-1e999"), (".5e999", ".5e999"), ("1e-999", 0),
    ("1e20", 1e20), ("1e21", 1e21),
    ("0.1", 0.1), ("100000000000000000000", 1e20), ("0x1p4", "0x1p4"), ("1e5.5", "1e5.5"), ("-0.0", 0),
    ("inf", "inf"),
    *((text, REFUSED) for text in (".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", ".nan", ".NaN", ".NAN")),
    *((text, text) for text in (".iNF", ".Nan", "-.nan", "+.nan", "nan", "Infinity")),
    # what looks like more, and stays text
    *((text, text) for text in ("2001-12-14", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43",
                                 "12:30:45", "190:20:30.15")),
    *((text, text) for text in ("=", "<<", "1.30.0", "v1", "1Gi", "100m", "1k", "a: b"[:1], "foo bar", "http://x:80/y")),
    ("80:80", "80:80"), ("1:30", "1:30"), ("0:0", "0:0"), ("a#b", "a#b"), ("a #b", "a"), ("- 1", [1]),
    # quoted: text always
    *((f'"{text}"', text) for text in ("true", "null", "", "1", "0644", "~", "1.5", "<<", ".inf", "no")),
    *((f"'{text}'", text) for text in ("true", "null", "", "1", "y", "it")),
    ("'it''s'", "it's"), (r'"a\tb\u00e9\x41\n\U0001F600"', "a\tbéA\n😀"),
    (r'"\_\N\L\P\e\0"', "\xa0\x85\u2028\u2029\x1b\0"),
    (r'"\ud83d\ude00"', REFUSED), (r'"\q"', REFUSED), (r'"a\/b"', REFUSED), (r'"\\/"', "\\/"), ('"open', REFUSED),
    # tags
    ("!!str 1", "1"), ("!!str", ""), ("!!str true", "true"), ("!!str ~", "~"), ("!str 1", "1"),
    ("! 12", "12"), ('! "12"', "12"),
    ('!!int "3"', 3), ("!!int 0x10", 16), ("!!int 1.5", REFUSED), ("!!int abc", REFUSED),
    ("!!int true", REFUSED), ("!!int", REFUSED),
    ('!!float "1.5"', 1.5), ("!!float 3", 3), ("!!float abc", REFUSED), ("!!float 18446744073709551615", REFUSED),
    ("!!float 2001-12-14", REFUSED), ("!!float .inf", REFUSED), ("!!float true", REFUSED),
    ('!!bool "yes"', True), ("!!bool n", False), ("!!bool 1", REFUSED), ("!!bool abc", REFUSED),
    ('!!bool ""', REFUSED),
    ("!!null ''", None), ("!!null ~", None), ("!!null x", REFUSED), ("!!null", None),
    ("!!timestamp 2001-12-14", "2001-12-14"), ("!!timestamp 2001-13-14", REFUSED),
    ("!!timestamp 2001-2-30", REFUSED),
    ("!!timestamp 2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"),
    ("!!timestamp 2001-12-14t21:59:43.5+01:00", "2001-12-14t21:59:43.5+01:00"),
    ("!!timestamp 2001-12-14 21:59:43.10", "2001-12-14 21:59:43.10"),
    ("!!timestamp 2001-12-14 21:59:43 -5", REFUSED),
    ("!!timestamp 2001-12-14 25:59:43", REFUSED), ("!!timestamp abc", REFUSED),
    ("!!binary aGk=", "hi"), ("!!binary aGk", REFUSED), ("!!binary ''", ""), ("!!binary /w==", "\ufffd"),
    ("!!binary 4oI=", "\ufffd\ufffd"),
    ("!!binary '*'", REFUSED), ("!foo bar", "bar"), ("!foo 12", "12"), ("!<tag:yaml.org,2002:int> 7", 7),
    ("!!merge x", "x"),
    ("!!value x", "x"), ("!!unknown 1", "1"), ("!!map {a: 1}", {"a": 1}), ("!!set {a, b}", {"a": None, "b": None}),
    ("!!seq {a: 1}", {"a": 1}), ("!!omap [a: 1]", [{"a": 1}]), ("!e!x 1", REFUSED),
    # not the start of a value
    ("@x", REFUSED), ("`x`", REFUSED), ("%x", REFUSED), ("*x", REFUSED), ("!!", REFUSED),
    ("a: b: c", REFUSED), ("[1", REFUSED),
]  # fmt: skip
"""The text of a value, and the value."""

DOCUMENTS: list[tuple[str, Any]] = [
    # keys
    ("true: a\n", {"true": "a"}),
    ("yes: a\n", {"true": "a"}),
    ("y: a\n", {"true": "a"}),
    ("on: a\noff: b\n", {"true": "a", "false": "b"}),
    ("1: a\n0x10: b\n1_0: c\n0o7: d\n", {"1": "a", "16": "b", "10": "c", "7": "d"}),
    ("1.5: a\n1e3: b\n1e6: c\n1e-7: d\n0.1: e\n123456.7: f\n1234567.8: g\n-0.0: h\n",
     {"1.5": "a", "1000": "b", "1e+06": "c", "1e-07": "d",
      "0.1": "e", "123456.7": "f", "1.2345678e+06": "g", "-0": "h"}),
    ("3.4028234e38: a\n1e300: b\n.nan: c\n-.inf: d\n0.00001: e\n0.0001: f\n16777217.0: g\n",
     {"3.4028235e+38": "a", ".inf": "b", ".nan": "c", "-.inf": "d", "1e-05": "e", "0.0001": "f", "1.6777216e+07": "g"}),
    ("~: a\n", REFUSED),
    (": a\n", REFUSED),
    ("null: a\n", REFUSED),
    ("18446744073709551615: a\n", REFUSED),
    ("9223372036854775807: a\n", {"9223372036854775807": "a"}),
    ("2001-12-14: a\n", {"2001-12-14": "a"}),
    ("!!binary aGk=: a\n", {"hi": "a"}),
    ("? a\n: b\n? c\n", {"a": "b", "c": None}),
    ("{a: 1}: b\n", REFUSED),
    ("[a]: b\n", REFUSED),
    ("? [a]\n: b\n", REFUSED),
    ("x: {{ .Values.x }}\n", REFUSED),
    ("? |\n  a\n: b\n", {"a\n": "b"}),
    ('"a b": 1\n\'c\': 2\n? "d"\n', {"a b": 1, "c": 2, "d": None}),
    ("&k key: &v value\nother: *v\n*k : again\n", {"key": "again", "other": "value"}),
    ("a: 1\na: 2\n", {"a": 2}),
    ("=: 1\n", {"=": 1}),
    # anchors and aliases
    ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
    ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
    ("a: &x\nb: *x\n", {"a": None, "b": None}),
    ("a: &x !!str 1\nb: *x\n", {"a": "1", "b": "1"}),
    ("a: *x\n", REFUSED),
    ("a: &x [*x]\n", REFUSED),
    ("a: &x {b: *x}\n", REFUSED),
    ("&a [&b [1], *b]\n", [[1], [1]]),
    ("a: &x [1]\n*x : 2\n", REFUSED),
    # merge keys: in place, so a merge covers what stands above it
    ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
    ("a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 2}}),
    ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
     {"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}),
    ("a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}\n",
     {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 1, "d": 2}}),
    ("a: {<<: {b: 1}}\n", {"a": {"b": 1}}),
    ("a: {<<: [{b: 1}, {c: 2}]}\n", {"a": {"b": 1, "c": 2}}),
    ("a: {'<<': {b: 1}}\n", {"a": {"<<": {"b": 1}}}),
    ("a: {!!merge <<: {b: 1}}\n", {"a": {"b": 1}}),
    ("a: {!!str <<: {b: 1}}\n", {"a": {"<<": {"b": 1}}}),
    ("a: {<<: 1}\n", REFUSED),
    ("a: {<<: }\n", REFUSED),
    ("a: {<<: [1]}\n", REFUSED),
    ("x: &x [{b: 1}]\na: {<<: *x}\n", REFUSED),
    ("a: {<<: []}\n", {"a": {}}),
    ("a: &x {b: 1}\nc:\n  <<: *x\n  <<: {d: 2}\n", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    # text of several lines
    ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ("a: |-\n  x\n\n", {"a": "x"}),
    ("a: |+\n  x\n\n\n", {"a": "x\n\n\n"}),
    ("a: >\n  x\n  y\n\n  z\n   w\n", {"a": "x y\nz\n w\n"}),
    ("a: |2\n   x\n", {"a": " x\n"}),
    ("a: x\n  y\n\n  z\n", {"a": "x y\nz"}),
    ('a: "x\n  y\\\n  z"\n', {"a": "x yz"}),
    ("a: |\n  # no comment\n  {{ x }}\n", {"a": "# no comment\n{{ x }}\n"}),
    ("a: |\r\n  x\r\n  y\r\nb: 1\r\n", {"a": "x\ny\n", "b": 1}),
    # collections
    ("a:\n- 1\n- 2\nb:\n  - - 3\n", {"a": [1, 2], "b": [[3]]}),
    ("[a, 1, ~, [], {}, 'x', ]\n", ["a", 1, None, [], {}, "x"]),
    ("{a: 1, b, c: }\n", {"a": 1, "b": None, "c": None}),
    ('{"a":1,"b":[true,null]}\n', {"a": 1, "b": [True, None]}),
    ("[a: 1, b: 2]\n", [{"a": 1}, {"b": 2}]),
    ("- \n- a\n-\n", [None, "a", None]),
    ("a:\n  b:\n    c:\n", {"a": {"b": {"c": None}}}),
    ("a: !foo\n  b: 1\n", {"a": {"b": 1}}),
    # structure that is wrong
    ("a:\n\tb: 1\n", REFUSED),
    ("a: 1\n b: 2\n", REFUSED),
    ("a:\n  - 1\n  b: 2\n", REFUSED),
    ("a: 'x\n", REFUSED),
    ("- a\nb: c\n", REFUSED),
    ("a: \x07\n", REFUSED),
    ("a: {b: 1\n", REFUSED),
    ("key: [a, b]c\n", REFUSED),
    # where go-yaml and libyaml part ways
    ('a: "it\\\'s"\n"k\\\'": b\n', {"a": "it's", "k'": "b"}),
    ("a: ['\\', \"\\'\", \"\\\\'\"]\n", {"a": ["\\", "'", "\\'"]}),
    ("a: [http://x/?q=1]\n", REFUSED),
    ("a: {b: c?}\n", REFUSED),
    ("a: ['b?', \"c?\"] # ?\nd: e?f\n", {"a": ["b?", "c?"], "d": "e?f"}),
    ("%YAML 1.2\n---\na: 1\n", REFUSED),
    # the frame around documents
    ("--- \na: 1\n...\n", {"a": 1}),
    ("--- a\n", "a"),
    ("%YAML 1.1\n---\na: 1\n", {"a": 1}),
    ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!int \"1\"\n", {"a": 1}),
    ("# only a comment above\na: 1 # and behind\n", {"a": 1}),
    ("null\n", None),
]  # fmt: skip
"""A document, and its value."""

STRICTER = ["{a: 1}}\n", "a: 1\n...\n]\n", "[a]b\n", "{a:}\n", "[a:, b]\n", "&a &b c\n", "a: !t,1\n"]
"""Refused by our reader only. The library stops reading behind the first document, and makes odd keys of the others;
editors and other tools do neither."""
