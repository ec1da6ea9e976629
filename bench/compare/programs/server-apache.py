# server-apache.py <user code> <generated folder>: runs a server of Apache's library with that handler on a free port, and
# prints the port.
import importlib.util
import logging
import sys
import threading

sys.path.insert(0, sys.argv[2])

from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
from thrift.server.TServer import TThreadedServer
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TTransport import TBufferedTransportFactory
from calculator import Calculator

# A client that disconnects is not an error.
threading.excepthook = lambda args: None
logging.disable(logging.CRITICAL)
spec = importlib.util.spec_from_file_location("user_code", sys.argv[1])
user_code = importlib.util.module_from_spec(spec)
spec.loader.exec_module(user_code)
listening = TServerSocket("127.0.0.1", 0)
server = TThreadedServer(
    Calculator.Processor(user_code.CalculatorHandler()),
    listening,
    TBufferedTransportFactory(),
    TBinaryProtocolFactory(),
    daemon=True,
)
listening.listen()
listening.listen = lambda: None
print(listening.handle.getsockname()[1], flush=True)
server.serve()
