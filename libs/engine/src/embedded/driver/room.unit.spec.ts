import { StoreDamaged, StoreUnavailable } from '../../port.js';
import type { DataFile } from './data-file.js';
import { Room } from './room.js';

const KB = 1024;
const MB = 1024 * KB;

/** A disk with a file on it that LMDB uses up to `used`. */
class Disk implements DataFile {
  length = 8 * KB;
  inUse = 8 * KB;
  looks = 0;
  constructor(public left: number) {}
  used = () => this.inUse;
  size = () => this.length;
  free = () => {
    this.looks += 1;
    return this.left;
  };
  grow(bytes: number) {
    const got = Math.min(bytes, this.left);
    this.length += got;
    this.left -= got;
    if (got < bytes) throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC', errno: -28 });
  }
  trim(size: number) {
    this.left += this.length - size;
    this.length = size;
  }
  close = () => undefined;
}

describe('the room of a data file', () => {
  let now: number;
  let disk: Disk;
  let room: Room;
  const given = (left: number): void => {
    now = 0;
    disk = new Disk(left);
    room = new Room('data.mdb', disk, () => now);
  };

  it('is there before a write needs it, for all that is under way, and grows with use', () => {
    given(1000 * MB);
    expect(room.lack(0, 1)).toBeUndefined();
    expect(disk.length - disk.inUse).toBeGreaterThan(512 * KB);
    now = 1000;
    expect(room.lack(255, 1)).toBeUndefined();
    expect(disk.length - disk.inUse).toBeGreaterThan(4 * MB);
    disk.inUse = disk.length;
    now = 2000;
    expect(room.lack(0, 1)).toBeUndefined();
    expect(disk.length - disk.inUse).toBeGreaterThan(512 * KB);
  });

  it('is looked at once a second, and sooner when more is written than was found to fit', () => {
    given(1000 * MB);
    for (let i = 0; i < 10; i++) room.lack(0, 1);
    expect(disk.looks).toBe(1);
    room.lack(0, 200);
    expect(disk.looks).toBe(2);
    now = 1000;
    room.lack(0, 1);
    expect(disk.looks).toBe(3);
  });

  it('that is missing is told before LMDB would meet it, and found again by itself', () => {
    given(5 * MB);
    expect(room.lack(0, 1)).toBeUndefined();
    disk.left = 4 * MB - 1;
    now = 1000;
    const lack = room.lack(0, 1);
    expect(lack).toBeInstanceOf(StoreUnavailable);
    expect(lack?.message).toBe('data.mdb: no space left on the disk');
    disk.left = 100 * MB;
    expect(room.lack(0, 1)).toBe(lack);
    now += 250;
    expect(room.lack(0, 1)).toBeUndefined();
  });

  it('that the file cannot have is told with the reason; what there is left is used up, and little is no new beginning', () => {
    given(100 * MB);
    disk.grow = () => {
      throw Object.assign(new Error('EFBIG: write'), { code: 'EFBIG', errno: -27 });
    };
    expect(room.lack(0, 1)?.message).toBe('data.mdb: the data file has reached the largest size that is allowed');
    disk.length = disk.inUse + 600 * KB;
    now += 250;
    expect(room.lack(0, 1)).toBeInstanceOf(StoreUnavailable);
    disk.length = disk.inUse + 800 * KB;
    now += 250;
    expect(room.lack(0, 1)).toBeUndefined();
    now += 1000;
    disk.inUse += 200 * KB;
    expect(room.lack(0, 1)).toBeUndefined();
    expect(room.lack(0, 50)).toBeInstanceOf(StoreUnavailable);
  });

  it('is not looked for where the first pages are damaged', () => {
    given(100 * MB);
    disk.used = () => {
      throw new StoreDamaged('data.mdb is damaged');
    };
    expect(room.lack(0, 1)).toBeInstanceOf(StoreDamaged);
  });

  it('goes back to the disk in the end', () => {
    given(100 * MB);
    room.lack(0, 1);
    room.close();
    expect([disk.length, disk.left]).toEqual([disk.inUse, 100 * MB]);
  });
});
