import { BrokenTree, freePages, type Meta, type Page, readPage, type ReadPages, type Tree } from './pages.js';

/** Pages that are read at once: a quarter of a megabyte. */
const STEP = 64;
/** Pages of the trees, or blocks of free ones, between two turns. */
const WALKED = 1024;

/**
 * Walks everything that the newest transaction can reach. LMDB itself trusts its pages: on a damaged one it aborts the
 * process or reads beyond its memory. The file is read once from begin to end. Yields where others may have a turn.
 * @throws BrokenTree
 */
export function* checkStructure(meta: Meta, pagesThere: number, read: ReadPages): Generator<void> {
  const pages = yield* readAll(meta, pagesThere, read);
  const used = new Uint8Array(pages.length);
  let walked = 0;
  const use = (number: number): Page => {
    const page = pages[number];
    if (page === undefined || used[number] === 1) throw new BrokenTree();
    used[number] = 1;
    return page;
  };

  /** @returns number of entries */
  function* walk(number: number, depth: number, sorted: boolean): Generator<void, number> {
    if (++walked % WALKED === 0) yield;
    const page = use(number);
    if (page.kind === 'overflow' || (page.kind === 'leaf') !== (depth === 1) || (sorted && !page.ordered)) {
      throw new BrokenTree();
    }
    if (page.kind === 'branch') {
      if (page.children.length === 0) throw new BrokenTree();
      let entries = 0;
      for (const child of page.children) entries += yield* walk(child, depth - 1, sorted);
      return entries;
    }
    for (const { first, count } of page.overflows) {
      const overflow = use(first);
      if (overflow.kind !== 'overflow' || overflow.count !== count || first + count > pagesThere)
        throw new BrokenTree();
      for (let rest = first + 1; rest < first + count; rest++) {
        if (used[rest] === 1) throw new BrokenTree();
        used[rest] = 1;
      }
    }
    for (const tree of page.trees) yield* walkTree(tree, true);
    return page.nodes;
  }
  function* walkTree({ root, depth, entries }: Tree, sorted: boolean): Generator<void> {
    const found = root === undefined ? 0 : yield* walk(root, depth, sorted);
    if (found !== entries) throw new BrokenTree();
  }

  yield* walkTree(meta.main, true);
  // Its keys are numbers with the low byte first.
  yield* walkTree(meta.free, false);
  if (meta.free.root === undefined) return;
  for (const { first, count } of freePages(meta.free.root, read)) {
    if (++walked % WALKED === 0) yield;
    if (first < 2 || first + count > meta.lastPage + 1) throw new BrokenTree();
    for (let page = first; page < first + count; page++) if (used[page] === 1) throw new BrokenTree();
  }
}

/** Each page that could be part of a tree, by number. Pages that are free hold what they held before. */
function* readAll(meta: Meta, pagesThere: number, read: ReadPages): Generator<void, (Page | undefined)[]> {
  const end = Math.min(pagesThere, meta.lastPage + 1);
  const pages = new Array<Page | undefined>(end);
  for (let first = 2; first < end; first += STEP) {
    const count = Math.min(STEP, end - first);
    const bytes = read(first, count);
    if (bytes === undefined) throw new BrokenTree();
    for (let i = 0; i < count; i++) {
      const page = bytes.subarray(i * meta.pageSize, (i + 1) * meta.pageSize);
      pages[first + i] = readPage(page, first + i);
    }
    yield;
  }
  return pages;
}
