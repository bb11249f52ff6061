/** What LMDB can do at best: modules that are run in a process of their own. */
export const lmdb = {
  /** Conditional durable appends (`AppendsJob` → `Appended`). */
  appends: new URL('./lmdb-appends.js', import.meta.url),
  /** Reading all of a log, decoded (`ScanJob` → `Scanned`). */
  scan: new URL('./lmdb-scan.js', import.meta.url),
};
