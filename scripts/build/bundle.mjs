// What is served: each app with its libraries in a few files, which Node loads in half the time of a thousand.
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, whenChanged } from './when-changed.mjs';

/** Native, or loaded by those alone who have a Kafka or a MongoDB. */
const asTheyAre = [
  'lmdb',
  'oidc-provider',
  'fs-native-extensions',
  '@node-rs/argon2',
  '@node-rs/bcrypt',
  'kafkajs',
  'mongoose',
];
/** So that the maps of the bundles lead to the sources, past what the compiler made of them. */
const compilersMaps = {
  name: "the compiler's source maps",
  load(id) {
    const map = `${id}.map`;
    if (!id.includes('node_modules') && existsSync(map))
      return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(map, 'utf8')) };
  },
};
/** The command line is called by the name of the product. */
const nameOf = (app) => (app === 'cli' ? 'twinlock' : app);

/**
 * `dist/bin/<app>.js` of what was compiled to `dist/apps/<app>/src/main.js`; of the command line `dist/bin/twinlock.js`.
 * @param {string} root of the checkout
 */
export async function bundleApps(root) {
  const apps = readdirSync(join(root, 'dist/apps'));
  const output = join(root, 'dist/bin');
  const files = {
    record: join(root, 'dist/.bin-inputs'),
    inputs: [
      ...['apps', 'libs'].flatMap((folder) => filesUnder(join(root, 'dist', folder))),
      join(root, 'package-lock.json'),
      import.meta.filename,
    ],
    outputs: [output],
  };
  await whenChanged(files, async () => {
    const { rolldown } = await import('rolldown');
    const bundle = await rolldown({
      cwd: root,
      platform: 'node',
      input: Object.fromEntries(apps.map((app) => [nameOf(app), join(root, 'dist/apps', app, 'src/main.js')])),
      external: (id) => asTheyAre.some((name) => id === name || id.startsWith(`${name}/`)),
      plugins: [compilersMaps],
      onLog: (level, log, tell) => {
        // Nest asks for what is not installed, to see whether it is
        if (log.code !== 'UNRESOLVED_IMPORT' || !log.id?.includes('node_modules')) tell(level, log);
      },
    });
    await bundle.write({
      dir: output,
      format: 'esm',
      sourcemap: true,
      sourcemapExcludeSources: true,
      cleanDir: true,
      chunkFileNames: 'shared/[name].js',
    });
    await bundle.close();
    chmodSync(join(output, 'twinlock.js'), 0o755);
  });
}

if (process.argv[1] === import.meta.filename) await bundleApps(join(import.meta.dirname, '../..'));
