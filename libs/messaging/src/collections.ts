/* What is kept of the bus in the records of an app's engine. */

/** How far the log of each other app is handled, by its name; on a bus that does not keep it itself. */
export const POSITIONS = 'positions';
/** Which events of the others the app acts by already. */
export const ADOPTIONS = 'adoptions';
export const DEAD_LETTERS = 'dead-letters';
