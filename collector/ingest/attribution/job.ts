/**
 * Jobs of CI, as "ci:repository/workflow". A token names a job, or a repository of which the client names the workflow: it cannot name a job of
 * another one. Without such a token it is the client's claim, but for repositories that tokens name.
 */
import type { Config } from '../../config/config.ts';
import type { Credentials } from '../../server/auth.ts';
import type { Claims } from './claims.ts';
import { readFirst } from './read-claims.ts';
import { repositoryOf, repositoryPath } from './repository-name.ts';

type AttributionConfig = Config['attribution'];

interface JobOptions {
  readonly attribution: AttributionConfig;
  /** Jobs that tokens name. */
  readonly jobs?: readonly string[] | undefined;
  /** It is known that a user sends. */
  readonly isUser: boolean;
}

/** What says of a run what it is about. A branch that anybody else works on is content, and is not kept. */
export interface RunAttributes {
  readonly names: ReadonlySet<string>;
  /** They are kept where one of these stands, too. */
  readonly beside: ReadonlySet<string>;
}

export const runAttributes = (config: AttributionConfig): RunAttributes => ({
  names: new Set([...config.branch_attributes, ...config.pull_request_attributes, ...config.run_attributes]),
  beside: new Set([...config.job_attributes, ...config.run_attributes]),
});

const JOB_PREFIX = 'ci:';
const JOB_CHARACTERS_MAX = 200;
const ANY_WORKFLOW = '*';
/** Of a token for a repository, where the client does not say it. */
const UNNAMED = 'unnamed';
/** As in auth.tokens. */
const JOB = /^ci:[^\s/*]+(?:\/[^\s/*]+)*\/[^/*]*[^\s/*]$/;

/** "ci:acme/api/" of "ci:acme/api/nightly". */
const repositoryPart = (job: string): string => job.slice(0, job.lastIndexOf('/') + 1);

export function jobOf(claims: Claims, credentials: Credentials, { attribution, jobs = [], isUser }: JobOptions): string | undefined {
  const claimed = isUser ? undefined : claimedJob(attribution, claims);
  if (attribution.claims === 'client') return claimed ?? jobOfToken(attribution, claims, credentials);
  if (credentials.job !== undefined) return jobOfToken(attribution, claims, credentials);
  if (claimed === undefined) return undefined;
  const repository = repositoryPart(claimed).toLowerCase();
  return jobs.some((job) => repositoryPart(job).toLowerCase() === repository) ? undefined : claimed;
}

function jobOfToken(attribution: AttributionConfig, claims: Claims, { job }: Credentials): string | undefined {
  if (job === undefined || !job.endsWith(ANY_WORKFLOW)) return job;
  const text = readFirst(claims, attribution.job_attributes);
  return `${repositoryPart(job)}${text === undefined ? UNNAMED : workflowIn(repositoryPart(job), text)}`.slice(0, JOB_CHARACTERS_MAX);
}

/** The whole job, or the workflow of the repository that the client names. */
function claimedJob(attribution: AttributionConfig, claims: Claims): string | undefined {
  const text = readFirst(claims, attribution.job_attributes);
  if (text === undefined) return undefined;
  if (text.startsWith(JOB_PREFIX)) return JOB.test(text) ? text : undefined;
  const repository = repositoryOf(claims, attribution.repository_attributes);
  const path = repository === undefined ? '' : repositoryPath(repository);
  return path === '' ? undefined : `${JOB_PREFIX}${path.replaceAll(/[\s*]+/g, '-')}/${workflowName(text)}`.slice(0, JOB_CHARACTERS_MAX);
}

/** Of "ci:acme/api/nightly" and "nightly" the latter; a job of another repository is no more than a strange name. */
const workflowIn = (repository: string, text: string): string =>
  workflowName(text.toLowerCase().startsWith(repository.toLowerCase()) ? text.slice(repository.length) : text);

/** A workflow without a name is called by its file. What is before a slash would be read as a repository. */
function workflowName(text: string): string {
  const name = /\.ya?ml$/i.test(text) ? text.slice(text.lastIndexOf('/') + 1) : text;
  return name.replaceAll(/[/*]+/g, '-').trim() || UNNAMED;
}

/** Does the client say to be a job that its token does not name? */
export function isJobOverruled(attribution: AttributionConfig, claims: Claims, { job }: Credentials): boolean {
  const text = job === undefined ? undefined : readFirst(claims, attribution.job_attributes);
  if (job === undefined || text === undefined) return false;
  const own = repositoryPart(job);
  if (text.startsWith(JOB_PREFIX) && repositoryPart(text).toLowerCase() !== own.toLowerCase()) return true;
  return !job.endsWith(ANY_WORKFLOW) && `${own}${workflowIn(own, text)}` !== job;
}
