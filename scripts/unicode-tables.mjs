// Writes the tables by which names are folded and judged, from the data of one version of Unicode:
// `node scripts/unicode-tables.mjs`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const data = '@unicode/unicode-15.1.0';
const file = join(import.meta.dirname, '../libs/contracts/src/text/unicode-tables.ts');

const load = async (path) => (await import(`${data}/${path}/code-points.mjs`)).default;
const category = (name) => load(`General_Category/${name}`);
const binary = (name) => load(`Binary_Property/${name}`);
const joining = (name) => load(`Joining_Type/${name}`);
const union = async (...sets) => [...new Set((await Promise.all(sets)).flat())].sort((a, b) => a - b);

/** BRAILLE PATTERN BLANK and MUSICAL SYMBOL NULL NOTEHEAD: symbols by their category, and nothing to see. */
const blank = [0x2800, 0x1d159];
/** Signs that stand around digits: by their category formats, and seen. */
const seen = new Set(await binary('Prepended_Concatenation_Mark'));
const formats = (await category('Format')).filter((codePoint) => !seen.has(codePoint));

/** What ArabicShaping.txt does not list is transparent if it is a mark or a format. */
const listed = new Set(
  await union(...['Non_Joining', 'Join_Causing', 'Dual_Joining', 'Left_Joining', 'Right_Joining'].map(joining)),
);
const unlisted = await union(category('Nonspacing_Mark'), category('Enclosing_Mark'), category('Format'));
const transparent = await union(
  joining('Transparent'),
  unlisted.filter((codePoint) => !listed.has(codePoint)),
);

const folding = new Map([...(await load('Case_Folding/C')), ...(await load('Case_Folding/F'))]);

const tables = {
  unassigned: ['General_Category=Unassigned', await category('Unassigned')],
  hidden: [
    'What shows nothing or changes how the rest is shown: controls, line ends, formats, default ignorables, blanks',
    await union(
      category('Control'),
      category('Surrogate'),
      category('Line_Separator'),
      category('Paragraph_Separator'),
      formats,
      binary('Default_Ignorable_Code_Point'),
      binary('Bidi_Control'),
      binary('Noncharacter_Code_Point'),
      blank,
    ),
  ],
  // Grapheme_Link is derived from Canonical_Combining_Class=Virama, and from nothing else
  virama: ['Canonical_Combining_Class=Virama', await binary('Grapheme_Link')],
  joiningToNext: [
    'Joining_Type=Left_Joining or Dual_Joining',
    await union(joining('Left_Joining'), joining('Dual_Joining')),
  ],
  joiningToLast: [
    'Joining_Type=Right_Joining or Dual_Joining',
    await union(joining('Right_Joining'), joining('Dual_Joining')),
  ],
  transparent: ['Joining_Type=Transparent', transparent],
};

const hex = (codePoint) => codePoint.toString(16);

function ranges(codePoints) {
  const found = [];
  for (const codePoint of codePoints) {
    const last = found.at(-1);
    if (last?.[1] === codePoint - 1) last[1] = codePoint;
    else found.push([codePoint, codePoint]);
  }
  return found.map(([first, last]) => (first === last ? hex(first) : `${hex(first)}-${hex(last)}`));
}

/** In lines, as a template literal. */
function literal(words) {
  const lines = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= 120) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return `\`\n${lines.join('\n')}\n\``;
}

const folds = [...folding]
  .sort(([a], [b]) => a - b)
  .map(([from, to]) => `${hex(from)}>${[to].flat().map(hex).join('+')}`);

writeFileSync(
  file,
  `// Made from ${data} by \`node scripts/unicode-tables.mjs\`. Code points in hexadecimal.

/** CaseFolding.txt, statuses C and F: \`from>to+to\`. */
export const caseFolding = ${literal(folds)};
${Object.entries(tables)
  .map(([name, [what, codePoints]]) => `\n/** ${what}. */\nexport const ${name} = ${literal(ranges(codePoints))};\n`)
  .join('')}`,
);
