import { Inject, Injectable } from '@nestjs/common';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { ChainEnd } from './chain.js';

/** The end of a stream of another app's log, as it was seen here. */
export interface SeenHead extends ChainEnd {
  readonly source: SourceApp;
  readonly stream: string;
}

const PAGE = 1_000;

/**
 * The ends of all streams that were ever seen: what a log is checked against that was cut or written anew. Kept when the
 * trail is rebuilt.
 */
@Injectable()
export class SeenHeads {
  readonly #records: Records<ChainEnd>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#records = engine.records('heads');
  }

  async of(source: SourceApp, stream: string): Promise<ChainEnd | null> {
    return (await this.#records.get([source, stream])) ?? null;
  }

  async keep(heads: readonly SeenHead[]): Promise<void> {
    if (heads.length === 0) return;
    await this.#records.write(
      heads.map(({ source, stream, version, hash }) => ({ put: [source, stream], value: { version, hash } })),
    );
  }

  async *all(): AsyncGenerator<SeenHead> {
    let after: [string, string] | undefined;
    for (;;) {
      const page = await this.#records.list({ ...(after && { after }), limit: PAGE });
      for (const { key, value } of page) {
        after = [String(key[0]), String(key[1])];
        yield { source: after[0] as SourceApp, stream: after[1], ...value };
      }
      if (page.length < PAGE) return;
    }
  }
}
