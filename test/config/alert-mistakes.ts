/** One small file of testdata/ for each mistake in the section `alerts`, and the whole of what is said about it. */
export const ALERT_MISTAKES: readonly (readonly [string, ...string[]])[] = [
  ['alert-channel-twice.yaml', ':4:15 alerts.channels[1].name: must be unique among the channels, not "ops"'],
  [
    'alert-channel-type-misspelt.yaml',
    ':3:26 alerts.channels[0].type: must be one of slack, email, webhook, teams, alertmanager, pagerduty, opsgenie, not "slak"; did you mean "slack"?',
  ],
  ['alert-channel-with-anothers-key.yaml', ':3:63 alerts.channels[0].url: unknown key; known here: name, type, url_file'],
  [
    'alert-channel-without-address.yaml',
    ':3:7 alerts.channels[0].url_file: missing; add it, as text',
    ':4:7 alerts.channels[1].to: missing; add it, as a list of texts',
  ],
  [
    'alert-digest-no-schedule.yaml',
    ':5:31 alerts.digests[0].schedule: must be a cron expression of five fields, such as "0 8 * * 1" for Monday at eight, not "on Mondays"',
  ],
  [
    'alert-digest-to-alertmanager.yaml',
    ':7:45 alerts.digests[0].channels[0]: must be a channel of type slack, email, webhook or teams, which take digests, not "am"',
    ':7:49 alerts.digests[0].channels[1]: must be a channel of type slack, email, webhook or teams, which take digests, not "page"',
  ],
  [
    'alert-quiet-hours-no-time.yaml',
    ':3:16 alerts.quiet_hours[0].days[0]: must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday, not "mon"',
    ':3:28 alerts.quiet_hours[0].from: must be a time of day such as "20:00", not "8pm"',
  ],
  [
    'alert-route-to-nobody.yaml',
    ':5:39 alerts.routes[0].channels[0]: must be the name of a channel (ops), not "opps"',
    ':7:32 alerts.digests[0].channels[0]: must be the name of a channel (ops), not "mail"',
  ],
  [
    'alert-secret-in-the-open.yaml',
    ':3:43 alerts.channels[0].url_file: must be the name of a file that holds the secret, not the secret itself; put it in a file',
    ':4:41 alerts.channels[1].url: must be an address without a user name and a password; put an address that is a secret in a file',
    ':5:48 alerts.channels[2].key_file: must be the name of a file that holds the secret, not the secret itself; put it in a file',
  ],
  ['alert-share-in-percent.yaml', ':2:22 alerts.unallocated_share: must be a number from 0 to 1, not 20'],
  ['alert-user-without-password.yaml', ':3:7 alerts.channels[0]: username and password_file go together; add the other, or leave out both'],
  [
    'alert-webhook-two-addresses.yaml',
    ':3:7 alerts.channels[0]: a channel of type webhook needs either url or, if its address is a secret, url_file; give one of them',
    ':4:7 alerts.channels[1]: a channel of type webhook needs either url or, if its address is a secret, url_file; give one of them',
  ],
  ['alert-webhook-no-address.yaml', ':3:41 alerts.channels[0].url: must be an http:// or https:// address, not "ftp://example.com"'],
];
