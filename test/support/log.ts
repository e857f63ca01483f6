/** The log of a collector that a test starts. */
import type { CollectorOptions } from '../../collector/app/collector.ts';
import { LOG_CODES } from '../../collector/catalog/log-codes.ts';
import { createLogger, type LogSettings } from '../../collector/core/logger.ts';

export const LOG_SETTINGS: LogSettings = { level: 'info', format: 'json', color: false, secretFiles: [] };

export const stderrLog = (): CollectorOptions => ({ log: createLogger(LOG_CODES, LOG_SETTINGS), logSettings: LOG_SETTINGS });

export const silentLog = (): CollectorOptions => ({ log: () => undefined, logSettings: { ...LOG_SETTINGS, level: 'error' } });
