import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as http } from 'node:http';
import { request as https } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NDJSON } from '#libs/contracts/src/http/endpoint.js';
import { type ImportResult, importResult } from '#libs/contracts/src/http/import.js';
import { linesOf } from './lines.js';

/** Nothing comes for so long: the product, or the way to it, is gone. */
const SILENCE_MS = 120_000;
export const PAGE = 200;
/** Of an answer that is no success. */
const MOST_ANSWER_CHARACTERS = 65_536;

/** What the product answers instead of outcomes, or that nothing more can be heard of it. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
}

/** The calls of the operator at a product. */
export class Product {
  constructor(
    private readonly origin: URL,
    private readonly token: string,
  ) {}

  /** Ids, so many as one page has. @throws ImportStopped */
  async portals(): Promise<readonly string[]> {
    const request = this.request('GET', `/v1/portals?limit=${PAGE}`);
    request.end();
    const text = await textOf(await this.answerOf(request));
    const { portals } = JSON.parse(text) as { portals: { id: string }[] };
    return portals.map(({ id }) => id);
  }

  /**
   * Sends lines and answers with what became of each, side by side.
   * @throws ImportStopped; what the lines throw
   */
  async *import(portal: string, dryRun: boolean, lines: AsyncIterable<string>): AsyncGenerator<ImportResult, void> {
    const request = this.request('POST', `/v1/portals/${portal}/import?dryRun=${dryRun}`);
    // an export that cannot be read on ends the connection, and is the cause
    const cause: unknown[] = [];
    const sending = pipeline(Readable.from(ended(lines, cause)), request).catch(() => 'the answer says it');
    try {
      const answer = await this.answerOf(request);
      for await (const line of linesOf(answer)) yield importResult.parse(JSON.parse(line));
    } catch (error) {
      throw cause[0] instanceof Error ? cause[0] : stoppedBy(error);
    } finally {
      request.destroy();
      await sending;
    }
  }

  private request(method: 'GET' | 'POST', path: string): ClientRequest {
    const headers = { authorization: `Bearer ${this.token}`, ...(method === 'POST' && { 'content-type': NDJSON }) };
    const send = this.origin.protocol === 'https:' ? https : http;
    const request = send(new URL(path, this.origin), { method, headers });
    return request.setTimeout(SILENCE_MS, () => request.destroy(new Error('nothing came for two minutes')));
  }

  /** @throws ImportStopped no success */
  private async answerOf(request: ClientRequest): Promise<IncomingMessage> {
    try {
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      if (answer.statusCode === 200) return answer;
      throw new ImportStopped(refusalIn(await textOf(answer), answer.statusCode));
    } catch (error) {
      throw stoppedBy(error, `no answer from ${this.origin.origin}`);
    }
  }
}

async function* ended(lines: AsyncIterable<string>, thrown: unknown[]): AsyncGenerator<string, void> {
  try {
    for await (const line of lines) yield `${line}\n`;
  } catch (error) {
    thrown.push(error);
    throw error;
  }
}

function stoppedBy(error: unknown, what = 'the connection ended'): Error {
  if (error instanceof ImportStopped) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new ImportStopped(`${what} (${code ?? message})`);
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk as string;
    if (answer.statusCode !== 200 && text.length > MOST_ANSWER_CHARACTERS) break;
  }
  return text;
}

/** An error of the product says what is wrong; a proxy before it has its own. */
function refusalIn(text: string, status: number | undefined): string {
  try {
    const { code, detail, title } = JSON.parse(text) as Record<string, unknown>;
    if (typeof code === 'string') return `${status} ${code}: ${String(detail ?? title)}`;
  } catch {
    // not by the product
  }
  return `the answer is ${status}`;
}
