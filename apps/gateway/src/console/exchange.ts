import { IncomingMessage, type OutgoingHttpHeaders, type RequestListener, ServerResponse } from 'node:http';

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** JSON; undefined: none. */
  readonly body: unknown;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Makes a call on behalf of a request, by the same connection so that the caller's address stays, and waits for its whole answer. */
export function exchange(calls: RequestListener, from: IncomingMessage, call: Call): Promise<CallAnswer> {
  const request = requestOf(from, call);
  return new Promise((done) => calls(request, new KeptResponse(request, done)));
}

function requestOf(from: IncomingMessage, { method, url, headers, body }: Call): IncomingMessage {
  const request = new IncomingMessage(from.socket);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  request.method = method;
  request.url = url;
  request.httpVersion = from.httpVersion;
  request.httpVersionMajor = from.httpVersionMajor;
  request.httpVersionMinor = from.httpVersionMinor;
  request.headers = {
    ...headers,
    ...(payload && { 'content-type': 'application/json', 'content-length': String(payload.length) }),
  };
  if (payload) request.push(payload);
  request.push(null);
  request.complete = true;
  return request;
}

/** Goes to whoever made the call instead of onto the wire. */
class KeptResponse extends ServerResponse {
  private readonly parts: Buffer[] = [];
  private ended = false;

  constructor(
    request: IncomingMessage,
    private readonly done: (answer: CallAnswer) => void,
  ) {
    super(request);
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries((rest.at(-1) ?? {}) as OutgoingHttpHeaders)) {
      if (value !== undefined) this.setHeader(name, value);
    }
    return this;
  }

  override write(part: string | Uint8Array): boolean {
    this.parts.push(Buffer.from(part as Uint8Array));
    return true;
  }

  override end(part?: unknown): this {
    if (this.ended) return this;
    this.ended = true;
    if (typeof part === 'string' || part instanceof Uint8Array) this.write(part);
    this.finished = true;
    this.done({ status: this.statusCode, headers: this.getHeaders(), body: Buffer.concat(this.parts) });
    this.emit('finish');
    this.emit('close');
    return this;
  }
}
