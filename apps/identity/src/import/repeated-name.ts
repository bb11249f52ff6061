const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * Whether an object has a member twice, of which `JSON.parse` takes the last and other programs the first (RFC 8259 §4).
 * @param json well formed
 */
export function repeatedName(json: string): boolean {
  /** The names of each object around the place that is looked at; null: an array. */
  const around: (Set<string> | null)[] = [];
  let isName = false;
  for (const [token] of json.matchAll(tokens)) {
    switch (token) {
      case '{':
        around.push(new Set());
        isName = true;
        break;
      case '[':
        around.push(null);
        isName = false;
        break;
      case '}':
      case ']':
        around.pop();
        isName = false;
        break;
      case ',':
        isName = around.at(-1) !== null;
        break;
      case ':':
        isName = false;
        break;
      default: {
        const names = isName ? around.at(-1) : undefined;
        if (!names) break;
        const name = JSON.parse(token) as string;
        if (names.has(name)) return true;
        names.add(name);
      }
    }
  }
  return false;
}
