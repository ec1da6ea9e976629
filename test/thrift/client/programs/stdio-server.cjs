// A Thrift server on standard input and output. It exits when `clamp` is called.
const thrift = require('thrift');
const Library = require('../../gen-nodejs/Library.js');

const processor = new Library.Processor({
  twice: (number, answer) => answer(null, 2 * number),
  clamp: () => process.exit(),
});
process.stdin.on(
  'data',
  thrift.TBufferedTransport.receiver((transport) => {
    const input = new thrift.TBinaryProtocol(transport);
    const output = new thrift.TBinaryProtocol(
      new thrift.TBufferedTransport(undefined, (bytes) => process.stdout.write(bytes)),
    );
    processor.process(input, output);
    transport.commitPosition();
  }),
);
