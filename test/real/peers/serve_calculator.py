"""Serves the calculator with ThriftPy until SIGTERM, then prints what it did as JSON.

usage: serve_calculator.py buffered|framed IDL
"""
import json
import os
import signal
import sys
import threading
from collections import Counter

import thriftpy
from thriftpy.protocol.binary import TBinaryProtocolFactory
from thriftpy.server import TSimpleServer
from thriftpy.thrift import TProcessor
from thriftpy.transport import TServerSocket
from thriftpy.transport.buffered import TBufferedTransportFactory
from thriftpy.transport.framed import TFramedTransportFactory

transport, idl = sys.argv[1:]
types = thriftpy.load(idl, module_name="calculator_thrift")
did = Counter()


class Handler:
    def ping(self):
        did["ping"] += 1

    def add(self, left, right):
        did["add"] += 1
        return left + right

    def calculate(self, logid, work):
        did["calculate"] += 1
        if work.op == types.Operation.DIVIDE and work.right == 0:
            did["calculate InvalidOperation"] += 1
            raise types.InvalidOperation(operation=work.op, why="division by 0")
        return work.left * work.right

    def zip(self):
        did["zip"] += 1


# The library closes a connection when a handler raises an undeclared exception, and by default one that is idle for three
# seconds.
listening = TServerSocket("127.0.0.1", 0, client_timeout=None)
factories = {"buffered": TBufferedTransportFactory, "framed": TFramedTransportFactory}
server = TSimpleServer(
    TProcessor(types.Calculator, Handler()),
    listening,
    factories[transport](),
    TBinaryProtocolFactory(),
)


def serve():
    listening.listen()
    port = listening.sock.getsockname()[1]
    listening.listen = lambda: None
    print("listening on", port, flush=True)
    server.serve()


def end(*_):
    print(json.dumps(did), flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
threading.Thread(target=serve, daemon=True).start()
signal.pause()
