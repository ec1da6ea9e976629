from prometheus_client import Counter, Gauge, Histogram, start_http_server

LABELS = ["thrift_service", "thrift_method"]
REQUESTS = Counter("thrift_server_requests_total", "Calls that reached the handler.", LABELS)
LATENCY = Histogram(
    "thrift_server_latency_seconds",
    "Time from the arrival of a call until it settles.",
    LABELS,
    buckets=[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)
ERRORS = Counter("thrift_server_errors_total", "Calls that failed.", LABELS)
ACTIVE = Gauge("thrift_server_active_requests", "Calls in progress.", LABELS)


class CalculatorHandler:
    @ACTIVE.labels("Calculator", "add").track_inprogress()
    @ERRORS.labels("Calculator", "add").count_exceptions()
    @LATENCY.labels("Calculator", "add").time()
    def add(self, left, right):
        REQUESTS.labels("Calculator", "add").inc()
        return left + right

    @ACTIVE.labels("Calculator", "divide").track_inprogress()
    @ERRORS.labels("Calculator", "divide").count_exceptions()
    @LATENCY.labels("Calculator", "divide").time()
    def divide(self, left, right):
        REQUESTS.labels("Calculator", "divide").inc()
        if right == 0:
            raise ZeroDivisionError("division by 0")
        return left / right


def serve(port):
    start_http_server(port)
