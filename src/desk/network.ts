import type { ArbiterSend } from '../arbiter/index.ts';
import type { Channel, Listener } from '../link/channel.ts';
import type { Endpoint } from '../link/endpoint.ts';

/** How a desk reaches others. A relay only has to be dialled. */
export interface Network {
  /** Connects to an endpoint. Throws ConnectionError `ERR_CONNECT` if nobody answers. */
  dial(endpoint: Endpoint, options?: { readonly signal?: AbortSignal }): Promise<Channel>;
  /** Waits for connections at an endpoint of this machine. Throws ConnectionError `ERR_CONNECT` if it cannot. */
  listen(endpoint: Endpoint, options?: { readonly backlog?: number }): Promise<Listener>;
  /** The endpoint under which others reach an endpoint at which this machine listens. */
  reachable(endpoint: Endpoint): Endpoint;
  /**
   * Sends requests to an arbiter whose card names this address, or none. Undefined if it cannot be reached from here: then a person has to turn to it, as without
   * this method.
   */
  arbiter?(at: string | undefined, options?: { readonly signal?: AbortSignal }): ArbiterSend | undefined;
}
