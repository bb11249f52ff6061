export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly operatorToken: string;
  /** The first encrypts; all decrypt. */
  readonly vaultKeys: readonly { readonly id: string; readonly key: Buffer }[];
  readonly mongoUrl?: string;
  readonly kafkaBrokers?: readonly string[];
  readonly kafkaPrefix: string;
  readonly logLevel: string;
  readonly demo: boolean;
  /** CIDRs whose `X-Forwarded-For` is believed; none unless set. */
  readonly trustProxy: readonly string[];
  readonly testClockFile?: string;
  /** NODE_ENV=test: plain http and loopback are allowed for the SSO JWKS. */
  readonly test: boolean;
}
