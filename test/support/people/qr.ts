import { Resvg } from '@resvg/resvg-js';
import jsqr from 'jsqr';

/** The function itself: the package is CommonJS, and its types say otherwise. */
const readPixels = jsqr as unknown as typeof jsqr.default;

/** What a phone's camera reads from the picture, shown so many pixels wide; null when it can read nothing. */
export function readQrCode(svgDataUri: string, shownAt = 600): string | null {
  const [head = '', data = ''] = split(svgDataUri);
  const svg = head.endsWith(';base64') ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data);
  const { pixels, width, height } = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'width', value: shownAt },
  }).render();
  return readPixels(new Uint8ClampedArray(pixels), width, height)?.data ?? null;
}

function split(uri: string): [string, string] {
  const comma = uri.indexOf(',');
  return [uri.slice(0, comma), uri.slice(comma + 1)];
}
