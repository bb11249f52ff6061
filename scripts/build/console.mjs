import { join } from 'node:path';
import { filesUnder, whenChanged } from './when-changed.mjs';

/**
 * The web console's page, in `dist/console`.
 * @param {string} root of the checkout
 */
export async function buildConsole(root) {
  const source = join(root, 'apps/console');
  const files = {
    record: join(root, 'dist/.console-inputs'),
    inputs: [...filesUnder(source), join(root, 'package-lock.json'), import.meta.filename],
    outputs: [join(root, 'dist/console/index.html')],
  };
  await whenChanged(files, async () => {
    const { build } = await import('vite');
    const { NODE_ENV = 'production' } = process.env;
    // the same page whoever builds it: Jest's `test` would bring React's development build
    process.env.NODE_ENV = 'production';
    try {
      await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'error' });
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
  });
}
