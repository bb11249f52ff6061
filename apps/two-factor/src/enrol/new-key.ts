import QRCode from 'qrcode';
import { manualKey, otpauthUri } from '#libs/totp/src/totp.js';
import type { PortalProfile } from '#libs/contracts/src/events/admin-policy.js';
import { MAX_ISSUER } from '#libs/contracts/src/limits.js';
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

/** What stands above the codes: as the portal has it, else its display name made to fit, else `installation` (R05). */
export function issuerOf({ issuer, displayName }: PortalProfile, installation: string): string {
  return issuer ?? (asIssuer(displayName ?? '') || installation);
}

/** Without colons, cut where a character that people see ends. */
function asIssuer(name: string): string {
  let issuer = '';
  for (const { segment } of new Intl.Segmenter().segment(name.replaceAll(/[\s:：]+/g, ' ').trim())) {
    if (issuer.length + segment.length > MAX_ISSUER) break;
    issuer += segment;
  }
  return issuer.trim();
}
