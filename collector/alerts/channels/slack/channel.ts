/** Posts to an incoming webhook of Slack. */
import type { SlackConfig } from '../../../config/channels/slack.ts';
import type { Channel } from '../../outbox.ts';
import { postJson } from '../http-post.ts';
import { readSecret } from '../secret.ts';
import { renderSlack } from './render.ts';

export const slackChannel = ({ name, url_file }: SlackConfig): Channel => ({
  deliver: ({ message }) =>
    postJson({ url: readSecret(url_file, `alerts.channels: ${name}: url_file`), body: JSON.stringify(renderSlack(message)), receiver: 'Slack' }),
});
