/** What docs/benchmarks.md says of every run: how it is measured, and how far to trust it. */
export const HEAD = `# Benchmarks

Written by \`npm run bench -- --write\` up to *Repeat it*, not by hand. What follows was printed by other benches, each of which is named there, and stays as it is.
Ratios carry over to other machines better than figures do.`;

export const METHOD = `## How it is measured

- **Durable** is the whole collector, in a process of its own: an export is answered after its transaction is on disk. **Discard** is a second process with the
  same receivers, which decode the same bodies and then answer without doing anything with them. It has no telemetry of its own, no read worker and no ledger.
- The bodies are what the demo's organization of 2,000 users sends: real OTLP with all attributes, one export of one client each, sorted by time so that clients
  interleave. No body is sent twice to the ledger; every run has sessions of its own. Both servers were warmed up with 12,000 other exports of these
  users, and the first part of each run is not counted.
- **Live** is the load of production, and that of every line that says nothing else: the times of the exports run over half a minute up to the moment their file is
  written, seconds before it is sent. Days of sessions are moved by whole hours into one and the same hour, which is then squeezed; order stays. So all belongs to the
  present quarter of an hour, and each of its rows is hit by several exports, as in an organization some ten times as large.
- **Live lines leave the coarse roll-ups out.** These are filled two minutes after a quarter of an hour is over, by the transactions that come then: whichever line were
  measured in that moment would pay for all before it. What is due is therefore asked of the ledger by other exports before each measurement, outside its time.
- **Backfill** is the load of a past that is filled in: days from yesterday backwards, each as long as it was. A transaction spans many quarters of an hour, rows are
  rarely hit twice, and all roll-ups are written at once, since each quarter is over: its lines pay for the coarse ones in full.
- The load generator is a third process: 64 lanes, each sends an export and waits for the answer (HTTP/1.1 keep-alive; for gRPC 8 connections with 8 streams). A
  client's exports are sent one after another, as a client does. Its bodies are in memory before it starts. An answer other than 200 or OK, or one that rejects some of the
  records, ends the run.
- Each line is measured three times, the servers in turns and changing who is first. Figures are medians; a ratio is the median of the rounds' ratios, which are
  listed too: where they lie far apart, the row says little.
- A **peer** is another OTLP endpoint of the same machine that was given with \`--peer\` and \`--peer-grpc\`; it is sent the same bodies in turns with ours. Without one its
  columns are not there, and what it refuses a part of has empty cells. With \`--peer-pid\` its CPU, memory and bytes are those of its process and its children, as
  \`/proc\` has them. The aim, twice its exports/s, is meant for a collector that acknowledges what is in a persistent queue, synced to disk: one that answers from memory does another thing.
- Latency runs from writing the request to having read the answer, with 64 requests under way: a queue's length, not the time one export alone takes.
  At a fixed rate it runs from when the request was due, so that a stall is seen by everyone who had to wait for it.
- CPU is all of the server's threads: what is durable does once what discard does, and the ledger's work on top. A part of that work is done once for each commit, so CPU for
  an export depends on how many share one, and thereby on how fast the disk and the load are; what else the machine does moves the ratio, too.
- RSS is read after each run. One process takes all lines and gives little back, so a line's figure holds what those before it left: the largest is mostly that of the last.
- Bytes are those that the kernel counts as written by the server, in whole pages, with SQLite's log and what was written twice. What the file system writes on top, such as
  its own journal, is not among them.
- Beside readers, the same rate is measured in turns with nobody reading, with each reader, and with nobody once more: how far p99 of the two turns without readers is apart
  stands beside each ratio, and a ratio that is no further from 1 says nothing.
- Connected clients are connections over HTTP that have sent an export without records and stay open, from two processes; meanwhile others send 100 exports/s.
- The start of \`ledgerline report\` is that of a process until it ended, beside Node 26 that does nothing. The first board is timed in Chromium from the start of the navigation until
  its figures are drawn, in a new profile each time, beside the load of \`/healthz\`. The demo is sent by the bench's own process; \`serve --demo\` sends it from that of the
  collector.
- Questions are asked of a ledger that was filled through the store, without the wire: 50 teams, 100 workspaces, 6 models, 90 days. Median of 21; the
  first, with nothing compiled and nothing cached by the reader, is among them.
- Bytes on disk are counted after the ledger was closed, by SQLite's own \`dbstat\`.

## How far to trust it

- The load generator shares the cores with the server. Where there are two cores, the generator, the receiver's thread and the writer's thread compete for them, so
  the rates are lower than on a machine with cores to spare, and durable's more so: discarding needs one thread of the server, keeping needs two.
- The demo's clients export events once a turn, real ones every five seconds: a session here has three exports of logs with eleven records each, a real one more and
  smaller ones. So the ledger meets more new sessions for each export than it would in production.
- A session here has metrics once, late, and after all the events that they cover: with both signals, nearly each export of metrics books its session again, a quarter of all
  exports. Of a client that sends metrics every minute, only the first should.
- Ledgers that were filled for questions and readers have all roll-ups up to midnight: what arrives on top of them goes to all roll-ups at once, as with a backfill, and
  costs more than it would in production.
- In a live file a session takes seconds, and waits of minutes in it are gone. What the ledger does only after a minute without news of a session is not measured.
- Durable ingest lives on the disk as well, and a neighbor who writes to it hurts durable more than discard: with 64 exports under way a slow sync
  lowers its rate.
- Virtual machines are noisy: ratios that differ by less than a tenth are the same.

## Repeat it

\`\`\`sh
npm run bench                       # everything, half an hour
npm run bench -- --only ingest      # or clients, scrape, queries, starts
npm run bench -- --case 'logs, HTTP/protobuf' --repeats 1   # one line, to measure a change
npm run bench -- --quick            # does it run? figures not to be quoted
npm run bench -- --peer http://127.0.0.1:14318 --peer-grpc http://127.0.0.1:14317 --peer-pid 4711   # beside another collector
npm run bench:soak -- --minutes 60  # does anything grow?
npm run bench -- --profile profiles # CPU profiles of each thread, for Chromium's developer tools
\`\`\``;
