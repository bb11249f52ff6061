import { execFileSync, spawnSync } from 'node:child_process';
import { codeAt, manualKey, newSecret, timeStepAt } from './totp.js';

const installed = spawnSync('oathtool', ['--version']).status === 0;

/** oathtool is a TOTP app by other people: https://www.nongnu.org/oath-toolkit/ */
(installed ? describe : describe.skip)('beside oathtool', () => {
  it.each([0, 59, 1_784_158_500, 2_147_483_648, 4_294_967_296])('gives the same codes from %d s on', (seconds) => {
    for (let round = 0; round < 5; round++) {
      const secret = newSecret();
      const key = manualKey(secret).replaceAll(' ', '');
      const codes = execFileSync('oathtool', ['--totp', '--base32', '--window=2', `--now=@${seconds}`, key], {
        encoding: 'utf8',
      });
      const step = timeStepAt(seconds * 1000);
      expect(codes.trim().split('\n')).toEqual([0, 1, 2].map((later) => codeAt(secret, step + later)));
    }
  });
});
