// Runs before the modules have come (a classic script, not a module): asks for the board that the address names, so that the
// answer is on its way while they load. The page's own code takes it over (client.ts) instead of asking a second time.
{
  const board = location.pathname === '/' ? 'overview' : /^\/boards\/([\w-]+)$/.exec(location.pathname)?.[1];
  if (board !== undefined) {
    const path = `/api/v1/boards/${board}${location.search}`;
    let token: string | null = null;
    try {
      token = sessionStorage.getItem('ledgerline-token');
    } catch {
      // Storage is blocked: nothing was kept from before.
    }
    // Longer than any answer takes, as in client.ts: a connection that is half gone would keep the page waiting for ever.
    const signal = AbortSignal.timeout(180_000);
    const response = fetch(path, { signal, headers: token === null ? {} : { Authorization: `Bearer ${token}` } });
    // Whoever takes it over hears of a failure; until then it is nobody's.
    response.catch(() => undefined);
    window.ledgerlineAhead = { path, response };
  }
}
