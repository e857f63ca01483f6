/** Restores, and kills itself after the step that it is given the name of. Prints every step. */
import { restoreBackup } from '../../../collector/storage/sqlite/restore.ts';

const [folder = '', last = ''] = process.argv.slice(2);

restoreBackup(
  {
    ledger: { backup: `${folder}/backup.sqlite`, target: `${folder}/data/ledger.sqlite` },
    budgets: { backup: `${folder}/backup.budgets.sqlite`, target: `${folder}/data/budgets.sqlite` },
    statements: { backup: `${folder}/backup.statements.sqlite`, target: `${folder}/data/statements.sqlite` },
    stamp: 'then',
  },
  (step) => {
    process.stdout.write(`${step}\n`);
    if (step === last) process.kill(process.pid, 'SIGKILL');
  },
);
