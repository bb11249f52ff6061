import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { UnreadableExport } from '../format.js';

/**
 * An element by its local name, whatever its prefix: PSKC has no two of one name that differ in their namespace. Nor in case,
 * and privacyIDEA writes all of them in lower case.
 */
export class Element {
  private constructor(private readonly element: XmlElement) {}

  /**
   * Entities but XML's own five are refused, and none is expanded.
   * @throws UnreadableExport without what stands there, which the parser's own error shows
   */
  static rootOf(text: string): Element {
    try {
      const { root } = parseXml(text.trim());
      if (root !== null) return new Element(root);
    } catch {
      // cut off, nested too deep, …
    }
    throw new UnreadableExport('is no XML, or cut off');
  }

  get name(): string {
    return localName(this.element.name);
  }
  /** Without the blanks around it; undefined: there is none. */
  get text(): string | undefined {
    const text = this.element.text.trim();
    return text === '' ? undefined : text;
  }

  attribute(name: string): string | undefined {
    const found = Object.entries(this.element.attributes).find(([given]) => localName(given) === name.toLowerCase());
    return found?.[1] === '' ? undefined : found?.[1];
  }

  all(name: string): Element[] {
    return this.children.filter((child) => child.name === name.toLowerCase());
  }

  /** The first at the end of a path. */
  first(...path: readonly string[]): Element | undefined {
    const [name, ...rest] = path;
    if (name === undefined) return this;
    return this.all(name)[0]?.first(...rest);
  }

  get children(): Element[] {
    return this.element.children.flatMap((child) => (child instanceof XmlElement ? [new Element(child)] : []));
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();
