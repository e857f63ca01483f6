/** Figures as the templates of Prometheus and Grafana write them inside an annotation; each ends in text for people. */
import { LABELS } from '../../collector/catalog/names.ts';

const THOUSANDS = ' | reReplaceAll "(\\\\d)(\\\\d{3})\\\\b" "$1,$2"';

/** A pipeline that ends in a number's text, with separators of thousands up to a trillion: each step finds the rightmost group without one. */
export const grouped = (pipeline: string): string => pipeline + THOUSANDS.repeat(4);

/**
 * 0.8 as "80 %", with one decimal, cut and not rounded, so that 79.99 % never reads as 80 %: the template language cannot multiply, so the point
 * of nine decimals is moved. Of an amount of zero everything is used.
 */
export const percent = (value: string): string => {
  const hundredfold = `${value} | printf "%.9f" | reReplaceAll "\\\\.(\\\\d\\\\d)(\\\\d)\\\\d*$" "$1.$2" | reReplaceAll "^0+(\\\\d)" "$1" | reReplaceAll "\\\\.0$" ""`;
  return `{{ if gt ${value} 1e9 }}all{{ else }}{{ ${grouped(hundredfold)} }} %{{ end }}`;
};

/** Seconds as "3d 2h", without fractions of a second and zeros at the end. */
export const duration = (value: string): string => `${value} | humanizeDuration | reReplaceAll "\\\\.\\\\d+s$" "s" | reReplaceAll "( 0[hms])+$" ""`;

/** "team platform" for "team=platform". */
export const SCOPE = `{{ $labels.${LABELS.scope} | reReplaceAll "=" " " }}`;
