import { ConfigurationError } from '../../../domain/errors.ts';

/** What `ProtectHome=` and `PrivateTmp=` of the unit hide from the service. */
const hidden = ['/home/', '/root/', '/run/user/', '/tmp/', '/var/tmp/'];

/** @throws ConfigurationError when the service would not see `path`. */
export function assertReachable(what: string, path: string): void {
  const where = hidden.find((prefix) => path.startsWith(prefix));
  if (where === undefined) return;
  throw new ConfigurationError(
    `${what} must be where the service can see it, but ${path} is below ${where}, which its sandbox hides: install it for all users, for example below /usr/local or /opt`,
  );
}
