import { lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { ArbiterSend } from '../../arbiter/index.ts';
import { isAddress } from '../../documents/address.ts';
import { parseJson } from '../../documents/json.ts';
import { ArbiterError, ConnectionError, errorEntry, errorTable, InputError } from '../../errors.ts';
import { isPublicAddress } from '../net/public-address.ts';

/** The most bytes of an answer, and of an error. */
const MAX_ANSWER = 1 << 20;
const MAX_ERROR = 16_384;

export interface ArbiterClientOptions {
  /**
   * Whether this side has chosen the address itself. The address in a card is chosen by the arbiter and agreed to by the other side, so it must be `https:`,
   * and nothing on this machine or in its network. Default: false.
   */
  readonly configured?: boolean;
  /** Milliseconds for everything. Default: 30,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends requests to an arbiter over HTTP. Follows no redirects. Throws InputError `ERR_USAGE` for an address that cannot be used; a request throws ArbiterError for a
 * refusal, and ConnectionError `ERR_CONNECT`.
 */
export function arbiterClient(at: string, options: ArbiterClientOptions = {}): ArbiterSend {
  const { configured = false, timeout = 30_000, signal } = options;
  const base = baseOf(at, configured);
  return async ({ kind, document }) => {
    const url = new URL(`${base.pathname.replace(/\/$/, '')}/parley/1/${kind}s`, base);
    const limit = AbortSignal.timeout(timeout);
    const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    try {
      return await answerTo(await post(url, document, configured, stop));
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason;
      if (cause instanceof ArbiterError || cause instanceof ConnectionError) throw cause;
      const why = limit.aborted ? `it did not answer within ${timeout / 1_000} s` : textOf(cause);
      throw unreached(base, why, cause);
    }
  };
}

function baseOf(at: string, configured: boolean): URL {
  const usable = configured ? /^https?:\/\//.test(at) : isAddress(at);
  const base = usable && URL.canParse(at) ? new URL(at) : undefined;
  if (
    base === undefined ||
    base.username !== '' ||
    base.password !== '' ||
    base.search !== '' ||
    base.hash !== ''
  ) {
    throw new InputError('ERR_USAGE', 'this is no address of an arbiter', {
      hint: 'it looks like https://arbiter.example/path',
    });
  }
  const host = base.hostname.replace(/^\[|\]$/g, '');
  if (!configured && isIP(host) !== 0 && !isPublicAddress(host)) throw inside(base);
  return base;
}

function post(
  url: URL,
  body: Uint8Array,
  configured: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' },
    agent: false,
    maxHeaderSize: MAX_ERROR,
    rejectUnauthorized: true,
    signal,
    ...(!configured && { lookup: publicLookup(url) }),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, options, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** Looks a name up, and fails if any of its addresses is not public: otherwise an arbiter's address could reach what is inside this network. */
function publicLookup(url: URL): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      if (found.length === 0 || !found.every(({ address }) => isPublicAddress(address))) {
        return callback(inside(url), []);
      }
      if (options.all === true) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    });
  };
}

async function answerTo(response: IncomingMessage): Promise<Uint8Array | undefined> {
  const { statusCode: status } = response;
  if (status === 200) return bytesOf(response, MAX_ANSWER);
  const body = await bytesOf(response, MAX_ERROR);
  if (status === 202) return undefined;
  const code = codeIn(body);
  if (code === undefined) throw new Error(`it answered with status ${status}`);
  // Nothing of the arbiter's own words is shown.
  throw new ArbiterError(code, `the arbiter refuses: ${errorEntry(code)!.meaning}`);
}

/** The body, read no further than allowed. */
async function bytesOf(response: IncomingMessage, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The code of an arbiter's refusal; undefined for anything else. */
function codeIn(body: Uint8Array): ArbiterError['code'] | undefined {
  let value: unknown;
  try {
    value = parseJson(body, 'the answer', MAX_ERROR);
  } catch {
    return undefined;
  }
  const code = (value as { error?: { code?: unknown } } | null)?.error?.code;
  const { codes } = errorTable.ArbiterError;
  return typeof code === 'string' && Object.hasOwn(codes, code) ? (code as ArbiterError['code']) : undefined;
}

function inside(url: URL): ConnectionError {
  return new ConnectionError(
    'ERR_CONNECT',
    `the arbiter's address ${url.host} is on this machine or in its network`,
    {
      hint: 'if that is meant, name the address yourself',
    },
  );
}

function unreached({ host }: URL, why: string, cause: unknown): ConnectionError {
  return new ConnectionError('ERR_CONNECT', `the arbiter at ${host} gives no usable answer (${why})`, {
    hint: 'try again, and mind the deadline of the dispute; a complaint can also go by file',
    cause,
  });
}

function textOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}
