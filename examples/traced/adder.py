"""A service of ThriftPy that knows nothing about traces. Prints how many calls it has answered when it gets SIGTERM.

usage: adder.py IDL
"""
import json
import os
import signal
import sys
import threading

import thriftpy
from thriftpy.protocol.binary import TBinaryProtocolFactory
from thriftpy.server import TSimpleServer
from thriftpy.thrift import TProcessor
from thriftpy.transport import TServerSocket
from thriftpy.transport.buffered import TBufferedTransportFactory

types = thriftpy.load(sys.argv[1], module_name="calculator_thrift")
answered = []


class Adder:
    def add(self, left, right):
        answered.append(left + right)
        return answered[-1]


# By default, the library closes a connection that is idle for three seconds.
listening = TServerSocket("127.0.0.1", 0, client_timeout=None)
server = TSimpleServer(
    TProcessor(types.Calculator, Adder()),
    listening,
    TBufferedTransportFactory(),
    TBinaryProtocolFactory(),
)


def serve():
    listening.listen()
    port = listening.sock.getsockname()[1]
    # The server would listen once more.
    listening.listen = lambda: None
    print(port, flush=True)
    server.serve()


def end(*_):
    print(json.dumps(answered), flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
threading.Thread(target=serve, daemon=True).start()
signal.pause()
