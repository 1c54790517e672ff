"""Logs, and proofs that they have a document (Part 3 of docs/wire.md)."""

import base64
import re
from dataclasses import dataclass

from documents import ADDRESS, different, listed, matches, whole
from primitives import is_public_key, members, need, number, same, sha256, verify_signature


@dataclass
class VerifierKey:
    name: str
    id: bytes
    key: bytes


@dataclass
class Publish:
    log: VerifierKey
    witnesses: list
    quorum: int


def from_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = None
    need(data is not None and base64.b64encode(data).decode() == text, f"{what} is no base64")
    return data


def read_verifier_key(text, kind):
    name, identifier, key = matches(r"[!-*,-~]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", text, "a verifier key").split("+", 2)
    data = from_base64(key, "a verifier key")
    need(len(data) == 33 and data[0] == kind and is_public_key(data[1:]), "a verifier key")
    same(sha256(f"{name}\n".encode() + data)[:4].hex(), identifier, "the id of a verifier key")
    return VerifierKey(name, bytes.fromhex(identifier), data[1:])


def read_publish(value):
    members(value, "at log witnesses quorum", what="publish")
    need(len(matches(ADDRESS, value["at"], "at")) <= 200, "at is too long")
    log = read_verifier_key(value["log"], 1)
    witnesses = [read_verifier_key(text, 4) for text in listed(value["witnesses"], 1, 16, "witnesses")]
    different((witness.name for witness in witnesses), "witnesses' names")
    different((log.key, *(witness.key for witness in witnesses)), "keys of the log and its witnesses")
    return Publish(log, witnesses, whole(value["quorum"], 1, len(witnesses), "the quorum"))


def publication_time(text, entry, publish):
    """The time at which a proof shows a document (its bytes) to be public."""
    need(len(text.encode()) <= 65_536 and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), "a proof's text")
    head, origin, rest = text.partition("\n\n")
    note, _, signatures = rest.rpartition("\n\n")
    lines, checkpoint = head.split("\n"), note.split("\n")
    same(lines.pop(0), "c2sp.org/tlog-proof@v1", "the first line of a proof")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    index = int(matches("index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "", "index")[6:])
    path = [from_base64(line, "a hash") for line in lines]
    need(len(checkpoint) >= 3 and all(checkpoint) and all(len(h) == 32 for h in path), "the form of a proof")
    size = int(matches("0|[1-9][0-9]{0,15}", checkpoint[1], "SIZE"))
    need(size < 2**53, "SIZE")
    root = sha256(b"\0" + entry)
    need(index < size, "the leaf is not in the tree")
    leaf, last = index, size - 1
    for sibling in path:
        need(last > 0, "the path is too long")
        if leaf & 1 or leaf == last:
            root = sha256(b"\1" + sibling + root)
            while not leaf & 1 and leaf:
                leaf, last = leaf >> 1, last >> 1
        else:
            root = sha256(b"\1" + root + sibling)
        leaf, last = leaf >> 1, last >> 1
    need(last == 0, "the path is too short")
    same(from_base64(checkpoint[2], "the root"), root, "the root")
    same(checkpoint[0], publish.log.name, "ORIGIN")
    body, times, logged = f"{note}\n".encode(), {}, False
    need(signatures.endswith("\n"), "a proof does not end in a newline")
    entries = signatures[:-1].split("\n")
    need(1 <= len(entries) <= 64, "a proof has not 1 to 64 signatures")
    for line in entries:
        need(line.startswith("\u2014 ") and line.count(" ") == 2, "a signature's line")
        name, data = line[2:].split(" ")
        data = from_base64(data, "a signature")
        need(len(data) > 4, "a signature is too short")
        if (name, data[:4]) == (publish.log.name, publish.log.id):
            verify_signature(publish.log.key, data[4:], body, "the log's signature")
            logged = True
        for at, witness in enumerate(publish.witnesses):
            if (name, data[:4]) == (witness.name, witness.id):
                need(len(data) == 76, "a witness's signature")
                moment = number(data[4:12])
                need(moment < 221_845_392_000, "a witness's time")
                cosigned = f"cosignature/v1\ntime {moment}\n".encode() + body
                verify_signature(witness.key, data[12:], cosigned, "a witness's signature")
                times[at] = min(moment, times.get(at, moment))
    need(logged and len(times) >= publish.quorum, "too few signatures on a checkpoint")
    return sorted(times.values())[publish.quorum - 1]
