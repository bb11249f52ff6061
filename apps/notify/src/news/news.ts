/** On whose behalf something was done: by the account's own person, or by somebody else. */
export type By = 'person' | 'administrator' | 'operator' | 'service' | 'system';

/** An account that was locked, as administrators are told of it. */
export interface LockTold {
  readonly accountId: string;
  readonly at: string;
}

/** What a person is told. Nothing in it is personal: it is stored until it is sent. */
export type News =
  | { readonly kind: 'two-factor-enabled' }
  | { readonly kind: 'two-factor-disabled'; readonly by: By }
  | { readonly kind: 'two-factor-reset' }
  | { readonly kind: 'authenticator-added' }
  | { readonly kind: 'authenticator-removed' }
  | { readonly kind: 'backup-codes-made' }
  | { readonly kind: 'backup-code-used'; readonly left: number }
  | { readonly kind: 'browser-remembered' }
  /** A token of it came again that had been replaced: somebody may have a copy. */
  | { readonly kind: 'browser-token-reused' }
  /** `endsAt` null: an administrator ends it. */
  | { readonly kind: 'locked'; readonly endsAt: string | null }
  | { readonly kind: 'password-changed'; readonly byLink: boolean }
  | { readonly kind: 'username-or-email-changed'; readonly changed: readonly ('username' | 'email')[]; readonly by: By }
  /** To administrators, by the hour; `more`: so many others. */
  | { readonly kind: 'accounts-locked'; readonly locks: readonly LockTold[]; readonly more: number };

export type NewsOf<Kind extends News['kind']> = Extract<News, { kind: Kind }>;
