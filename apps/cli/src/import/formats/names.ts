/** What `--from` takes, for who must not load the formats. */
export const formatNames = ['twinlock', 'keycloak', 'privacyidea', 'authelia', 'otpauth', 'google'] as const;
export type FormatName = (typeof formatNames)[number];
