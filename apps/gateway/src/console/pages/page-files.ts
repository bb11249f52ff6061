import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What the page is built of. A file of another kind is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
const compressible = /^(text\/|application\/|image\/svg)/;

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Its name holds a hash of its content. */
  readonly lasting: boolean;
  /** Undefined: not worth it. */
  readonly gzipped?: () => Promise<Buffer>;
}

export interface PageFiles {
  /** `assets/index-Cx2.js`; a path that names no file is a screen of the page, save under `assets/`. */
  find(path: string): PageFile | undefined;
}

/**
 * Read once and kept: a build made while this process serves does not mix its files with those of the page that people
 * have open. Null: the page is not built.
 */
export function readPageFiles(folder: string): PageFiles | null {
  const files = new Map<string, PageFile>();
  for (const path of pathsIn(folder)) {
    const type = types[extname(path)];
    if (type !== undefined) files.set(path, fileOf(path, type, readFileSync(join(folder, path))));
  }
  const index = files.get('index.html');
  if (index === undefined) return null;
  return { find: (path) => files.get(path) ?? (path.startsWith('assets/') ? undefined : index) };
}

function pathsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function fileOf(path: string, type: string, body: Buffer): PageFile {
  let zipped: Promise<Buffer> | undefined;
  const gzipped = () => (zipped ??= promisify(gzip)(body));
  return {
    type,
    body,
    lasting: path.startsWith('assets/'),
    ...(compressible.test(type) && body.length > 1024 && { gzipped }),
  };
}
