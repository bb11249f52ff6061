import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Head {
  readonly method: string;
  /** As it goes over the wire: nothing normalizes it. */
  readonly target: string;
  readonly token?: string | undefined;
  /** Added as they are, so that a name may stand twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** JSON, or whatever the headers say it is. */
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as bytes. */
export function bytesOf({ method, target, token, headers = [], body }: Head): string {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body).toString()}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Sends the bytes on a connection of their own; all that came back until so many answers, or the other side hung up. */
export async function exchange(origin: string, bytes: string, answers = 1): Promise<WireAnswer[]> {
  const socket = await open(origin);
  let received = Buffer.alloc(0);
  let parsed: WireAnswer[] = [];
  const patience = setTimeout(() => socket.destroy(new Error(`no ${answers} answers within 10 seconds`)), 10_000);
  try {
    socket.write(bytes, 'latin1');
    for await (const part of socket) {
      received = Buffer.concat([received, part as Buffer]);
      parsed = answersIn(received);
      if (parsed.length >= answers) break;
    }
  } finally {
    clearTimeout(patience);
    socket.destroy();
  }
  return parsed;
}

/** One request and its answer. */
export async function sendRaw(origin: string, head: Head): Promise<WireAnswer> {
  const [answer] = await exchange(origin, bytesOf(head));
  if (!answer) throw new Error(`${head.method} ${head.target} was not answered`);
  return answer;
}

/** Sends the whole request, then hangs up without waiting for its answer. */
export async function sendAndHangUp(origin: string, head: Head): Promise<void> {
  const socket = await open(origin);
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  await new Promise((sent) => socket.write(bytesOf(head), 'latin1', sent));
  socket.destroy();
  await closed;
}

async function open(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** The whole answers at the front of what was received. Every answer of the product tells its length, or has no body. */
function answersIn(received: Buffer): WireAnswer[] {
  const answers: WireAnswer[] = [];
  for (let at = 0; ;) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end < 0) return answers;
    const [statusLine = '', ...lines] = received.toString('latin1', at, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(statusLine.split(' ')[1]);
    const length = Number(headers['content-length'] ?? 0);
    if (received.length < end + 4 + length) return answers;
    at = end + 4 + length;
    if (status >= 200) answers.push({ status, headers, body: received.toString('utf8', end + 4, at) });
  }
}
