from prometheus_client import Histogram, start_http_server

LATENCY = Histogram(
    "thrift_server_latency_seconds",
    "Time from the arrival of a call until it settles.",
    ["env", "region", "thrift_service", "thrift_method", "thrift_success", "tag"],
    buckets=[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


def serve(port, series):
    for i in range(series):
        LATENCY.labels("prod", "eu", "Many", "run", "true", f"tag{i}").observe(0.0001)
    start_http_server(port)
