/**
 * As much of LMDB's file format as tells a sound data file from a damaged one (LMDB 1.0, data version 2: `mdb.c` of
 * lmdb-js). Numbers are little-endian. Nothing here trusts what it reads: damaged pages give `undefined` or `BrokenTree`.
 */

/** Before what a page holds: its number 8, transaction 8, padding 2, flags 2, lower 2, upper 2. */
export const PAGE_HEADER = 24;
const FLAGS = 18;
const LOWER = 20;
const UPPER = 22;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** In a node's flags: its data stands on pages of its own; it is a tree; it has several values. */
const BIG_DATA = 0x01;
const SUB_TREE = 0x02;
const DUPLICATES = 0x04;
const NODE_HEADER = 8;
const TREE_BYTES = 48;
export const META_BYTES = PAGE_HEADER + 144;

export interface Tree {
  /** Undefined: it is empty. */
  readonly root: number | undefined;
  readonly depth: number;
  readonly entries: number;
}

/** What the newest transaction left, from one of the two first pages. */
export interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  /** Number of the last page that was ever used. */
  readonly lastPage: number;
  readonly free: Tree;
  readonly main: Tree;
}

/** Undefined when these bytes are no meta page of a data file that this release reads. */
export function readMeta(page: Buffer): Meta | undefined {
  if (page.length < META_BYTES || (page.readUInt16LE(FLAGS) & META) === 0) return undefined;
  const meta = page.subarray(PAGE_HEADER);
  if (meta.readUInt32LE(0) !== MAGIC || (meta.readUInt32LE(4) & 0xffff) !== VERSION) return undefined;
  const pageSize = meta.readUInt32LE(24);
  if (pageSize < 512 || pageSize > 65_536) return undefined;
  // 8: address, 16: size of the map.
  const [free, main] = [readTree(meta, 24), readTree(meta, 24 + TREE_BYTES)];
  return { pageSize, free, main, lastPage: readNumber(meta, 120), transaction: meta.readBigUInt64LE(128) };
}

/** 0: size of pages or keys, 4: flags 2, depth 2, 8: number of branch, leaf and overflow pages, entries, root. */
function readTree(bytes: Buffer, at: number): Tree {
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    root: root === NO_PAGE ? undefined : Number(root),
    depth: bytes.readUInt16LE(at + 6),
    entries: readNumber(bytes, at + 32),
  };
}

/** Pages in a row. */
export interface Block {
  readonly first: number;
  readonly count: number;
}

export type Page =
  | { readonly kind: 'branch'; readonly ordered: boolean; readonly children: readonly number[] }
  | {
      readonly kind: 'leaf';
      readonly ordered: boolean;
      readonly nodes: number;
      readonly overflows: readonly Block[];
      readonly trees: readonly Tree[];
    }
  | { readonly kind: 'overflow'; readonly count: number };

/**
 * What stands on one page; undefined when it is no page of that number.
 * @param page exactly one page
 */
export function readPage(page: Buffer, number: number): Page | undefined {
  if (readNumber(page, 0) !== number) return undefined;
  switch (page.readUInt16LE(FLAGS)) {
    case BRANCH:
      return readBranch(page);
    case LEAF:
      return readLeaf(page);
    case OVERFLOW:
      return { kind: 'overflow', count: page.readUInt32LE(LOWER) };
    default:
      return undefined;
  }
}

function readBranch(page: Buffer): Page | undefined {
  const nodes = nodesOf(page);
  if (nodes === undefined) return undefined;
  const children: number[] = [];
  for (const at of nodes) {
    if (keyEnd(page, at) > page.length) return undefined;
    children.push(page.readUIntLE(at, 6));
  }
  // The first key of a branch is never looked at.
  return { kind: 'branch', ordered: ordered(page, nodes.slice(1)), children };
}

/** Most leaves have neither, and there are many. */
const none: never[] = [];

function readLeaf(page: Buffer): Page | undefined {
  const nodes = nodesOf(page);
  if (nodes === undefined) return undefined;
  let overflows = none as Block[];
  let trees = none as Tree[];
  for (const at of nodes) {
    const data = keyEnd(page, at);
    const size = page.readUInt32LE(at);
    const flags = page.readUInt16LE(at + 4);
    if ((flags & DUPLICATES) !== 0) return undefined;
    if ((flags & BIG_DATA) !== 0) {
      if (data + 24 > page.length) return undefined;
      const count = readNumber(page, data + 16);
      if (PAGE_HEADER + size > count * page.length) return undefined;
      if (overflows === none) overflows = [];
      overflows.push({ first: readNumber(page, data), count });
    } else if (data + size > page.length) {
      return undefined;
    } else if ((flags & SUB_TREE) !== 0) {
      if (size !== TREE_BYTES) return undefined;
      if (trees === none) trees = [];
      trees.push(readTree(page, data));
    }
  }
  const leaf: Page = { kind: 'leaf', nodes: nodes.length, ordered: ordered(page, nodes), overflows, trees };
  return leaf.ordered && overflows === none && trees === none ? (plainLeaves[nodes.length] ??= leaf) : leaf;
}

/** By number of nodes. Nearly all pages are such, and all of a file's are held at once. */
const plainLeaves: Page[] = [];

/** Where the nodes of a page begin; undefined when it has room for none of that number. */
function nodesOf(page: Buffer): number[] | undefined {
  const lower = page.readUInt16LE(LOWER);
  const upper = page.readUInt16LE(UPPER);
  if (lower > upper || PAGE_HEADER + upper > page.length) return undefined;
  const nodes: number[] = [];
  for (let i = 0; i < lower >> 1; i++) {
    const at = page.readUInt16LE(PAGE_HEADER + 2 * i);
    if (at < upper || PAGE_HEADER + at + NODE_HEADER > page.length) return undefined;
    nodes.push(PAGE_HEADER + at);
  }
  return nodes;
}

/** A node: size of the data 4 (in a branch, with the flags: the child's number), flags 2, size of the key 2, key, data. */
function keyEnd(page: Buffer, at: number): number {
  return at + NODE_HEADER + page.readUInt16LE(at + 6);
}

function ordered(page: Buffer, nodes: readonly number[]): boolean {
  for (let i = 1; i < nodes.length; i++) {
    const [before, at] = [nodes[i - 1] ?? 0, nodes[i] ?? 0];
    const [end, start] = [keyEnd(page, at), at + NODE_HEADER];
    if (page.compare(page, start, end, before + NODE_HEADER, keyEnd(page, before)) >= 0) return false;
  }
  return true;
}

/** Undefined when the pages are not all in the file. */
export type ReadPages = (first: number, count: number) => Buffer | undefined;

/** Thrown where a tree leads to what is not there. */
export class BrokenTree extends Error {
  override readonly name = 'BrokenTree';
}

const MAX_DEPTH = 32;

/** Blocks of pages that nothing uses, from the tree that lists them. */
export function* freePages(root: number, read: ReadPages, depth = 1): Generator<Block> {
  const bytes = read(root, 1);
  const page = bytes && readPage(bytes, root);
  if (bytes === undefined || page === undefined || depth > MAX_DEPTH) throw new BrokenTree();
  switch (page.kind) {
    case 'branch':
      for (const child of page.children) yield* freePages(child, read, depth + 1);
      return;
    case 'leaf':
      for (const at of nodesOf(bytes) ?? []) yield* blocks(dataOf(bytes, at, read));
      return;
    case 'overflow':
      throw new BrokenTree();
  }
}

function dataOf(page: Buffer, at: number, read: ReadPages): Buffer {
  const size = page.readUInt32LE(at);
  const data = keyEnd(page, at);
  if ((page.readUInt16LE(at + 4) & BIG_DATA) === 0) return page.subarray(data, data + size);
  const pages = read(readNumber(page, data), readNumber(page, data + 16));
  if (pages === undefined) throw new BrokenTree();
  return pages.subarray(PAGE_HEADER, PAGE_HEADER + size);
}

/** Its length, then numbers: 0 for nothing, a page, or minus the length of a block before the block's first page. */
function* blocks(list: Buffer): Generator<Block> {
  const length = Number(list.readBigInt64LE(0));
  if (length < 0 || 8 * (length + 1) > list.length) throw new BrokenTree();
  for (let i = 1; i <= length; i++) {
    const entry = Number(list.readBigInt64LE(8 * i));
    if (entry > 0) {
      yield { first: entry, count: 1 };
    } else if (entry < 0) {
      if (++i > length) throw new BrokenTree();
      yield { first: Number(list.readBigInt64LE(8 * i)), count: -entry };
    }
  }
}

/** Beyond 2^53 it is wrong anyway, and stays out of every range. */
const readNumber = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
