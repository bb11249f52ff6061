const address = /^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
/** In ASCII alone: of other letters one may look like another. */
const webAddress = /^https:\/\/[\x21-\x7e]+$/i;

/** Where a contact leads that is nothing but an e-mail address or a web address; undefined: it is text to read. */
export function linkOf(contact: string): string | undefined {
  if (address.test(contact)) return `mailto:${contact}`;
  if (!webAddress.test(contact) || !URL.canParse(contact)) return undefined;
  const { username, password, href } = new URL(contact);
  // what stands before an @ is taken for the place that it leads to
  return username === '' && password === '' ? href : undefined;
}
