"""Paillier keys, their proofs, and seals (Part 5 of docs/wire.md)."""

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from documents import different
from primitives import from_base64url, members, need, number, power_modulo_square, same, stream, tagged


def read_paillier(value):
    """The modulus of a public key in JSON, and its bytes."""
    members(value, "kty n", what="a Paillier key")
    need(value["kty"] == "Paillier", "a key of another kind")
    return check_modulus(from_base64url(value["n"]))


def check_modulus(data):
    bits = 8 * len(data)
    need(3072 <= bits <= 4096 and bits % 128 == 0, "a modulus of another size")
    need(data[0] & 0x80 and data[-1] & 1, "a modulus that is even, or has fewer bits than it says")
    return data


def check_unit(value, modulus, what):
    need(0 < value < modulus and gcd(value, modulus) == 1, f"{what} is out of range, or shares a factor with N")
    return value


@lru_cache(maxsize=64)
def encrypt(n, message, randomness):
    return (1 + message * n) * power_modulo_square(randomness, n, n) % (n * n)


def key_proof_numbers(identity, modulus):
    seed, size = tagged("seal key proof", identity, modulus), len(modulus) + 16
    return [number(stream("seal key proof challenge", seed, i, size=size)) % number(modulus) for i in range(8)]


def key_proof(identity, modulus, p, q):
    """The roots that follow from the primes."""
    n = p * q
    exponents = [(prime, pow(n, -1, prime - 1)) for prime in (p, q)]
    proof, p_inverse = b"", pow(p, -1, q)
    for value in key_proof_numbers(identity, modulus):
        low, high = (pow(value, exponent, prime) for prime, exponent in exponents)
        proof += (low + p * ((high - low) * p_inverse % q)).to_bytes(len(modulus), "big")
    return proof


def product_of_primes(below):
    sieve, product = bytearray(b"\1" * below), 1
    for p in range(2, below):
        if sieve[p]:
            sieve[p * p :: p] = bytes(len(sieve[p * p :: p]))
            product *= p
    return product


SMALL_PRIMES = product_of_primes(65_536)


@lru_cache(maxsize=64)
def check_key_proof(identity, modulus, proof):
    n, size = number(check_modulus(modulus)), len(modulus)
    need(gcd(n, SMALL_PRIMES) == 1, "a small prime divides the modulus")
    need(len(proof) == 8 * size, "the key proof has not 8 roots")
    roots = [number(proof[i * size : (i + 1) * size]) for i in range(8)]
    for root, value in zip(roots, key_proof_numbers(identity, modulus)):
        check_unit(root, n, "a root")
        same(pow(root, n, n), value, "the power of a root of the key proof")


@dataclass
class Seal:
    modulus: bytes
    ciphertext: bytes
    commitment: bytes | None

    def digest(self, bits):
        commitment = () if self.commitment is None else (self.commitment,)
        return tagged("seal", bits, self.modulus, self.ciphertext, *commitment)


def read_seal(value, commits):
    members(value, "key ciphertext commitment" if commits else "key ciphertext", what="a seal")
    modulus = read_paillier(value["key"])
    ciphertext = from_base64url(value["ciphertext"], 2 * len(modulus), "a seal")
    check_unit(number(ciphertext), number(modulus) ** 2, "a seal")
    commitment = from_base64url(value["commitment"], 32, "a commitment") if commits else None
    return Seal(modulus, ciphertext, commitment)


def read_seals(terms, value):
    members(value, " ".join(terms.roles), what="seals")
    seals = {role: read_seal(value[role], terms.commits) for role in terms.roles}
    different((seal.modulus for seal in seals.values()), "moduli of the seals")
    return seals
