/**
 * One account's log as the vault's users keep it: which ids are named now, at which version; an append at another version
 * is refused. Ids are never named again once they were dropped.
 */
export class AccountLog {
  version = 0;
  named: readonly string[] = [];

  append(expectedVersion: number, named: readonly string[]): boolean {
    if (expectedVersion !== this.version) return false;
    this.version += 1;
    this.named = named;
    return true;
  }
}
