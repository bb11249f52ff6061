/** Loaded when the provider of a portal is first asked for: an installation that has no applications does without. */
export const loadLibrary = () => import('oidc-provider');
export type Library = Awaited<ReturnType<typeof loadLibrary>>;
