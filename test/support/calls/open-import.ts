import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { importResult, type ImportResult } from '#libs/contracts/src/http/import.js';

interface Importing {
  readonly origin: string;
  readonly operatorToken: string;
}

/** An import whose lines are sent, and whose answers are read, one at a time. */
export class OpenImport {
  private rest = '';
  private readonly outgoing: ClientRequest;
  private readonly response: Promise<IncomingMessage>;
  private readonly incoming: Promise<AsyncIterator<Buffer>>;

  constructor({ origin, operatorToken }: Importing, portal: string) {
    this.outgoing = request(`${origin}/v1/portals/${portal}/import`, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/x-ndjson' },
    });
    this.response = new Promise((resolve, reject) => {
      this.outgoing.once('response', resolve);
      this.outgoing.once('error', reject);
    });
    this.incoming = this.response.then(
      (message) => message.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<Buffer>,
    );
    this.incoming.catch(() => undefined);
    // the answers end with an error of their own
    this.outgoing.on('error', () => undefined);
    this.outgoing.flushHeaders();
  }

  /** False: the other side takes no more for now. */
  send(...lines: readonly unknown[]): boolean {
    return this.outgoing.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  write(text: string): boolean {
    return this.outgoing.write(text);
  }

  /** Rejects when the connection was cut before. */
  async status(): Promise<number | undefined> {
    return (await this.response).statusCode;
  }

  end(): void {
    this.outgoing.end();
  }

  hangUp(): void {
    this.outgoing.destroy();
  }

  /** The next answer; null: there is none any more. Rejects when the connection was cut. */
  async next(): Promise<ImportResult | null> {
    const answers = await this.incoming;
    for (;;) {
      const end = this.rest.indexOf('\n');
      if (end >= 0) {
        const line = this.rest.slice(0, end);
        this.rest = this.rest.slice(end + 1);
        return importResult.parse(JSON.parse(line));
      }
      const { done, value } = await answers.next();
      if (done) return null;
      this.rest += String(value);
    }
  }
}
