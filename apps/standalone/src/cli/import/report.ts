import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { type Converted, conversionRefusals, type Refusal } from './formats/format.js';

const outcomes = ['created', 'exists', 'refused'] as const;
type Outcome = (typeof outcomes)[number];
type Told = Pick<Converted, 'where' | 'username'>;
type Reason = Partial<Pick<ImportResult, 'field' | 'message'>> & { readonly code?: string };

/** Between two that a terminal shows. */
const PROGRESS_MS = 200;

interface Form {
  readonly json: boolean;
  readonly dryRun: boolean;
  /** How many there were so far, while they come. */
  readonly progress: boolean;
}

/** What the operator sees: a line for each account that is not plainly created, and at the end how many there were. */
export class Report {
  readonly counts: Record<Outcome, number> = { created: 0, exists: 0, refused: 0 };
  private shownAt = 0;

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
    this.clear();
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
    this.progress();
  }

  /** What a file says could speak to the terminal: its control characters, and what turns the direction of text, are not shown. */
  private line(text: string): void {
    this.clear();
    console.log(text.replace(/\p{C}/gu, '\uFFFD'));
  }

  private progress(): void {
    const now = performance.now();
    if (!this.form.progress || now - this.shownAt < PROGRESS_MS) return;
    this.shownAt = now;
    process.stderr.write(`\r${this.done.toLocaleString('en')} accounts …`);
  }

  private clear(): void {
    if (this.form.progress && this.shownAt > 0) process.stderr.write('\r\x1b[K');
  }
}
