/** Every board, in the order of the navigation. */
import type { Board } from '../../collector/catalog/panel.ts';
import { ADOPTION } from './adoption.ts';
import { BUDGETS } from './budgets.ts';
import { CHARGEBACK } from './chargeback.ts';
import { CLIENTS } from './clients.ts';
import { COLLECTOR } from './collector.ts';
import { DEVELOPER } from './developer.ts';
import { FEATURES } from './features.ts';
import { LIMITS } from './limits.ts';
import { MODELS } from './models.ts';
import { OVERVIEW } from './overview.ts';
import { PRODUCTIVITY } from './productivity.ts';
import { RECONCILIATION } from './reconciliation.ts';
import { RELIABILITY } from './reliability.ts';
import { SESSIONS } from './sessions.ts';
import { TEAM } from './team.ts';
import { TRUST } from './trust.ts';
import { WORKSPACE } from './workspace.ts';

export const BOARDS: readonly Board[] = [
  OVERVIEW,
  TEAM,
  DEVELOPER,
  WORKSPACE,
  MODELS,
  SESSIONS,
  FEATURES,
  PRODUCTIVITY,
  ADOPTION,
  RELIABILITY,
  LIMITS,
  BUDGETS,
  CHARGEBACK,
  RECONCILIATION,
  CLIENTS,
  TRUST,
  COLLECTOR,
];
