/** The operator's own price file, as text: rows are added, everything that is there stays as it is written. */
import type { Document, YAMLMap, YAMLSeq } from 'yaml';
import { yaml } from '../core/yaml.ts';
import type { PriceRow } from './periods.ts';
import { RATE_CLASS_NAMES, type Rates } from './rates.ts';

const EMPTY = 'version: 1\ncurrency: USD\nmodels: {}\n';

/** `text` is that of a valid price file, or undefined to begin one. Rows of a model come behind those it has. */
export function withRows(text: string | undefined, rows: ReadonlyMap<string, PriceRow>): string {
  const { isMap, parseDocument } = yaml();
  const document = parseDocument(text ?? EMPTY);
  const models = document.get('models');
  if (isMap(models)) models.flow = false;
  for (const [model, row] of rows) {
    const node = rowNode(document, row);
    const before = isMap(models) ? listOf(document, models, model) : undefined;
    if (before !== undefined) before.add(node);
    else document.setIn(['models', model], document.createNode([node]));
  }
  return document.toString({ lineWidth: 0 });
}

/** Of the model alone: a list that it shares with others (&name, *name) becomes one of each, so that a row for one prices no other. */
function listOf(document: Document, models: YAMLMap, model: string): YAMLSeq | undefined {
  const { isAlias, isSeq } = yaml();
  const given = models.get(model, true);
  const list = isAlias(given) ? given.resolve(document) : given;
  if (!isSeq(list)) return undefined;
  for (const pair of models.items) if (isAlias(pair.value) && pair.value.resolve(document) === list) pair.value = copyOf(list);
  const own = models.get(model, true);
  return isSeq(own) ? own : undefined;
}

/** Names within it stay those of the first. */
function copyOf(list: YAMLSeq): YAMLSeq {
  const { visit } = yaml();
  const copy = list.clone() as YAMLSeq; // a copy is of the same kind
  const unnamed = (_: unknown, node: { anchor?: string }): void => {
    delete node.anchor;
  };
  visit(copy, { Scalar: unnamed, Map: unnamed, Seq: unnamed });
  return copy;
}

function rowNode(document: Document, { from, source, factors, normal, fast, above }: PriceRow): YAMLMap {
  const { YAMLMap } = yaml();
  const map = new YAMLMap();
  map.set('from', from);
  if (source !== undefined) map.set('source', source);
  if (factors !== undefined) map.set('factors', factors);
  map.set('normal', ratesNode(normal));
  if (fast !== undefined) map.set('fast', ratesNode(fast));
  if (above !== undefined) map.set('above', document.createNode({ prompt_tokens: above.prompt_tokens, normal: ratesNode(above.normal) }));
  return map;
}

/** Quoted: a rate is a text, which nothing rounds. */
function ratesNode(rates: Rates): YAMLMap {
  const { Scalar, YAMLMap } = yaml();
  const map = new YAMLMap();
  map.flow = true;
  for (const name of RATE_CLASS_NAMES) {
    const scalar = new Scalar(rates[name]);
    scalar.type = Scalar.QUOTE_DOUBLE;
    map.set(name, scalar);
  }
  return map;
}
