/**
 * The commands by what they are for, in the order in which --help shows them. One that runs loads its own files and none of the others'.
 */
import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

type Load = (terminal: Terminal) => Promise<Command>;

export const COMMANDS: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  Ask: {
    report: async (terminal) => (await import('./report.ts')).reportCommand(terminal),
    analyze: async (terminal) => (await import('./analyze.ts')).analyzeCommand(terminal),
    trend: async (terminal) => (await import('./trend.ts')).trendCommand(terminal),
    breakdown: async (terminal) => (await import('./breakdown.ts')).breakdownCommand(terminal),
    compare: async (terminal) => (await import('./compare.ts')).compareCommand(terminal),
    debug: async (terminal) => (await import('./debug.ts')).debugCommand(terminal),
    top: async (terminal) => (await import('./top.ts')).topCommand(terminal),
    daily: async (terminal) => (await import('./usage.ts')).dailyCommand(terminal),
    weekly: async (terminal) => (await import('./usage.ts')).weeklyCommand(terminal),
    monthly: async (terminal) => (await import('./usage.ts')).monthlyCommand(terminal),
    session: async (terminal) => (await import('./session.ts')).sessionCommand(terminal),
    blocks: async (terminal) => (await import('./blocks.ts')).blocksCommand(terminal),
    reconcile: async (terminal) => (await import('./reconcile.ts')).reconcileCommand(terminal),
    plans: async (terminal) => (await import('./plans.ts')).plansCommand(terminal),
    export: async (terminal) => (await import('./export.ts')).exportCommand(terminal),
    mcp: async (terminal) => (await import('./mcp.ts')).mcpCommand(terminal),
  },
  'Budgets and alerts': {
    budget: async (terminal) => (await import('./budget.ts')).budgetCommand(terminal),
    forecast: async (terminal) => (await import('./forecast.ts')).forecastCommand(terminal),
    alerts: async (terminal) => (await import('./alerts.ts')).alertsCommand(terminal),
    guard: async (terminal) => (await import('./guard.ts')).guardCommand(terminal),
    run: async (terminal) => (await import('./run.ts')).runCommand(terminal),
    statusline: async (terminal) => (await import('./statusline.ts')).statuslineCommand(terminal),
    limits: async (terminal) => (await import('./limits.ts')).limitsCommand(terminal),
  },
  Run: {
    serve: async (terminal) => (await import('./serve-command.ts')).serveCommand(terminal),
    doctor: async (terminal) => (await import('./doctor.ts')).doctorCommand(terminal),
    dashboards: async (terminal) => (await import('./dashboards.ts')).dashboardsCommand(terminal),
  },
  Keep: {
    import: async (terminal) => (await import('./import.ts')).importCommand(terminal),
    backfill: async (terminal) => (await import('./backfill.ts')).backfillCommand(terminal),
    backup: async (terminal) => (await import('./backup.ts')).backupCommand(terminal),
    restore: async (terminal) => (await import('./restore.ts')).restoreCommand(terminal),
    storage: async (terminal) => (await import('./storage.ts')).storageCommand(terminal),
    check: async (terminal) => (await import('./check.ts')).checkCommand(terminal),
    directory: async (terminal) => (await import('./directory.ts')).directoryCommand(terminal),
    prices: async (terminal) => (await import('./prices.ts')).pricesCommand(terminal),
    privacy: async (terminal) => (await import('./privacy.ts')).privacyCommand(terminal),
  },
  'Set up': {
    connect: async (terminal) => (await import('./connect.ts')).connectCommand(terminal),
    config: async (terminal) => (await import('./config.ts')).configCommand(terminal),
    token: async (terminal) => (await import('./token.ts')).tokenCommand(terminal),
    completion: async (terminal) => (await import('./completion/command.ts')).completionCommand(terminal),
  },
};
