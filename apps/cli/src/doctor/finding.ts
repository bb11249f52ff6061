/** What was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly says: string;
  readonly todo?: string;
}

export const well = (check: string, says: string): Finding => ({ check, status: 'ok', says });
/** It works, and may not for long, or not as safely as it should. */
export const warning = (check: string, says: string, todo: string): Finding => ({
  check,
  status: 'warning',
  says,
  todo,
});
export const failure = (check: string, says: string, todo: string): Finding => ({
  check,
  status: 'failed',
  says,
  todo,
});
