import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import { defineConfig } from 'vite';

const here = import.meta.dirname;
/** `de` → `de-DE`: the library's own words come for the languages that have a catalogue. */
const locales = readdirSync(join(here, 'src/locales')).map((file) => {
  const { language, region } = new Intl.Locale(file.replace('.json', '')).maximize();
  return `${language}-${region}`;
});

const product = process.env.TWINLOCK_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: here,
  base: '/console/',
  plugins: [{ ...optimizeLocales.vite({ locales }), enforce: 'pre' }],
  build: {
    outDir: join(here, '../../dist/console'),
    emptyOutDir: true,
    // data: URLs are for QR codes alone
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    // the product takes calls from pages of its own origin alone
    proxy: { '/console/api': { target: product, headers: { origin: product } }, '/health': product },
  },
});
