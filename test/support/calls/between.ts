import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy before the product, which notes what comes and can answer as one that is unavailable does. */
export class Between {
  /** Paths of the calls that came, since it was last emptied. */
  readonly came: string[] = [];
  /** So many calls are answered 503 and do not reach the product. */
  unavailable = 0;
  private readonly server = createServer((incoming, outgoing) => {
    this.came.push(incoming.url ?? '');
    if (this.unavailable > 0) {
      this.unavailable -= 1;
      outgoing.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '0' });
      outgoing.end(JSON.stringify({ status: 503, code: 'unavailable' }));
      return;
    }
    const { method, headers } = incoming;
    const forwarded = request(this.product() + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.once('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });

  constructor(private readonly product: () => string) {}

  /** Its origin. */
  async open(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
