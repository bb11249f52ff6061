import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { shortType } from '#test/support/events.js';

/** What one account's attempts were answered with. `lost`: sent, and not answered. */
export class Journal {
  /** Time steps whose code was answered as right. */
  readonly passedSteps: number[] = [];
  readonly passedBackupCodes: string[] = [];
  /** `attemptsLeft` of each wrong code. */
  readonly attemptsLeft: number[] = [];
  refusedAsLocked = 0;
  unlocked = 0;
  lostAttempts = 0;
  lostUnlocks = 0;

  get answered(): number {
    return this.passedSteps.length + this.passedBackupCodes.length + this.attemptsLeft.length + this.refusedAsLocked;
  }
}

const counted = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** Throws unless the account's events are what the rules allow: counts up to the limit, each step and backup code once, nothing while locked. */
export function checkAttempts(events: readonly RecordedEvent[], limit: number): void {
  let [failed, locked, lastStep] = [0, false, -1];
  let set = '';
  const used = new Set<string>();
  for (const [i, event] of events.entries()) {
    const { data } = event;
    const fail = (why: string) => new Error(`${event.account} at version ${event.streamVersion}: ${why}`);
    const type: string = shortType(event);
    if (failed === limit && !locked && type !== 'AccountLocked') throw fail(`${type} after the last failure allowed`);
    switch (type) {
      case 'AttemptFailed':
        if (locked) throw fail('an attempt was evaluated while locked');
        if (data.failedAttempts !== (failed += 1)) throw fail(`counts ${String(data.failedAttempts)}, not ${failed}`);
        break;
      case 'AccountLocked':
        if (failed !== limit || shortType(events[i - 1]!) !== 'AttemptFailed') throw fail('locked without a reason');
        locked = true;
        break;
      case 'AttemptSucceeded':
      case 'TwoFactorEnabled':
        if (locked) throw fail('an attempt was evaluated while locked');
        if (data.timeStep !== undefined) {
          if (Number(data.timeStep) <= lastStep) throw fail(`time step ${Number(data.timeStep)} for the second time`);
          lastStep = Number(data.timeStep);
        }
        if (type === 'AttemptSucceeded') failed = 0;
        break;
      case 'BackupCodesIssued':
        set = String(data.setId);
        break;
      case 'BackupCodeUsed': {
        const code = `${String(data.setId)} ${Number(data.index)}`;
        if (data.setId !== set || used.has(code)) throw fail('a backup code for the second time, or of an ended set');
        used.add(code);
        break;
      }
      case 'UserUnlocked':
        if (!locked) throw fail('unlocked without being locked');
        [failed, locked] = [0, false];
        break;
    }
  }
}

/** Throws unless everything that was answered is in the log, and nothing but it and what got no answer. */
export function checkJournal(journal: Journal, events: readonly RecordedEvent[]): void {
  const of = (type: string) => events.filter((event) => shortType(event) === type);
  const fail = (why: string) => new Error(`${events[0]?.account}: ${why}`);

  const recorded = of('AttemptSucceeded').map(({ data }) => data);
  const steps = new Set(recorded.map(({ timeStep }) => timeStep));
  for (const [step, times] of counted(journal.passedSteps)) {
    if (times > 1) throw fail(`time step ${step} passed ${times} times`);
    if (!steps.has(step)) throw fail(`time step ${step} was answered as right and is not in the log`);
  }
  if (new Set(journal.passedBackupCodes).size < journal.passedBackupCodes.length)
    throw fail('a backup code passed twice');
  if (of('BackupCodeUsed').length < journal.passedBackupCodes.length)
    throw fail('a used backup code is not in the log');

  const failures = of('AttemptFailed').map(({ data }) => Number(data.maxFailedAttempts) - Number(data.failedAttempts));
  const left = counted(failures);
  for (const [attemptsLeft, times] of counted(journal.attemptsLeft)) {
    if ((left.get(attemptsLeft) ?? 0) < times)
      throw fail(`wrong codes that left ${attemptsLeft} are missing in the log`);
  }
  const [locks, unlocks] = [of('AccountLocked').length, of('UserUnlocked').length];
  if (journal.refusedAsLocked > 0 && locks === 0) throw fail('was answered as locked, and no lock is in the log');
  if (unlocks < journal.unlocked) throw fail('an unlock is missing in the log');

  const passed = journal.passedSteps.length + journal.passedBackupCodes.length;
  if (recorded.length > passed + journal.lostAttempts) throw fail('successes that nobody sent');
  if (failures.length > journal.attemptsLeft.length + locks + journal.lostAttempts)
    throw fail('failures that nobody sent');
  if (unlocks > journal.unlocked + journal.lostUnlocks) throw fail('unlocks that nobody asked for');
}
