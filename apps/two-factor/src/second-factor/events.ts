export { type TwoFactorEvent, twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
