/** Posts to a workflow of Microsoft Teams. */
import type { TeamsConfig } from '../../../config/channels/teams.ts';
import type { Channel } from '../../outbox.ts';
import { postJson } from '../http-post.ts';
import { readSecret } from '../secret.ts';
import { renderTeams } from './render.ts';

export const teamsChannel = ({ name, url_file }: TeamsConfig): Channel => ({
  deliver: ({ message }) =>
    postJson({
      url: readSecret(url_file, `alerts.channels: ${name}: url_file`),
      body: JSON.stringify(renderTeams(message)),
      receiver: 'Microsoft Teams',
    }),
});
