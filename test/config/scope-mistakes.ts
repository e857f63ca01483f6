/** Mistakes in what readers may see and how they sign in, and what is said of each: see load.test.ts. */
export const SCOPE_MISTAKES: readonly (readonly [string, ...string[]])[] = [
  [
    'read-token-of-a-team.yaml',
    ':3:7 auth.tokens[0]: team alone does not limit what the role read sees; add scope: { teams: ["platform"] }, or scope: all',
  ],
  ['read-token-of-a-user.yaml', ':3:7 auth.tokens[0]: user alone does not limit what the role read sees; add scope: self, or scope: all'],
  [
    'scope-of-admin.yaml',
    ':3:7 auth.tokens[0]: scope: whoever has the role admin changes budgets of everybody, and sees everything; use the role read, or leave scope out',
  ],
  ['scope-of-ingest.yaml', ':3:7 auth.tokens[0]: scope is for those who may read; leave it out, or use the role read'],
  ['job-that-reads.yaml', ':3:7 auth.tokens[0]: job is for those who send; leave it out, or use the role ingest'],
  ['job-with-a-user.yaml', ':3:7 auth.tokens[0]: has a user and a job; a job has no user, so give each a token of its own'],
  [
    'job-without-a-workflow.yaml',
    ':4:12 auth.tokens[0].job: must be ci:repository/workflow, or ci:repository/* for each workflow of one repository, not "ci:nightly"',
  ],
  ['scope-self-of-nobody.yaml', ':3:7 auth.tokens[0]: scope: self needs user beside it; add the user to be seen'],
  ['scope-of-nothing.yaml', ':6:14 auth.tokens[0].scope: names nothing; name organizations, teams, workspaces or users, or write scope: all'],
  ['scope-list-is-text.yaml', ':6:23 auth.tokens[0].scope.teams: must be a list of texts, not "platform"'],
  ['scope-list-is-empty.yaml', ':6:23 auth.tokens[0].scope.teams: must be a list of texts, not an empty list'],
  ['scope-key-misspelt.yaml', ':6:16 auth.tokens[0].scope.team: unknown key; did you mean "teams"?'],
  ['scope-word-misspelt.yaml', ':6:14 auth.tokens[0].scope: must be one of all, self, or a map of keys and values, not "everything"'],
  [
    'oidc-plain-http.yaml',
    ':4:13 auth.oidc.issuer: must be an address that begins with https:// (http:// for this machine alone), not "http://login.example.com"',
    ':5:15 auth.oidc.base_url: must be an address without a path, not "https://ledgerline.example.com/<secret>"',
  ],
  ['oidc-without-rules.yaml', ':3:5 auth.oidc.rules: missing; add it, as a list of maps'],
  ['oidc-value-without-claim.yaml', ':6:13 auth.oidc.rules[0]: has a value and no claim; add claim, such as claim: groups'],
  ['oidc-claim-without-value.yaml', ':6:13 auth.oidc.rules[0]: needs exactly one of value and values beside claim'],
  ['oidc-scopes-without-openid.yaml', ':6:13 auth.oidc.scopes: must have openid among them'],
  [
    'oidc-secret-in-the-open.yaml',
    ':6:5 auth.oidc.client_secret: unknown key; known here: issuer, client_id, client_secret_file, base_url, scopes, user_claim, session_hours, rules',
  ],
];
