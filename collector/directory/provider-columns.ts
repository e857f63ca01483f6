/**
 * Columns of the files that identity providers export, as headers are compared: lower case, without what stands in brackets, letters and
 * digits alone ("Email Address [Required]" is emailaddress). docs/directory.md says which headers were seen and where.
 */
export const PROVIDERS = ['okta', 'entra', 'google'] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface ProviderColumns {
  /** What the user is called: the first that is not empty. */
  readonly user: readonly string[];
  /** What no two users have at a time, unlike an address. */
  readonly login: readonly string[];
  /** Other names of the same user. */
  readonly names: readonly string[];
  readonly displayName: readonly string[];
  readonly costCenter: readonly string[];
  readonly department: readonly string[];
  /** Of files of memberships. */
  readonly group: readonly string[];
}

const COMMON = { costCenter: ['costcenter'], department: ['department'] } as const;

export const PROVIDER_COLUMNS: Readonly<Record<Provider, ProviderColumns>> = {
  okta: {
    ...COMMON,
    user: ['email', 'useremail', 'primaryemail', 'login', 'userlogin', 'username'],
    login: ['login', 'userlogin', 'username'],
    names: ['login', 'userlogin', 'username', 'secondemail', 'secondaryemail', 'id', 'userid', 'oktaid'],
    displayName: ['displayname'],
    group: ['groupname', 'group'],
  },
  entra: {
    ...COMMON,
    user: ['mail', 'email', 'userprincipalname'],
    login: ['userprincipalname'],
    names: ['userprincipalname', 'id', 'objectid', 'alternateemailaddress'],
    displayName: ['displayname'],
    group: ['groupname', 'group'],
  },
  google: {
    ...COMMON,
    user: ['emailaddress', 'email'],
    login: [],
    names: ['worksecondaryemail', 'homesecondaryemail'],
    displayName: ['displayname'],
    group: ['groupname', 'group'],
  },
};

export const comparable = (header: string): string =>
  header
    .replaceAll(/\[[^\]]*\]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
