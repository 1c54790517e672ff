import type { Channel, Listener } from '../link/channel.ts';
import type { Endpoint } from '../link/endpoint.ts';

/** How a desk reaches others. A relay needs no more than that it can be dialled. */
export interface Network {
  /** Connects to an endpoint. Throws ConnectionError `ERR_CONNECT` if nobody answers. */
  dial(endpoint: Endpoint, options?: { readonly signal?: AbortSignal }): Promise<Channel>;
  /** Waits for connections at an endpoint of this machine. Throws ConnectionError `ERR_CONNECT` if it cannot. */
  listen(endpoint: Endpoint, options?: { readonly backlog?: number }): Promise<Listener>;
  /** The endpoint under which others reach one that this machine listens at. */
  reachable(endpoint: Endpoint): Endpoint;
}
