"""Calls the calculator with the given library, and prints the outcome and the bytes of each call as JSON.

usage: call_calculator.py apache|thriftpy PORT buffered|framed binary|compact|json IDL_OR_GENERATED_FOLDER
"""
import json
import sys

from counted_socket import CountedSocket


def connect_apache(port, transport, protocol, generated):
    sys.path.insert(0, generated)
    from thrift.protocol.TBinaryProtocol import TBinaryProtocol
    from thrift.protocol.TCompactProtocol import TCompactProtocol
    from thrift.protocol.TJSONProtocol import TJSONProtocol
    from thrift.Thrift import TApplicationException
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport, TFramedTransport
    from calculator import Calculator, ttypes
    from shared.ttypes import NotFound

    socket = CountedSocket(TSocket("127.0.0.1", port))
    around = {"buffered": TBufferedTransport, "framed": TFramedTransport}[transport](socket)
    protocols = {"binary": TBinaryProtocol, "compact": TCompactProtocol, "json": TJSONProtocol}
    client = Calculator.Client(protocols[protocol](around))
    around.open()
    return client, socket, ttypes, NotFound, TApplicationException


def connect_thriftpy(port, transport, protocol, idl):
    import thriftpy
    from thriftpy.protocol.binary import TBinaryProtocol
    from thriftpy.thrift import TApplicationException, TClient
    from thriftpy.transport import TSocket
    from thriftpy.transport.buffered import TBufferedTransport
    from thriftpy.transport.framed import TFramedTransport

    assert protocol == "binary"
    types = thriftpy.load(idl, module_name="calculator_thrift")
    shared = types.__thrift_meta__["includes"][0]
    socket = CountedSocket(TSocket("127.0.0.1", port))
    around = {"buffered": TBufferedTransport, "framed": TFramedTransport}[transport](socket)
    client = TClient(types.Calculator, TBinaryProtocol(around))
    around.open()
    return client, socket, types, shared.NotFound, TApplicationException


def main(library, port, transport, protocol, source):
    connect = {"apache": connect_apache, "thriftpy": connect_thriftpy}[library]
    client, socket, types, not_found, application = connect(int(port), transport, protocol, source)
    calls = []

    def call(method, *args):
        try:
            result = getattr(client, method)(*args)
            outcome = ["reply", result if isinstance(result, (int, float, list, type(None))) else repr(result)]
        except (types.InvalidOperation, not_found) as error:
            outcome = ["declared", type(error).__name__]
        except application as error:
            outcome = ["application", error.message]
        calls.append({"method": method, "outcome": outcome, "bytes": socket.take()})

    operations = types.Operation
    work = lambda left, right, op: types.Work(left=left, right=right, op=op)
    call("ping")
    for number in range(5):
        call("add", number, 1)
    call("calculate", 1, work(6, 7, operations.MULTIPLY))
    call("calculate", 2, work(1, 0, operations.DIVIDE))
    call("getStruct", 1)
    call("getStruct", 99)
    call("recentKeys", 10)
    call("factorize", 12)
    call("mean", [1.0, 2.0, 6.0])
    call("mean", [])
    # A oneway call has been processed when the next call on the same connection is answered.
    call("zip")
    call("ping")
    print(json.dumps(calls))


main(*sys.argv[1:])
