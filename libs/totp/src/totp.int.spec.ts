import { execFileSync, spawnSync } from 'node:child_process';
import { codeAt, manualKey, newSecret, timeStepAt } from './totp.js';

const installed = spawnSync('oathtool', ['--version']).status === 0;

/** oathtool is a TOTP app by other people: https://www.nongnu.org/oath-toolkit/ */
(installed ? describe : describe.skip)('beside oathtool', () => {
  it.each([0, 59, 1_784_158_500, 2_147_483_648, 4_294_967_296])('gives the same codes from %d s on', (seconds) => {
    for (const algorithm of ['SHA1', 'SHA256', 'SHA512'] as const) {
      for (const [digits, period] of [
        [6, 30],
        [8, 60],
      ] as const) {
        const parameters = { algorithm, digits, period };
        const secret = newSecret();
        const key = manualKey(secret).replaceAll(' ', '');
        const form = [`--totp=${algorithm}`, `--digits=${digits}`, `--time-step-size=${period}s`];
        const options = [...form, '--base32', '--window=2', `--now=@${seconds}`, key];
        const codes = execFileSync('oathtool', options, { encoding: 'utf8' });
        const step = timeStepAt(seconds * 1000, parameters);
        expect(codes.trim().split('\n')).toEqual([0, 1, 2].map((later) => codeAt(secret, step + later, parameters)));
      }
    }
  });
});
