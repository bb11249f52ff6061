import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { Progress } from '../command/progress.js';
import { type Converted, conversionRefusals, type Refusal } from './formats/format.js';

const outcomes = ['created', 'exists', 'refused'] as const;
type Outcome = (typeof outcomes)[number];
type Told = Pick<Converted, 'where' | 'username'>;
type Reason = Partial<Pick<ImportResult, 'field' | 'message'>> & { readonly code?: string };

interface Form {
  readonly json: boolean;
  readonly dryRun: boolean;
  /** How much of the files was read, from 0 to 1. */
  readonly part: () => number | undefined;
}

/** What the operator sees: a line for each account that is not plainly created, and at the end how many there were. */
export class Report {
  readonly counts: Record<Outcome, number> = { created: 0, exists: 0, refused: 0 };
  private readonly progress = new Progress();

  constructor(private readonly form: Form) {}

  /** By the converter: it was not sent. */
  refused(one: Told, { field, code }: Refusal): void {
    this.outcome(one, 'refused', { field, code, message: conversionRefusals[code] });
  }

  /** By the product. */
  answered(one: Told & { readonly leftOut?: readonly string[] }, result: ImportResult): void {
    const { outcome, id, field, code, message } = result;
    this.outcome(
      one,
      outcome,
      { field, code, message },
      { id, ...(outcome === 'created' && { leftOut: one.leftOut }) },
    );
  }

  /** Accounts so far. */
  get done(): number {
    return outcomes.reduce((sum, outcome) => sum + this.counts[outcome], 0);
  }

  private get summary(): string {
    const { created, exists, refused } = this.counts;
    const [would, all] = this.form.dryRun ? ['would be ', 'Nothing was changed: '] : ['', ''];
    return `${all}${created} ${would}created, ${exists} there already, ${refused} ${would}refused`;
  }

  end(): void {
    this.progress.clear();
    if (this.form.json) console.error(this.summary);
    else console.log(this.summary);
  }

  private outcome(
    { where, username }: Told,
    outcome: Outcome,
    reason: Reason,
    more: { readonly id?: string; readonly leftOut?: readonly string[] } = {},
  ): void {
    this.counts[outcome] += 1;
    const { leftOut } = more;
    if (this.form.json) this.line(JSON.stringify({ where, username, outcome, ...reason, ...more }));
    else {
      const who = username === undefined ? where : `${where} (${username})`;
      const why = [reason.field, reason.code].filter(Boolean).join(': ');
      if (outcome === 'refused') this.line(`${who}: refused, ${why}${reason.message ? ` (${reason.message})` : ''}`);
      else if (outcome === 'exists') this.line(`${who}: is there already, and was not changed`);
      else if (leftOut !== undefined) this.line(`${who}: created without ${leftOut.join(', ')}`);
    }
    this.progress.at(`${this.done.toLocaleString('en')} accounts`, this.form.part());
  }

  /** What a file says could speak to the terminal: its control characters, and what turns the direction of text, are not shown. */
  private line(text: string): void {
    this.progress.clear();
    console.log(text.replace(/\p{C}/gu, '\uFFFD'));
  }
}
