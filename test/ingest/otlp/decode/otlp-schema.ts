/**
 * The OTLP messages for protobufjs, the second opinion on our own reader. Only what the reader reads is declared, plus fields that
 * no version of OTLP has, in every wire type, so that generated messages carry things to skip.
 */
import protobuf from 'protobufjs';

const UNKNOWN = `
  uint32 zz_varint = 900; fixed64 zz_fixed64 = 901; bytes zz_bytes = 902; fixed32 zz_fixed32 = 903; repeated uint32 zz_packed = 904;`;

const message = (name: string, fields: string): string => `message ${name} { ${fields} ${UNKNOWN} }`;

const tree = (signal: string, scope: string, item: string, items: string): string =>
  [
    message(`Export${signal}`, `repeated Resource${scope} resource_${scope.toLowerCase()} = 1;`),
    message(`Resource${scope}`, `Resource resource = 1; repeated Scope${scope} scope_${scope.toLowerCase()} = 2; string schema_url = 3;`),
    message(`Scope${scope}`, `Scope scope = 1; repeated ${item} ${items} = 2; string schema_url = 3;`),
  ].join('\n');

const POINT_TIMES = 'fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;';

const SCHEMA = `syntax = "proto3";
enum AggregationTemporality { AGGREGATION_TEMPORALITY_UNSPECIFIED = 0; AGGREGATION_TEMPORALITY_DELTA = 1; AGGREGATION_TEMPORALITY_CUMULATIVE = 2; }
${tree('Logs', 'Logs', 'LogRecord', 'log_records')}
${tree('Metrics', 'Metrics', 'Metric', 'metrics')}
${tree('Traces', 'Spans', 'Span', 'spans')}
${message('Resource', 'repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2;')}
${message('Scope', 'string name = 1; string version = 2; repeated KeyValue attributes = 3;')}
${message('KeyValue', 'string key = 1; AnyValue value = 2;')}
${message(
  'AnyValue',
  `oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
   ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; }`,
)}
${message('ArrayValue', 'repeated AnyValue values = 1;')}
${message('KeyValueList', 'repeated KeyValue values = 1;')}
${message(
  'LogRecord',
  `fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6;
   fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;`,
)}
${message(
  'Span',
  `bytes trace_id = 1; bytes span_id = 2; string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
   repeated KeyValue attributes = 9;`,
)}
${message(
  'Metric',
  `string name = 1; string description = 2; string unit = 3;
   oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; Summary summary = 11; }`,
)}
${message('Gauge', 'repeated NumberDataPoint data_points = 1;')}
${message('Sum', 'repeated NumberDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; bool is_monotonic = 3;')}
${message('Histogram', 'repeated HistogramDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2;')}
${message('ExponentialHistogram', 'repeated ExponentialPoint data_points = 1; AggregationTemporality aggregation_temporality = 2;')}
${message('Summary', 'repeated SummaryPoint data_points = 1;')}
${message('NumberDataPoint', `repeated KeyValue attributes = 7; ${POINT_TIMES} oneof value { double as_double = 4; sfixed64 as_int = 6; } uint32 flags = 8;`)}
${message('HistogramDataPoint', `repeated KeyValue attributes = 9; ${POINT_TIMES} fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6;`)}
${message('ExponentialPoint', `repeated KeyValue attributes = 1; ${POINT_TIMES} fixed64 count = 4;`)}
${message('SummaryPoint', `repeated KeyValue attributes = 7; ${POINT_TIMES} fixed64 count = 4; double sum = 5;`)}
`;

const { root } = protobuf.parse(SCHEMA);

export const MESSAGES = {
  logs: root.lookupType('ExportLogs'),
  metrics: root.lookupType('ExportMetrics'),
  traces: root.lookupType('ExportTraces'),
} as const;
