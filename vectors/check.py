"""Checks the vectors in vectors/v1 against docs/wire.md, from which alone this was written.

    python3 vectors/check.py                    checks every file, and exits with 1 at the first thing that is wrong
    python3 vectors/check.py --mutations [N]    changes every member of every file, one at a time (or N of each file,
                                                evenly spread); each change must be noticed

It needs Python 3.11 and PyNaCl 1.5.
"""

import copy
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from documents import read_key, thumbprint  # noqa: E402
from link import read_invite, relay_entry  # noqa: E402
from primitives import Wrong, from_hex, members, need, read_json, same, tagged  # noqa: E402

HERE = Path(__file__).parent
WIRE = 3
FILES = {}


def file(name, about):
    """Registers what checks a file; it gets the file's members besides about and wire."""

    def register(check):
        FILES[name] = (about, check)
        return check

    return register


# Part 1


@file("invites", "Invites: their text, what it holds, and what follows from the secret.")
def check_invites(value):
    for invite in members(value, "invites")["invites"]:
        members(invite, "text host place secret psk room entries", what="an invite")
        host, secret, place = read_invite(invite["text"])
        same(thumbprint(read_key(invite["host"])), host, "the host's thumbprint")
        same(from_hex(invite["secret"]), secret, "the secret")
        same(invite["place"], place, "the place")
        same(from_hex(invite["psk"]), tagged("invite psk", secret), "the psk")
        room = tagged("invite room", secret)
        same(from_hex(invite["room"]), room, "the room")
        entries = members(invite["entries"], "host joiner", what="entries")
        for role in entries:
            same(from_hex(entries[role]), relay_entry(role, room), "the entry at a relay")


# All files


def check_file(name, value):
    need(name in FILES, "there is no such file of vectors")
    about, check = FILES[name]
    need(isinstance(value, dict), "not an object")
    rest = dict(value)
    same(rest.pop("wire", None), WIRE, "wire")
    same(rest.pop("about", None), about, "about")
    check(rest)


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def changed(value, salt):
    """The value with one character, digit or truth changed."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + (1 if value % 10 < 9 else -1)
    if not value:
        return "x"
    at = salt % len(value)
    for other in "1a2b":
        if value[at] != other:
            return value[:at] + other + value[at + 1 :]


def mutations(value, limit):
    """Pairs of a member's path and the value in which it is changed."""
    found = list(leaves(value))
    step = max(1, len(found) // limit) if limit else 1
    for i in range(0, len(found), step):
        path, leaf = found[i]
        mutated = copy.deepcopy(value)
        inner = mutated
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = changed(leaf, i * 7919)
        yield path, mutated


def unnoticed(name, value, limit):
    for path, mutated in mutations(value, limit):
        try:
            check_file(name, mutated)
        except Wrong:
            continue
        yield "/".join(map(str, path))


def main(arguments):
    authenticated = HERE / "check_authenticated.py"
    if authenticated.exists():
        import check_authenticated

        FILES.update(check_authenticated.FILES)
    for path in sorted((HERE / "v1").iterdir()):
        try:
            need(path.suffix == ".json", "no file of vectors")
            value = read_json(path.read_text("utf-8"))
            check_file(path.stem, value)
        except Wrong as error:
            return f"{path.name}: {error}"
        if arguments[:1] == ["--mutations"]:
            passed = list(unnoticed(path.stem, value, int(arguments[1]) if arguments[1:] else 0))
            if passed:
                return "\n".join(f"{path.name}: a change of {place} is not noticed" for place in passed)
        print(f"{path.name}: ok")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
