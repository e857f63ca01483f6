/** The user behind an IAM principal. */
import type { AwsImportConfig } from '../../config/imports.ts';
import { hasAt } from '../../core/email-address.ts';
import { mapOf } from '../files/row.ts';

const ASSUMED = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/;

interface Identity {
  readonly principal: string | undefined;
  /** resource_tags and tags, as they stand in the row. */
  readonly tags: readonly (string | undefined)[];
}

/**
 * The map of the configuration goes first, then its tag, then the name of a session that is an address (as single sign-on has it), and then the ARN
 * itself, which aliases of the directory may name.
 */
export function userOfPrincipal({ principal, tags }: Identity, { principals, user_tag: tag }: AwsImportConfig): string | undefined {
  const [, partition, account, role, session] = ASSUMED.exec(principal ?? '') ?? [];
  const arns =
    role === undefined
      ? [principal]
      : [principal, `arn:${partition}:sts::${account}:assumed-role/${role}`, `arn:${partition}:iam::${account}:role/${role}`];
  const named = arns.find((arn) => arn !== undefined && Object.hasOwn(principals, arn));
  if (named !== undefined) return principals[named];
  const tagged = tag === undefined ? undefined : tags.map((text) => mapOf(text).get(tag)).find((value) => value !== undefined);
  if (tagged !== undefined) return tagged;
  return session !== undefined && hasAt(session) ? session : principal;
}
