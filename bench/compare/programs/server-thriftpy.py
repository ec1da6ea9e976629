# server-thriftpy.py <user code> <IDL>: runs a Thrift server with that handler on a free port, and prints the port.
import importlib.util
import logging
import sys
import threading

import thriftpy
from thriftpy.protocol.binary import TBinaryProtocolFactory
from thriftpy.server import TThreadedServer
from thriftpy.thrift import TProcessor
from thriftpy.transport import TServerSocket
from thriftpy.transport.buffered import TBufferedTransportFactory

# A client that disconnects is not an error.
threading.excepthook = lambda args: None
logging.disable(logging.CRITICAL)
spec = importlib.util.spec_from_file_location("user_code", sys.argv[1])
user_code = importlib.util.module_from_spec(spec)
spec.loader.exec_module(user_code)
types = thriftpy.load(sys.argv[2], module_name="calculator_thrift")
listening = TServerSocket("127.0.0.1", 0)
server = TThreadedServer(
    TProcessor(types.Calculator, user_code.CalculatorHandler()),
    listening,
    TBufferedTransportFactory(),
    TBinaryProtocolFactory(),
)
listening.listen()
listening.listen = lambda: None
print(listening.sock.getsockname()[1], flush=True)
server.serve()
