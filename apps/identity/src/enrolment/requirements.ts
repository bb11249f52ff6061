import { Inject, Injectable } from '@nestjs/common';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { type Adopted, adoptFact } from '#libs/messaging/src/adopting/facts.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';

export const REQUIREMENTS = 'enrolment-requirements';

interface Marked {
  readonly portal: string;
  readonly enrolmentRequired?: true;
}

interface Facts {
  /** 2FA is on, and required. */
  readonly setting?: Adopted<boolean>;
  readonly addOn?: Adopted<boolean>;
}

/** Which portals require 2FA (R37), adopted from admin-policy. */
@Injectable()
export class Requirements {
  private readonly records: Records<Facts>;

  constructor(
    @Inject(ENGINE) engine: Pick<Engine, 'records'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.records = engine.records(REQUIREMENTS);
  }

  /** No portal could turn 2FA on without the add-on: what is not known of it was not taken away. */
  async actsIn(portal: string): Promise<boolean> {
    const facts = await this.records.get([portal]);
    return facts?.setting?.fact === true && facts.addOn?.fact !== false;
  }

  /** Known to require none. A limited session stays limited until this is known: so it does on an instance that has adopted nothing. */
  async knownNotToActIn(portal: string): Promise<boolean> {
    const facts = await this.records.get([portal]);
    return facts?.setting?.fact === false || facts?.addOn?.fact === false;
  }

  /** Whether a session can only set up 2FA: until the mark is taken from it, or the portal is known to require nothing of the account. */
  async limit({ enrolmentRequired, portal }: Marked, type: AccountType): Promise<boolean> {
    return enrolmentRequired === true && type === 'contributor' && !(await this.knownNotToActIn(portal));
  }

  /** The time by which accounts of the portal are due, milliseconds; null: none is. */
  async dueAt(portal: string): Promise<number | null> {
    return (await this.actsIn(portal)) ? this.clock() : null;
  }

  async adopt(portal: string, name: keyof Facts, version: number, fact: boolean): Promise<void> {
    await adoptFact(this.records, [portal], name, { fact, version });
  }
}
