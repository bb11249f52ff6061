/** What the bare library knows as its client. */
export const bareClient = {
  id: 'bench',
  secret: 'a secret of the benchmarks, no other has it',
  redirectUri: 'https://app.example/callback',
};
