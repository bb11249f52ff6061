/**
 * There is no answer of the product: whether the call was carried out, nobody knows. `timeout`: none came in time; `network`: it
 * could not be reached, or the connection broke; `not-twinlock`: something else answered, such as a proxy before it.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    readonly reason: 'timeout' | 'network' | 'not-twinlock',
    message: string,
    readonly answered: { readonly call: string; readonly requestId: string; readonly status?: number },
    options?: ErrorOptions,
  ) {
    super(`${answered.call}: ${message}`, options);
  }

  get requestId(): string {
    return this.answered.requestId;
  }
}
