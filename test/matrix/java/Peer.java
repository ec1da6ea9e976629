import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.*;
import org.apache.thrift.transport.*;
import org.apache.thrift.transport.layered.*;

/**
 * Serves or calls four methods of the calculator with Apache's library for Java, and prints every message in hexadecimal.
 *
 * <p>It reads and writes structs as generated code does. If it is aware of contexts, it reads and writes field 8888 with the
 * same functions of TProtocol, as OpenTelemetry's instrumentation of Java does. Otherwise it skips the field as an unknown one.
 *
 * <pre>
 * usage: Peer serve                               prints `port TRANSPORT PROTOCOL AWARENESS PORT` lines, then the calls
 *        Peer call TRANSPORT PROTOCOL AWARENESS PORT
 * </pre>
 */
public class Peer {
  static final short CONTEXT = 8888;
  static final Map<String, String> SENT = new LinkedHashMap<>();

  static {
    SENT.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    SENT.put("tracestate", "vendor=value");
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("call")) {
      call(args[1], args[2], args[3].equals("aware"), Integer.parseInt(args[4]));
      return;
    }
    for (String transport : new String[] {"framed", "buffered"})
      for (String protocol : new String[] {"binary", "compact", "json"})
        for (String awareness : new String[] {"aware", "unaware"}) serve(transport, protocol, awareness);
  }

  /** Passes bytes on and keeps them. */
  static class Recorded extends TLayeredTransport {
    final ByteArrayOutputStream read = new ByteArrayOutputStream();
    final ByteArrayOutputStream written = new ByteArrayOutputStream();

    Recorded(TTransport inner) throws TTransportException {
      super(inner);
    }

    public boolean isOpen() {
      return getInnerTransport().isOpen();
    }

    public void open() throws TTransportException {
      getInnerTransport().open();
    }

    public void close() {
      getInnerTransport().close();
    }

    public int read(byte[] to, int offset, int length) throws TTransportException {
      int count = getInnerTransport().read(to, offset, length);
      read.write(to, offset, count);
      return count;
    }

    public void write(byte[] from, int offset, int length) throws TTransportException {
      written.write(from, offset, length);
      getInnerTransport().write(from, offset, length);
    }

    public void flush() throws TTransportException {
      getInnerTransport().flush();
    }

    /** The bytes since the last time, or `-`. */
    static String take(ByteArrayOutputStream bytes) {
      String taken = HexFormat.of().formatHex(bytes.toByteArray());
      bytes.reset();
      return taken.isEmpty() ? "-" : taken;
    }
  }

  static TProtocol protocolOver(Recorded recorded, String transport, String protocol) throws TException {
    TTransport over = transport.equals("framed") ? new TFramedTransport(recorded) : recorded;
    switch (protocol) {
      case "binary":
        return new TBinaryProtocol(over);
      case "compact":
        return new TCompactProtocol(over);
      default:
        return new TJSONProtocol(over);
    }
  }

  // The server.

  static void serve(String transport, String protocol, String awareness) throws Exception {
    TServerSocket server = new TServerSocket(new InetSocketAddress("127.0.0.1", 0));
    server.listen();
    print("port", transport, protocol, awareness, server.getServerSocket().getLocalPort());
    new Thread(
            () -> {
              try {
                for (; ; ) {
                  Recorded recorded = new Recorded(server.accept());
                  TProtocol over = protocolOver(recorded, transport, protocol);
                  new Thread(() -> answer(over, recorded, awareness.equals("aware"))).start();
                }
              } catch (TException error) {
                throw new IllegalStateException(error);
              }
            })
        .start();
  }

  static void answer(TProtocol protocol, Recorded recorded, boolean isAware) {
    try {
      for (; ; ) answerOne(protocol, recorded, isAware);
    } catch (TTransportException end) {
      // The client has closed the connection.
    } catch (Exception error) {
      error.printStackTrace();
    }
  }

  static void answerOne(TProtocol protocol, Recorded recorded, boolean isAware) throws TException {
    TMessage message = protocol.readMessageBegin();
    Arguments arguments = new Arguments();
    readStruct(protocol, isAware, arguments);
    protocol.readMessageEnd();
    if (message.type == TMessageType.CALL) {
      protocol.writeMessageBegin(new TMessage(message.name, TMessageType.REPLY, message.seqid));
      protocol.writeStructBegin(new TStruct("result"));
      if (message.name.equals("add")) writeI32(protocol, 0, arguments.first + arguments.second);
      else if (message.name.equals("calculate")) writeInvalidOperation(protocol, arguments);
      protocol.writeFieldStop();
      protocol.writeStructEnd();
      protocol.writeMessageEnd();
      protocol.getTransport().flush();
    }
    Object context = arguments.context == null ? "-" : arguments.context.get("traceparent");
    print("call", message.name, context, Recorded.take(recorded.read), Recorded.take(recorded.written));
  }

  /** The i32 fields of `add`, or of the struct of `calculate`. */
  static class Arguments {
    int first;
    int second;
    int third;
    Map<String, String> context;
  }

  static void readStruct(TProtocol protocol, boolean isAware, Arguments into) throws TException {
    protocol.readStructBegin();
    for (; ; ) {
      TField field = protocol.readFieldBegin();
      if (field.type == TType.STOP) break;
      if (field.id == CONTEXT && isAware && field.type == TType.MAP) into.context = readContext(protocol);
      else if (field.type == TType.STRUCT && field.id == 2) readStruct(protocol, false, into);
      else if (field.type == TType.I32 && field.id == 1) into.first = protocol.readI32();
      else if (field.type == TType.I32 && field.id == 2) into.second = protocol.readI32();
      else if (field.type == TType.I32 && field.id == 3) into.third = protocol.readI32();
      else TProtocolUtil.skip(protocol, field.type);
      protocol.readFieldEnd();
    }
    protocol.readStructEnd();
  }

  static Map<String, String> readContext(TProtocol protocol) throws TException {
    Map<String, String> context = new LinkedHashMap<>();
    TMap map = protocol.readMapBegin();
    for (int i = 0; i < map.size; i++) context.put(protocol.readString(), protocol.readString());
    protocol.readMapEnd();
    return context;
  }

  static void writeI32(TProtocol protocol, int id, int value) throws TException {
    protocol.writeFieldBegin(new TField("", TType.I32, (short) id));
    protocol.writeI32(value);
    protocol.writeFieldEnd();
  }

  static void writeInvalidOperation(TProtocol protocol, Arguments work) throws TException {
    protocol.writeFieldBegin(new TField("ouch", TType.STRUCT, (short) 1));
    protocol.writeStructBegin(new TStruct("InvalidOperation"));
    writeI32(protocol, 1, work.third);
    protocol.writeFieldBegin(new TField("why", TType.STRING, (short) 2));
    protocol.writeString("division by 0");
    protocol.writeFieldEnd();
    protocol.writeFieldStop();
    protocol.writeStructEnd();
    protocol.writeFieldEnd();
  }

  // The client.

  static void call(String transport, String name, boolean isAware, int port) throws Exception {
    TSocket socket = new TSocket("127.0.0.1", port);
    socket.open();
    Recorded recorded = new Recorded(socket);
    TProtocol protocol = protocolOver(recorded, transport, name);
    int seqid = 0;
    for (String method : new String[] {"ping", "add", "calculate", "zip", "ping"}) {
      boolean isOneway = method.equals("zip");
      byte type = isOneway ? TMessageType.ONEWAY : TMessageType.CALL;
      protocol.writeMessageBegin(new TMessage(method, type, ++seqid));
      protocol.writeStructBegin(new TStruct("args"));
      if (method.equals("add")) {
        writeI32(protocol, 1, 2);
        writeI32(protocol, 2, 3);
      } else if (method.equals("calculate")) writeWork(protocol);
      if (isAware) writeContext(protocol);
      protocol.writeFieldStop();
      protocol.writeStructEnd();
      protocol.writeMessageEnd();
      protocol.getTransport().flush();
      if (!isOneway) {
        TMessage reply = protocol.readMessageBegin();
        if (reply.seqid != seqid || reply.type != TMessageType.REPLY) throw new TException("no reply: " + reply);
        TProtocolUtil.skip(protocol, TType.STRUCT);
        protocol.readMessageEnd();
      }
      print("called", method, Recorded.take(recorded.written), Recorded.take(recorded.read));
    }
    socket.close();
  }

  /** The arguments `2, Work(left=1, right=0, op=DIVIDE)`. */
  static void writeWork(TProtocol protocol) throws TException {
    writeI32(protocol, 1, 2);
    protocol.writeFieldBegin(new TField("work", TType.STRUCT, (short) 2));
    protocol.writeStructBegin(new TStruct("Work"));
    writeI32(protocol, 1, 1);
    writeI32(protocol, 2, 0);
    writeI32(protocol, 3, 4);
    protocol.writeFieldStop();
    protocol.writeStructEnd();
    protocol.writeFieldEnd();
  }

  static void writeContext(TProtocol protocol) throws TException {
    protocol.writeFieldBegin(new TField("", TType.MAP, CONTEXT));
    protocol.writeMapBegin(new TMap(TType.STRING, TType.STRING, SENT.size()));
    for (Map.Entry<String, String> entry : SENT.entrySet()) {
      protocol.writeString(entry.getKey());
      protocol.writeString(entry.getValue());
    }
    protocol.writeMapEnd();
    protocol.writeFieldEnd();
  }

  static synchronized void print(Object... parts) {
    StringBuilder line = new StringBuilder();
    for (Object part : parts) line.append(line.length() == 0 ? "" : " ").append(part);
    System.out.println(line);
  }
}
