import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * A module in a process of its own that does one job after the other, so that no measurement is made amid the garbage of
 * another. The module calls `answerJobs`.
 */
export class Worker {
  private readonly child: ChildProcess;

  /** @param cpu the processor that it may use; any unless told */
  constructor(module: URL, { cpu, memoryMb }: { cpu?: number | undefined; memoryMb?: number } = {}) {
    const node = memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`];
    this.child =
      cpu === undefined
        ? fork(module, { execArgv: node, serialization: 'advanced' })
        : fork(module, {
            execPath: 'taskset',
            execArgv: ['-c', String(cpu), process.execPath, ...node],
            serialization: 'advanced',
          });
  }

  do<Job extends object, Result>(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`a process of the benchmarks ended with ${code}`));
      this.child.once('exit', ended);
      this.child.once('message', (answer: { result: Result } | { error: string }) => {
        this.child.off('exit', ended);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.result);
      });
      this.child.send(job);
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}

/** One job in a process that ends with it. */
export async function inProcess<Job extends object, Result>(module: URL, job: Job): Promise<Result> {
  const worker = new Worker(module, { memoryMb: 8_192 });
  try {
    return await worker.do<Job, Result>(job);
  } finally {
    await worker.end();
  }
}

/** Ends with the process that it works for, whatever it has open. */
export function answerJobs<Job extends object, Result>(work: (job: Job) => Promise<Result>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (job) => {
    work(job as Job).then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : 'failed' }),
    );
  });
}
