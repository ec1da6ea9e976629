// A cluster worker that sends what the test wants, and passes on what it hears. When it is called, it announces itself with
// `package` as its argument, and ends with `leaving`.
const hello = { type: 'thrift-metrics.3:hello', threadId: 0, endpoint: 9000 };

process.on('internalMessage', (heard) => {
  if (heard.cmd !== 'NODE_THRIFT_METRICS_CALL_3') return;
  if (process.argv[2] === 'leaving') process.exit();
  if (process.argv[2] === 'package') process.send(hello);
  process.send({ heard: 'call' });
});
process.on('message', (message) => {
  if (message.say === undefined) process.send({ heard: message });
  else {
    for (const each of message.say) process.send(each);
    process.send({ heard: 'said' });
    if (message.leaves) process.disconnect();
  }
});
process.send({ heard: 'ready' });
