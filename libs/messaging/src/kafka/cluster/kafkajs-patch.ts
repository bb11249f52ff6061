import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 looks every millisecond at a queue that is empty, with a negative timeout that newer Nodes warn of (kafkajs
 * #1751, #1704). Whatever is put into the queue starts the looking itself.
 */
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
  prototype: RequestQueue;
};
const schedule = Object.getOwnPropertyDescriptor(prototype, 'scheduleCheckPendingRequests')?.value as
  RequestQueue['scheduleCheckPendingRequests'] | undefined;
if (schedule === undefined) throw new TypeError('this kafkajs has another request queue than the one that is patched');
prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
};
