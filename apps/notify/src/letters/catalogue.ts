import type { News } from '../news/news.js';

/** News as it is told: with the names that it needs. */
export type Told = Exclude<News, { kind: 'accounts-locked' }> | LocksTold | LinkTold;

/** `name` null: the account has no name any more. */
export interface LocksTold {
  readonly kind: 'accounts-locked';
  readonly locks: readonly { readonly name: string | null; readonly at: string }[];
  readonly more: number;
}
/** A link by which a person sets a password (R43): the one link that a mail has. */
export interface LinkTold {
  readonly kind: 'password-link';
  readonly url: string;
  readonly expiresAt: string;
}
export type ToldOf<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

export interface About {
  /** The portal's name, or its id, in quotation marks. */
  readonly portal: string;
  /** In quotation marks. */
  readonly username: string;
  /** A moment, for people. */
  readonly time: (iso: string) => string;
}

export interface Said {
  readonly subject: string;
  /** Paragraphs, of one line or several. */
  readonly body: readonly (string | readonly string[])[];
}

/** All texts of one language. */
export interface Catalogue {
  readonly quoted: (text: string) => string;
  readonly greeting: (name: string) => string;
  readonly when: (time: string) => string;
  /** Of one or both: an address, and a browser and a system as they call themselves. */
  readonly from: (address: string | undefined, agent: string | undefined) => string;
  readonly on: (browser: string, system: string) => string;
  /** What to do if it was not the person. */
  readonly ifNotYou: (supportContact: string | null) => string;
  readonly isLast: string;
  readonly signature: (portal: string) => string;
  readonly says: { readonly [Kind in Told['kind']]: (told: ToldOf<Kind>, about: About) => Said };
}
