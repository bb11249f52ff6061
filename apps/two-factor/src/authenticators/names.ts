import { Injectable } from '@nestjs/common';
import type { AuthenticatorPerson } from '#libs/contracts/src/events/two-factor.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { AuthenticatorName } from '../second-factor/state.js';

/** The border where names of authenticators are opened, for the person whose they are (R42). */
@Injectable()
export class AuthenticatorNames {
  constructor(private readonly keys: PersonalKeys) {}

  /** In this order; undefined where there is no name, or its key was destroyed. @throws StoreUnavailable */
  async open(portal: string, names: readonly AuthenticatorName[]): Promise<(string | undefined)[]> {
    const there = names.filter((name) => name !== null);
    if (there.length === 0) return names.map(() => undefined);
    const opened = (await this.keys.open(portal, there)).values();
    return names.map((name) => {
      const text = name && opened.next().value;
      return text ? (JSON.parse(text) as AuthenticatorPerson).authenticatorName : undefined;
    });
  }
}
