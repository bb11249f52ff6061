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

const MAP_FULL = -30792;
const TRANSACTION_FULL = -30788;

const full = new Map([
  [27, 'the data file has reached the largest size that is allowed'],
  [28, 'no space left on the disk'],
  [122, 'the disk quota is used up'],
  [MAP_FULL, 'the map is full'],
  [TRANSACTION_FULL, 'too much was written at once'],
]);

/**
 * Nothing was written, and the driver is as it was. After any other failure of a write, a full disk's too, only a new
 * start tells what is on the disk, and has memory that the driver has not written over (see `Preallocation`).
 */
export const isPassing = (error: unknown): boolean => [MAP_FULL, TRANSACTION_FULL].includes(codeOf(error));

export function engineError(error: unknown, file: string): Error {
  if (error instanceof StoreDamaged || error instanceof StoreUnavailable || error instanceof InvalidKey) return error;
  const code = codeOf(error);
  const damaged = damage.get(code);
  if (damaged !== undefined) return new StoreDamaged(`${file} is damaged: ${damaged}`, { cause: error });
  const reason = full.get(code) ?? (error instanceof Error ? error.message : String(error));
  return new StoreUnavailable(`${file}: ${reason}`, { cause: error });
}

function codeOf(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  // The driver's number, or minus the system's where Node tells it.
  if ('code' in error && typeof error.code === 'number') return error.code;
  return 'errno' in error && typeof error.errno === 'number' ? -error.errno : 0;
}
