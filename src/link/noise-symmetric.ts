import { platform } from '#platform';

/** Bytes of a hash, HASHLEN of BLAKE2b. */
const HASH = 64;
const KEY = 32;
const EMPTY = new Uint8Array(0);

/** CipherState (Noise Protocol Framework, revision 34, section 5.1) with the ChaChaPoly functions of section 12.3. */
class CipherState {
  private key: Uint8Array | undefined;
  private count = 0;

  /** Takes over the key, and zeroes the previous one. */
  initializeKey(key: Uint8Array): void {
    this.key?.fill(0);
    this.key = key;
    this.count = 0;
  }

  encryptWithAd(additional: Uint8Array, plaintext: Uint8Array): Uint8Array {
    if (this.key === undefined) return plaintext;
    return platform.chaChaPoly.seal(this.key, this.nonce(), additional, plaintext);
  }

  /** Undefined if the bytes do not verify. */
  decryptWithAd(additional: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    if (this.key === undefined) return ciphertext;
    return platform.chaChaPoly.open(this.key, this.nonce(), additional, ciphertext);
  }

  destroy(): void {
    this.key?.fill(0);
  }

  /** 32 zero bits, then the count, little-endian. A handshake encrypts at most five times. */
  private nonce(): Uint8Array {
    const nonce = new Uint8Array(12);
    nonce[4] = this.count;
    this.count += 1;
    return nonce;
  }
}

/** SymmetricState (section 5.2) with BLAKE2b (section 12.4). Everything in it but `hash` is secret, and zeroed when replaced. */
export class SymmetricState {
  private readonly cipher = new CipherState();
  private chainingKey: Uint8Array;
  /** h, the hash of the handshake so far. */
  hash: Uint8Array;

  /** InitializeSymmetric. */
  constructor(protocolName: Uint8Array) {
    this.hash = new Uint8Array(HASH);
    this.hash.set(protocolName); // names here are shorter than a hash
    this.chainingKey = this.hash.slice();
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.chainingKey, input, 2);
    this.replaceKeys(chainingKey!, key!);
  }

  mixHash(data: Uint8Array): void {
    this.hash = platform.blake2b(this.hash, data);
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, hashed, key] = hkdf(this.chainingKey, input, 3);
    this.mixHash(hashed!);
    hashed!.fill(0);
    this.replaceKeys(chainingKey!, key!);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.cipher.encryptWithAd(this.hash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** Undefined if the bytes do not verify. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array | undefined {
    const plaintext = this.cipher.decryptWithAd(this.hash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Split: the initiator's sending key and the responder's, 32 bytes each. */
  split(): [Uint8Array, Uint8Array] {
    const [first, second] = hkdf(this.chainingKey, EMPTY, 2);
    return [shortened(first!), shortened(second!)];
  }

  destroy(): void {
    this.cipher.destroy();
    this.chainingKey.fill(0);
  }

  private replaceKeys(chainingKey: Uint8Array, key: Uint8Array): void {
    this.chainingKey.fill(0);
    this.chainingKey = chainingKey;
    this.cipher.initializeKey(shortened(key));
  }
}

/** HKDF (section 4.3): two or three outputs of 64 bytes. */
function hkdf(chainingKey: Uint8Array, input: Uint8Array, count: 2 | 3): Uint8Array[] {
  const temporary = platform.hmacBlake2b(chainingKey, input);
  const outputs: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    outputs.push(platform.hmacBlake2b(temporary, outputs.at(-1) ?? EMPTY, Uint8Array.of(i)));
  }
  temporary.fill(0);
  return outputs;
}

/** The first 32 bytes, since HASHLEN is 64 (section 5.2). Zeroes the whole output from which they come. */
function shortened(output: Uint8Array): Uint8Array {
  const key = output.slice(0, KEY);
  output.fill(0);
  return key;
}
