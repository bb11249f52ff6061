export {
  type AdminPolicyEvent,
  adminPolicyEvents,
  type SsoSettings,
  type TwoFactorSettings,
} from '#libs/contracts/src/events/admin-policy.js';
