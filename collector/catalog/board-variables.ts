/** The dimensions a reader can narrow a board in Grafana by. Each is a variable of the same name, in the order of the toolbar. */
export const VARIABLES = ['organization', 'team', 'workspace', 'user', 'model', 'repository'] as const;
export type VariableName = (typeof VARIABLES)[number];
export const isVariable = (name: string): name is VariableName => VARIABLES.some((variable) => variable === name);
