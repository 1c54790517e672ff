/** libsodium, in WebAssembly. */
export type Sodium = typeof import('libsodium-wrappers-sumo').default;

let loading: Promise<void> | undefined;
let loaded: Sodium | undefined;

/** Loads libsodium, once. Must have resolved before anything in group.ts or ed25519.ts runs. */
export function loadSodium(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const { default: sodium } = await import('libsodium-wrappers-sumo');
  await sodium.ready;
  loaded = sodium;
}

/** libsodium, once it has been loaded. */
export function sodium(): Sodium {
  if (loaded === undefined) throw new Error('libsodium has not been loaded');
  return loaded;
}
