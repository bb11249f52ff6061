import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantedFaults } from './faults.js';

const root = join(import.meta.dirname, '../../..');

it.each(plantedFaults)('there is one place for the fault $name', ({ file, find }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
});
