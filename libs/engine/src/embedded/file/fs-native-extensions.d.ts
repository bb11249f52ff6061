declare module 'fs-native-extensions' {
  /** Locks the whole file for this open descriptor, and until it is closed. False: another one has it. */
  export function tryLock(descriptor: number): boolean;
}
