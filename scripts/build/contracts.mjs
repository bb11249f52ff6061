// What the console's types and the client's calls are made from.
export { eventContracts } from '#libs/contracts/src/events/events.js';
export { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
export { auditEndpoints } from '#libs/contracts/src/http/audit.js';
export { endpoints } from '#libs/contracts/src/http/endpoints.js';
export { identityEndpoints } from '#libs/contracts/src/http/identity.js';
export { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
export { problems } from '#libs/contracts/src/problems.js';
export { codesOf, openApiDocument } from '#libs/platform/src/openapi/document.js';
