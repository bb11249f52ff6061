/** The errors of LMDB and of the operating system, in the words of the port. */
import { InvalidKey } from '../../invalid-key.js';
import { StoreDamaged, StoreUnavailable } from '../../port.js';

const damage = new Map([
  [-30797, 'a page is missing'],
  [-30796, 'a page is of the wrong kind'],
  [-30794, 'the data file has another format'],
  [-30793, 'it is not an LMDB data file'],
  [-30784, 'a collection has another format'],
  [-30779, 'its pages contradict each other'],
  [-30778, 'a page does not match its checksum'],
]);

const full = new Map([
  [27, 'the data file has reached the largest size that is allowed'],
  [28, 'no space left on the disk'],
  [122, 'the disk quota is used up'],
  [-30792, 'the map is full'],
  [-30788, 'too much was written at once'],
]);

/** Space may come back; after any other failure of a write only a new start tells what is on the disk. */
export const isFull = (error: unknown): boolean => full.has(codeOf(error));

export function engineError(error: unknown, file: string): Error {
  if (error instanceof StoreDamaged || error instanceof StoreUnavailable || error instanceof InvalidKey) return error;
  const code = codeOf(error);
  const damaged = damage.get(code);
  if (damaged !== undefined) return new StoreDamaged(`${file} is damaged: ${damaged}`, { cause: error });
  const reason = full.get(code) ?? (error instanceof Error ? error.message : String(error));
  return new StoreUnavailable(`${file}: ${reason}`, { cause: error });
}

function codeOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : 0;
}
