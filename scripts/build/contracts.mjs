// What the console's types are made from.
export { eventContracts } from '#libs/contracts/src/events/events.js';
export { endpoints } from '#libs/contracts/src/http/endpoints.js';
export { problems } from '#libs/contracts/src/problems.js';
export { openApiDocument } from '#libs/platform/src/openapi/document.js';
