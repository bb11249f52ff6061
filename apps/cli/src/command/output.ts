import type { WriteStream } from 'node:tty';

type Stream = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

/** Colours are for people at a terminal who have not said no to them (https://no-color.org). */
export const isColoured = ({ isTTY = false }: Pick<Stream, 'isTTY'>, { NO_COLOR = '', TERM }: NodeJS.ProcessEnv) =>
  isTTY && NO_COLOR === '' && TERM !== 'dumb';

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof styles;

export function styled(text: string, style: Style, stream: Stream = process.stdout): string {
  return isColoured(stream, process.env) ? `\x1b[${styles[style]}m${text}\x1b[0m` : text;
}

/** What others wrote could speak to the terminal: its control characters, and what turns the direction of text, are not shown. */
export const harmless = (text: string): string => text.replace(/[^\n\P{C}]/gu, '\uFFFD');

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Beside the answer. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** One answer: for a program whole, on a line; for people what is made of it. */
export function answer(
  value: unknown,
  { json }: { readonly json?: unknown },
  forPeople: () => string | undefined,
): void {
  if (json === true) return say(JSON.stringify(value));
  const text = forPeople();
  if (text !== undefined && text !== '') say(text);
}

/** Columns as wide as what stands in them; what is not there is a dash. */
export function table(heads: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = rows.map((row) => row.map(cell));
  const widths = heads.map((head, at) => Math.max(head.length, ...texts.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [styled(line(heads.map((head) => head.toUpperCase())), 'bold'), ...texts.map(line)].join('\n');
}

/** A member on each line. */
export function members(value: object): string {
  const rows = Object.entries(value).map(([name, member]) => [name, cell(member)] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-';
  if (Array.isArray(value)) return value.map(cell).join(', ') || '-';
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, member]) => `${name}: ${cell(member)}`)
      .join(', ');
  return harmless(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\n', ' ');
}
