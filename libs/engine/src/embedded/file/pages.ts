/**
 * As much of LMDB's file format as tells how long a data file must be (LMDB 1.0, data version 2: mdb.c of lmdb-js).
 * All numbers are little-endian.
 */

/** Before what a page holds: page number 8, transaction 8, padding 2, flags 2, lower 2, upper 2. */
const PAGE_HEADER = 24;
const FLAGS = 18;
const LOWER = 20;
const BRANCH = 0x01;
const LEAF = 0x02;
const META = 0x08;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** In a node's flags: the data stands on pages of its own. */
const BIG_DATA = 0x01;
const NODE_HEADER = 8;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const MAX_DEPTH = 32;

/** What the newest transaction left, from one of the two first pages. */
export interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  /** Number of the last page that was ever used. */
  readonly lastPage: number;
  /** Of the tree of free pages. */
  readonly freeRoot: number | undefined;
}

export const META_BYTES = PAGE_HEADER + 144;

/** Undefined when these bytes are no meta page of a data file that this release reads. */
export function readMeta(page: Buffer): Meta | undefined {
  if (page.length < META_BYTES || (page.readUInt16LE(FLAGS) & META) === 0) return undefined;
  const meta = page.subarray(PAGE_HEADER);
  if (meta.readUInt32LE(0) !== MAGIC || (meta.readUInt32LE(4) & 0xffff) !== VERSION) return undefined;
  // 8: address, 16: size of the map, 24 and 72: the trees of free pages and of data, each with its root at 40.
  const pageSize = meta.readUInt32LE(24);
  const freeRoot = meta.readBigUInt64LE(24 + 40);
  return {
    pageSize,
    lastPage: Number(meta.readBigUInt64LE(120)),
    transaction: meta.readBigUInt64LE(128),
    freeRoot: freeRoot === NO_PAGE ? undefined : Number(freeRoot),
  };
}

/** Undefined when the page is not in the file. */
export type ReadPages = (first: number, count: number) => Buffer | undefined;

/** Thrown by `freePages` where the tree leads to what is not there. */
export class BrokenTree extends Error {
  override readonly name = 'BrokenTree';
}

/** Blocks of pages that nothing uses, from the tree of free pages. */
export function* freePages(root: number, read: ReadPages, depth = 0): Generator<{ first: number; count: number }> {
  const page = read(root, 1);
  if (page === undefined || depth > MAX_DEPTH) throw new BrokenTree();
  const flags = page.readUInt16LE(FLAGS);
  const nodes = page.readUInt16LE(LOWER) >> 1;
  for (let i = 0; i < nodes; i++) {
    const node = page.subarray(PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + 2 * i));
    if ((flags & BRANCH) !== 0) yield* freePages(node.readUIntLE(0, 6), read, depth + 1);
    else if ((flags & LEAF) !== 0) yield* blocks(dataOf(node, read));
    else throw new BrokenTree();
  }
}

/** A node: size of the data 4, flags 2, size of the key 2, key, data. */
function dataOf(node: Buffer, read: ReadPages): Buffer {
  const size = node.readUInt32LE(0);
  const start = NODE_HEADER + node.readUInt16LE(6);
  if ((node.readUInt16LE(4) & BIG_DATA) === 0) return node.subarray(start, start + size);
  // First page 8, transaction 8, number of pages 8.
  const pages = read(Number(node.readBigUInt64LE(start)), Number(node.readBigUInt64LE(start + 16)));
  if (pages === undefined) throw new BrokenTree();
  return pages.subarray(PAGE_HEADER, PAGE_HEADER + size);
}

/** A list: its length, then numbers: 0 nothing, a page, or minus the length of a block and the block's first page. */
function* blocks(list: Buffer): Generator<{ first: number; count: number }> {
  const length = Number(list.readBigInt64LE(0));
  for (let i = 1; i <= length; i++) {
    const entry = Number(list.readBigInt64LE(8 * i));
    if (entry > 0) yield { first: entry, count: 1 };
    if (entry < 0) {
      i++;
      yield { first: Number(list.readBigInt64LE(8 * i)), count: -entry };
    }
  }
}
