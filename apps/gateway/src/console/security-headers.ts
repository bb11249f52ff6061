import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Nothing but this origin's own files, and pictures that the page itself makes; nothing inline. */
const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
});
/** Helmet has none for it. */
const PERMISSIONS = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()';

export function secure(request: IncomingMessage, response: ServerResponse, done: (error?: unknown) => void): void {
  response.setHeader('permissions-policy', PERMISSIONS);
  setHeaders(request, response, done);
}
