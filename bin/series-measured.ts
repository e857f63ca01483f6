/** What test/bench/series.ts printed, for docs/metrics.md. Measured again whenever the families change. */

export const SERIES_MEASURED = `## How many series

Measured with the demo's organisation in teams of twelve, two repositories to a team, one \`organisation\`; lifetime totals of 60 days of 100
and 1,000 people, and of 5 days of 10,000. A model that somebody used once stays a series, and new models came in those 60 days: each person
has used seven.

| Family | 100 people, 60 days | 1,000 people, 60 days | for each developer | 10,000 people, 5 days | for each developer |
| --- | ---: | ---: | ---: | ---: | ---: |
| person and model | 704 | 6,980 | 6.98 | 27,717 | 2.84 |
| person | 956 | 9,726 | 9.73 | 84,554 | 8.65 |
| workspace and model | 347 | 3,351 | 3.35 | 18,437 | 1.89 |
| workspace | 123 | 1,166 | 1.17 | 10,960 | 1.12 |
| team | 339 | 2,888 | 2.89 | 26,980 | 2.76 |
| model | 221 | 221 | 0.22 | 119 | 0.01 |
| feature | 172 | 172 | 0.17 | 164 | 0.02 |
| gauges | 580 | 2,710 | 2.71 | 31,556 | 3.23 |
| **together** | **3,445** | **27,217** | **27.22** | **200,490** | **20.51** |
| names of the community | 7,666 | 75,714 | 75.71 | 311,864 | 31.91 |

Some 750 series are there for any number of people (models, features, prices, hours of the week): they are 8 for each of 100 developers, whose
series are 34 each, and less than one for each of 1,000. From about 200 developers on there are fewer than 30 for each.

What can be left out, of 1,000 people (names of the community apart):

| In \`ledgerline.yaml\` | series for each developer |
| --- | ---: |
| nothing | 27.2 |
| \`exposition.without: [model]\` | 18.3 |
| \`exposition.without: [workspace, repository]\` | 24.1 |
| \`exposition.without: [user]\` | 11.2 |
| \`exposition.by_team: [model]\` | 45.3 |
| \`exposition.by_team: [feature]\` | 40.2 |

A scrape with all of these, names of the community included, took 52 ms at 100 people (11,000 series), 610 ms at 1,000 (103,000 series, 16 MB)
and 4.0 s in one run and 8.6 s in another at 10,000 (512,000 series, 80 MB), on two cores that other work kept busy: take them as upper bounds.
Two of five of these series remain without the community's names: from some 2,000 developers on, leave those names out. Reading gauges takes at
most about two seconds of a scrape, so right after the start of a large organisation's collector the costly ones appear over several scrapes.

\`node bin/node26.mjs test/bench/series.ts 100:60 1000:60 10000:5\` prints these figures.
`;
