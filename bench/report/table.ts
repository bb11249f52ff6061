/** Columns as wide as they need to be; the first is text, the others are set to the right. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('   ')}`;
  const [head = [], ...body] = rows;
  const rule = `  ${widths.map((width) => '─'.repeat(width)).join('   ')}`;
  return [line(head), rule, ...body.map(line)].map((text) => text.trimEnd()).join('\n');
}
