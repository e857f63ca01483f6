/** A job of CI, as tokens name it. */
import { z } from 'zod';

/** A repository has any number of parts, the workflow is the last one. */
export const jobSchema = z
  .string()
  .max(200)
  .regex(
    /^ci:[^\s/*]+(?:\/[^\s/*]+)*\/(?:[^/*]*[^\s/*]|\*)$/,
    'must be ci:repository/workflow, or ci:repository/* for each workflow of one repository',
  )
  .describe('CI job that sends: ci:acme/api/nightly, or ci:acme/api/* where the job says which workflow of the repository it is. A job has no user.');
