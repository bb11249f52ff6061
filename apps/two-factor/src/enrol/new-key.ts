import QRCode from 'qrcode';
import { manualKey, otpauthUri } from '#libs/totp/src/totp.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';

/** Shown once, to the user alone (R05). */
export interface KeyShown {
  readonly otpauthUri: string;
  readonly manualKey: string;
  /** SVG data URI. */
  readonly qrCode: string;
}

/** How a secret is shown: as a QR code of its key URI, and as a key to type in. */
export async function showKey(
  secret: Buffer,
  issuer: string,
  { portal }: AccountRef,
  username: string,
): Promise<KeyShown> {
  const uri = otpauthUri({ issuer, account: `${username}@${portal}`, secret });
  const svg = await QRCode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M' });
  return {
    otpauthUri: uri,
    manualKey: manualKey(secret),
    qrCode: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
  };
}
