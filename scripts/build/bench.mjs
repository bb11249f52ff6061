// The benchmarks, in `dist/bench`: a project of their own, each file by itself. `npm run lint` checks its types.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesUnder, whenChanged } from './when-changed.mjs';

/** @param {string} root of the checkout */
export async function buildBench(root) {
  const source = join(root, 'bench');
  const output = join(root, 'dist/bench');
  const sources = filesUnder(source).filter((file) => file.endsWith('.ts'));
  const files = {
    record: join(root, 'dist/.bench-inputs'),
    inputs: [...sources, join(root, 'tsconfig.json'), join(root, 'package-lock.json'), import.meta.filename],
    outputs: [join(output, 'bench.js')],
  };
  await whenChanged(files, async () => {
    const { default: ts } = await import('typescript');
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const compilerOptions = { ...config.compilerOptions, module: 'esnext', sourceMap: false };
    rmSync(output, { recursive: true, force: true });
    for (const file of sources) {
      const built = join(output, relative(source, file)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(built), { recursive: true });
      writeFileSync(built, ts.transpile(readFileSync(file, 'utf8'), compilerOptions, file));
    }
  });
}

if (process.argv[1] === import.meta.filename) await buildBench(join(import.meta.dirname, '../..'));
