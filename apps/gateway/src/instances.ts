import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createProxyServer, type ProxyServer } from 'httpxy';

/** Longer than an app takes for its slowest answer. Streams are not cut by it: their first bytes come at once, and a heartbeat after. */
const UPSTREAM_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 2_000;
const LOOK_MS = 1_000;

/** One process of an app. */
export interface Instance {
  readonly origin: string;
  readonly proxy: ProxyServer;
  /** As it said last, or as it showed since. */
  ready: boolean;
}

/** The processes of one app, any of which can serve any request. */
export class Instances {
  readonly #all: readonly Instance[];
  readonly #closing = new AbortController();
  #turn = 0;

  constructor(origins: readonly string[]) {
    this.#all = origins.map((origin) => ({ origin, proxy: proxyTo(origin), ready: true }));
    for (const instance of this.#all) void this.#watch(instance);
  }

  get known(): number {
    return this.#all.length;
  }

  /** How many are ready, as they said last. */
  get ready(): number {
    return this.#all.filter(({ ready }) => ready).length;
  }

  /** In the order to be tried: those that are ready before the others, another one first each time. */
  inTurn(): Instance[] {
    const first = this.#turn++ % this.#all.length;
    const turned = [...this.#all.slice(first), ...this.#all.slice(0, first)];
    return [...turned.filter(({ ready }) => ready), ...turned.filter(({ ready }) => !ready)];
  }

  /** Can any of them serve now? */
  async anyReady(): Promise<boolean> {
    const states = await Promise.all(this.#all.map(({ origin }) => isReady(origin)));
    return states.includes(true);
  }

  close(): void {
    this.#closing.abort();
  }

  async #watch(instance: Instance): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      instance.ready = await isReady(instance.origin);
      await pause(LOOK_MS, undefined, { signal, ref: false }).catch(() => 'closing');
    }
  }
}

function proxyTo(origin: string): ProxyServer {
  const agent = origin.startsWith('http:') ? new Agent({ keepAlive: true }) : undefined;
  return createProxyServer({ target: origin, proxyTimeout: UPSTREAM_TIMEOUT_MS, ...(agent && { agent }) });
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/health/ready', origin), { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
