import { writeFileSync } from 'node:fs';

/** Writes to `TWINLOCK_STAGES_FILE` what came of each stage as JSON: counts, the minutes of its files added up, when it began and ended. */
export default class StagesReporter {
  #stages = {};

  onTestResult(
    { context },
    { numPassingTests, numFailingTests, numPendingTests, numTodoTests, testExecError, perfStats },
  ) {
    const stage = (this.#stages[context.config.displayName.name] ??= {
      passed: 0,
      failed: 0,
      skipped: 0,
      workMs: 0,
      begin: Infinity,
      end: 0,
    });
    stage.passed += numPassingTests;
    stage.failed += numFailingTests + (testExecError && numFailingTests === 0 ? 1 : 0);
    stage.skipped += numPendingTests + numTodoTests;
    stage.workMs += perfStats.end - perfStats.start;
    stage.begin = Math.min(stage.begin, perfStats.start);
    stage.end = Math.max(stage.end, perfStats.end);
  }

  onRunComplete() {
    writeFileSync(process.env.TWINLOCK_STAGES_FILE, JSON.stringify(this.#stages));
  }
}
