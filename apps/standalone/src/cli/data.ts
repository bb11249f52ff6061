import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { type EmbeddedEngine, openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { readSettings } from '#libs/platform/src/config.js';
import { oneLine } from '#libs/platform/src/process.js';

export const apps = ['identity', 'two-factor', 'admin-policy', 'audit'] as const satisfies readonly AppName[];

/** Opens the stores of DATA_DIR, and closes them whatever happens. `readOnly` may be beside a process that serves. */
export async function withStores<Result>(
  { readOnly }: { readOnly: boolean },
  work: (stores: Record<AppName, EmbeddedEngine>) => Promise<Result>,
): Promise<Result> {
  const { DATA_DIR } = readSettings(process.env);
  if (!apps.some((app) => existsSync(join(DATA_DIR, app))))
    throw new NothingThere(`DATA_DIR ${DATA_DIR} holds no data`);
  const opened: [AppName, EmbeddedEngine][] = [];
  try {
    for (const app of apps) {
      opened.push([app, await openEmbeddedEngine({ path: join(DATA_DIR, app), name: app, readOnly })]);
    }
    return await work(Object.fromEntries(opened) as Record<AppName, EmbeddedEngine>);
  } finally {
    for (const [, engine] of opened.reverse()) await engine.close();
  }
}

export class NothingThere extends Error {
  override readonly name = 'NothingThere';
}

/** Runs a tool: what the operator can mend is one line; anything wrong is exit code 1. */
export async function runTool(tool: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await tool()) ? 0 : 1;
  } catch (error) {
    const line = error instanceof NothingThere ? error.message : oneLine(error);
    if (line === undefined) throw error;
    console.error(line);
    process.exitCode = 1;
  }
}
