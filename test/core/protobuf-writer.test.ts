import { expect, test } from '@jest/globals';
import protobuf from 'protobufjs';
import { ProtobufWriter } from '../../collector/core/protobuf-writer.ts';

const schema = protobuf
  .parse(`syntax = "proto3";
  message Inner { string name = 1; uint64 whole = 2; }
  message Outer { Inner inner = 1; double ratio = 2; fixed64 time = 3; repeated string texts = 20; }`)
  .root.lookupType('Outer');

const read = (writer: ProtobufWriter): unknown => schema.toObject(schema.decode(writer.bytes()), { longs: String });

test('what is written from back to front reads in order', () => {
  const writer = new ProtobufWriter();
  writer.text(20, 'last');
  writer.text(20, 'größer als ASCII');
  writer.time(3, 1_795_000_000_123);
  writer.double(2, 0.25);
  writer.message(1, () => {
    writer.whole(2, 2 ** 53 - 1);
    writer.text(1, 'inner');
  });
  expect(read(writer)).toEqual({
    inner: { name: 'inner', whole: '9007199254740991' },
    ratio: 0.25,
    time: '1795000000123000000',
    texts: ['größer als ASCII', 'last'],
  });
});

test('the buffer grows with what is written', () => {
  const writer = new ProtobufWriter(1);
  const texts = Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(index)}`);
  for (const text of texts.toReversed()) writer.text(20, text);
  expect(read(writer)).toEqual({ texts });
});
