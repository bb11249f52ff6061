import { styled } from './output.js';

/** Between two that a terminal shows. */
const PROGRESS_MS = 200;
const WIDTH = 24;

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far long work is: one line on standard error, and only on a terminal. */
export class Progress {
  private shownAt = -Infinity;
  private shown = false;

  constructor(private readonly stream: Stream = process.stderr) {}

  /** @param part from 0 to 1; absent where nobody knows the whole */
  at(text: string, part?: number): void {
    const now = performance.now();
    if (!this.stream.isTTY || now - this.shownAt < PROGRESS_MS) return;
    this.shownAt = now;
    this.shown = true;
    this.stream.write(`\r\x1b[K${part === undefined ? '' : `${bar(part)} `}${text} …`);
  }

  /** Makes room for a line. */
  clear(): void {
    if (this.shown) this.stream.write('\r\x1b[K');
    this.shown = false;
    this.shownAt = -Infinity;
  }
}

export function bar(part: number): string {
  const share = Math.min(1, Math.max(0, part));
  const full = Math.round(share * WIDTH);
  const filled = styled('█'.repeat(full), 'green', process.stderr);
  return `${filled}${'░'.repeat(WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}
