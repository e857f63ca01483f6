/** PromQL taken apart by Prometheus' own grammar. */
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export interface VectorSelector {
  /** One, or the alternatives of a matcher on __name__. */
  readonly names: readonly string[];
  /** As written, such as team=~`${team:regex}`. */
  readonly matchers: readonly string[];
  readonly labels: readonly string[];
}

export const errorsOf = (expr: string): string[] => textsOf(expr, '⚠');
export const functionsOf = (expr: string): string[] => textsOf(expr, 'FunctionIdentifier');

export function selectorsOf(expr: string): VectorSelector[] {
  return nodesOf(expr, 'VectorSelector').map((node) => {
    const matchers = node.getChild('LabelMatchers');
    const written = matchers === null ? [] : matchers.getChildren('UnquotedLabelMatcher');
    const pairs = written.map((matcher) => [childTexts(expr, matcher, 'LabelName')[0] ?? '', expr.slice(matcher.from, matcher.to)] as const);
    const named = pairs.filter(([label]) => label === '__name__').flatMap(([, text]) => text.replace(/^.*?"|"$/g, '').split('|'));
    const others = pairs.filter(([label]) => label !== '__name__');
    return {
      names: [...childTexts(expr, node, 'Identifier'), ...named],
      matchers: others.map(([, text]) => text),
      labels: others.map(([label]) => label),
    };
  });
}

const textsOf = (expr: string, kind: string): string[] => nodesOf(expr, kind).map((node) => expr.slice(node.from, node.to));
const childTexts = (expr: string, node: SyntaxNode, kind: string): string[] =>
  node.getChildren(kind).map((child) => expr.slice(child.from, child.to));

function nodesOf(expr: string, kind: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  parser.parse(expr).iterate({ enter: (node) => void (node.name === kind && found.push(node.node)) });
  return found;
}
