// `@twinlock/client` as it is published, in `dist/client`: its modules and types with what they use of the contracts.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesUnder, whenChanged } from './when-changed.mjs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @param {string} root of the checkout, built @returns {Promise<string>} the folder of the package */
export async function buildClient(root) {
  const source = join(root, 'libs/client');
  const output = join(root, 'dist/client');
  const libs = ['client', 'contracts'].flatMap((name) => filesUnder(join(root, 'libs', name)));
  const files = {
    record: join(root, 'dist/.client-inputs'),
    inputs: [
      ...libs,
      ...['package.json', 'package-lock.json', 'LICENSE'].map((name) => join(root, name)),
      import.meta.filename,
    ],
    outputs: [join(output, 'package.json')],
  };
  await whenChanged(files, async () => {
    const manifest = readJson(join(source, 'package.json'));
    const entries = Object.entries(manifest.exports).map(([name, file]) => ({
      name,
      file: join(source, file),
      stem: file.slice('./src/'.length, -'.ts'.length),
    }));
    const missing = entries.find(({ file }) => !existsSync(file));
    if (missing) throw new Error(`the export ${missing.name} of the client has no source: ${missing.file}`);
    rmSync(output, { recursive: true, force: true });
    mkdirSync(output, { recursive: true });
    await modulesOf(root, entries, join(output, 'dist'));
    await typesOf(root, entries, join(output, 'dist/types'));
    for (const [from, name] of [
      [source, 'README.md'],
      [root, 'LICENSE'],
    ])
      cpSync(join(from, name), join(output, name));
    writeFileSync(join(output, 'package.json'), `${JSON.stringify(published(root, manifest, entries), null, 2)}\n`);
  });
  return output;
}

async function modulesOf(root, entries, dir) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: root,
    platform: 'neutral',
    input: Object.fromEntries(entries.map(({ stem, file }) => [stem, file])),
    external: /^[^.#/]/,
    treeshake: { moduleSideEffects: false },
    resolve: { alias: { '#libs': join(root, 'libs') }, extensionAlias: { '.js': ['.ts', '.js'] } },
  });
  await bundle.write({ dir, format: 'esm', chunkFileNames: 'shared/[name].js' });
  await bundle.close();
}

/** What the compiler says of the sources, with paths in place of the names that only this repository knows. */
async function typesOf(root, entries, dir) {
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      ...options,
      incremental: false,
      tsBuildInfoFile: undefined,
      sourceMap: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'libs'),
      outDir: dir,
    },
  );
  program.emit(undefined, (file, text) => {
    const toLibs = relative(dirname(file), dir) || '.';
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replace(/(['"])#libs\//g, `$1${toLibs.startsWith('.') ? toLibs : `./${toLibs}`}/`));
  });
}

/** The version is the product's, and those of what it needs are the ones that it is tested with. */
function published(root, manifest, entries) {
  const product = readJson(join(root, 'package.json'));
  return {
    ...manifest,
    version: product.version,
    exports: Object.fromEntries(
      entries.map(({ name, stem }) => [
        name,
        { types: `./dist/types/client/src/${stem}.d.ts`, default: `./dist/${stem}.js` },
      ]),
    ),
    dependencies: Object.fromEntries(
      Object.keys(manifest.dependencies).map((name) => [name, product.dependencies[name]]),
    ),
  };
}

if (process.argv[1] === import.meta.filename) {
  await buildClient(join(import.meta.dirname, '../..')).then(console.log, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
