"""A socket that counts the bytes of the Thrift messages that pass through it."""


class CountedSocket:
    """Wraps the socket of a transport. Works with Apache's library and with ThriftPy."""

    def __init__(self, socket):
        self.socket = socket
        self.written = 0
        self.received = 0

    def open(self):
        self.socket.open()

    def close(self):
        self.socket.close()

    def isOpen(self):
        return self.socket.isOpen()

    def is_open(self):
        return self.socket.is_open()

    def write(self, data):
        self.written += len(data)
        return self.socket.write(data)

    def flush(self):
        return self.socket.flush()

    def read(self, size):
        data = self.socket.read(size)
        self.received += len(data)
        return data

    def readAll(self, size):
        data = b""
        while len(data) < size:
            more = self.read(size - len(data))
            if not more:
                raise EOFError()
            data += more
        return data

    def take(self):
        """Bytes written and received since the last time."""
        taken = [self.written, self.received]
        self.written = self.received = 0
        return taken
