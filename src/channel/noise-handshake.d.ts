declare module 'noise-handshake' {
  interface KeyPair {
    publicKey: Uint8Array;
    secretKey: Uint8Array;
  }

  /** Noise handshake state: 25519, ChaChaPoly, BLAKE2b. Methods throw on bytes that do not belong to the handshake. */
  export default class NoiseState {
    constructor(pattern: string, initiator: boolean, staticKeypair: KeyPair, options?: { psk?: Uint8Array });
    /** Own static and ephemeral key pair; an ephemeral set before the first message is used as it is. */
    s: KeyPair;
    e: KeyPair | null;
    /** The peer's static public key, once received. */
    rs: Uint8Array | null;
    /** The handshake hash so far, until complete; 64 bytes. */
    digest: Uint8Array | null;
    complete: boolean;
    /** After completion: the two 32-byte keys and the 64-byte handshake hash. */
    tx: Uint8Array | null;
    rx: Uint8Array | null;
    hash: Uint8Array | null;
    initialise(prologue: Uint8Array): void;
    send(payload?: Uint8Array): Uint8Array;
    recv(message: Uint8Array): Uint8Array;
  }
}

declare module 'noise-handshake/dh.js' {
  const dh: { generateKeyPair(secretKey: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } };
  export default dh;
}
