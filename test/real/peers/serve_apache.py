"""Serves the calculator with Apache's library until it is killed.

usage: serve_apache.py buffered|framed binary|compact|json GENERATED_FOLDER
"""
import socket
import sys

transport, protocol, generated = sys.argv[1:]
sys.path.insert(0, generated)

from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
from thrift.protocol.TCompactProtocol import TCompactProtocolFactory
from thrift.protocol.TJSONProtocol import TJSONProtocolFactory
from thrift.server.TServer import TThreadedServer
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TTransport import TBufferedTransportFactory, TFramedTransportFactory
from calculator import Calculator, ttypes


class Handler:
    def ping(self):
        pass

    def add(self, left, right):
        return left + right

    def calculate(self, logid, work):
        if work.op == ttypes.Operation.DIVIDE and work.right == 0:
            raise ttypes.InvalidOperation(operation=work.op, why="division by 0")
        return work.left * work.right

    def zip(self):
        pass


# The library does not tell which port it has got, so the port is chosen before.
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
factories = {"buffered": TBufferedTransportFactory, "framed": TFramedTransportFactory}
protocols = {
    "binary": TBinaryProtocolFactory,
    "compact": TCompactProtocolFactory,
    "json": TJSONProtocolFactory,
}
listening = TServerSocket("127.0.0.1", port)
server = TThreadedServer(
    Calculator.Processor(Handler()),
    listening,
    factories[transport](),
    protocols[protocol](),
    daemon=True,
)
listening.listen()
listening.listen = lambda: None
print("listening on", port, flush=True)
server.serve()
