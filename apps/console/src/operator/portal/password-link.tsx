import { useTranslation } from 'react-i18next';
import { operatorApi, reply } from '../../api/client.js';
import type { Account } from '../../api/queries.js';
import { MakeLink } from '../../parts/overlays/make-link.js';

interface Props {
  portal: string;
  person: Account;
  onClose: () => void;
}

/** A link by which the person sets a password (R43). */
export function PasswordLink({ portal, person: { id, username }, onClose }: Props) {
  const { t } = useTranslation();
  async function make() {
    const params = { path: { portal, account: id } };
    const link = await reply(operatorApi.POST('/v1/portals/{portal}/accounts/{account}/password-links', { params }));
    if (!('url' in link)) throw new TypeError('a link is shown to the operator');
    // a path alone, where the product does not know its own address
    return { ...link, url: new URL(link.url, location.origin).href };
  }
  return (
    <MakeLink
      place="passwordLink"
      title={t('passwordLink.title', { username })}
      what={t('passwordLink.what')}
      submit={t('passwordLink.create')}
      make={make}
      made={(time) => t('passwordLink.made', { time })}
      onClose={onClose}
    />
  );
}
