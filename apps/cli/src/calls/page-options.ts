import type { Option } from 'commander';
import { option } from '../command/leaf.js';

export const pageOptions = (): Option[] => [
  option('--limit <number>', 'so many at most, 1 to 200; 50 unless told'),
  option('--after <next>', 'goes on where a page ended, by the `next` that it had'),
  option('--all', 'all of them, page after page'),
];
