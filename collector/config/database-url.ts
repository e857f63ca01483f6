/** The address of a database. Apart from the schema of the configuration, which a thread that only connects need not load. */

export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

export interface DatabaseAddress {
  readonly user: string;
  /** In the order they are tried. */
  readonly hosts: readonly DatabaseHost[];
  readonly database: string;
}

const DEFAULT_PORT = 5432;
/** User, hosts with ports, database. An IPv6 address stands in brackets. */
const ADDRESS =
  /^postgres(?:ql)?:\/\/([^:@/?#\s]+)@((?:\[[\da-f:.]+\]|[^:@/?#,\s[\]]+)(?::\d{1,5})?(?:,(?:\[[\da-f:.]+\]|[^:@/?#,\s[\]]+)(?::\d{1,5})?)*)\/([^/?#\s]+)$/i;

/** Undefined of what is no address of a database. */
export function parseDatabaseUrl(url: string): DatabaseAddress | undefined {
  const [, user, hosts, database] = ADDRESS.exec(url) ?? [];
  if (user === undefined || hosts === undefined || database === undefined) return undefined;
  const listed = hosts.split(',').map(hostOf);
  if (listed.some(({ port }) => port < 1 || port > 65_535)) return undefined;
  return { user: decodeURIComponent(user), hosts: listed, database: decodeURIComponent(database) };
}

function hostOf(text: string): DatabaseHost {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? name ?? text, port: Number(port ?? DEFAULT_PORT) };
}
