import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '../tokens.js';

export interface Expiring {
  readonly collection: string;
  readonly key: Key;
}

const BATCH = 500;

/** What is to be deleted when: by the time, in milliseconds, from which nobody needs it. */
@Injectable()
export class Expiries {
  private readonly records: Records<{ deletes: readonly Expiring[] }>;

  constructor(@Inject(ENGINE) private readonly engine: Pick<Engine, 'records'>) {
    this.records = engine.records('expiries');
  }

  async add(at: number, ...deletes: Expiring[]): Promise<void> {
    await this.records.put([Math.ceil(at), randomUUID()], { deletes });
  }

  /** Deletes what is due, a batch at a time; how much it was. */
  async sweep(now: number): Promise<number> {
    for (let swept = 0; ;) {
      const due = (await this.records.list({ limit: BATCH })).filter(({ key: [at] }) => Number(at) <= now);
      for (const [collection, deletes] of byCollection(due.flatMap(({ value }) => value.deletes))) {
        await this.engine.records(collection).write(deletes);
      }
      if (due.length > 0) await this.records.write(due.map(({ key }) => ({ delete: key })));
      swept += due.length;
      if (due.length < BATCH) return swept;
    }
  }
}

function byCollection(expiring: readonly Expiring[]): Map<string, { delete: Key }[]> {
  const collections = new Map<string, { delete: Key }[]>();
  for (const { collection, key } of expiring) {
    const deletes = collections.get(collection) ?? [];
    deletes.push({ delete: key });
    collections.set(collection, deletes);
  }
  return collections;
}
