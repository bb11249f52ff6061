import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Stack } from '#test/support/process/stack.js';
import { storeOf } from '#test/support/stored/store-file.js';

/** A copy of DATA_DIR, and the way back to it. The product must not run meanwhile. */
export class Copy {
  private readonly folder: string;

  constructor(
    private readonly stack: Stack,
    name: string,
  ) {
    this.folder = `${stack.dataDir}-${name}`;
    cpSync(stack.dataDir, this.folder, { recursive: true });
  }

  restore(): void {
    rmSync(this.stack.dataDir, { recursive: true });
    cpSync(this.folder, this.stack.dataDir, { recursive: true });
  }

  /** The store of one app alone. */
  restoreStore(app: AppName): void {
    cpSync(storeOf(this.folder, app), storeOf(this.stack.dataDir, app));
  }
}

/** Turns one bit so many bytes behind each place where the text stands in the file. @throws if it stands nowhere */
export function turnBitBehind(file: string, text: string, distance: number): void {
  const bytes = readFileSync(file);
  let places = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    const place = at + text.length + distance;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    places += 1;
  }
  if (places === 0) throw new Error(`${file} does not hold ${text}`);
  writeFileSync(file, bytes);
}

/** What the product prints when its start is refused: exit code 1, and not ended by a signal. */
export async function refusedStart(stack: Stack): Promise<string[]> {
  const before = stack.output().length;
  const refusal = await stack.start().then(
    () => 'it started',
    (error: Error) => error.message,
  );
  if (!refusal.startsWith('the product ended at its start (1)')) throw new Error(refusal);
  const lines = stack.output().slice(before).split('\n');
  // JSON lines are the log for machines
  return lines.filter((line) => line !== '' && !line.startsWith('{'));
}

/** A tool of the product, whatever it ends with. */
export async function runTool(
  stack: Stack,
  tool: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await stack.run(tool, ...args)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
