"""The unmodified PyPI client segment-analytics-python: python python.py URL WRITE_KEY

Sends the same six events twice, with the same message ids, and says how many it sent. The second
round is gzipped.
"""

import datetime
import json
import sys

from segment.analytics.client import Client

host, write_key = sys.argv[1:3]
failures = []

for gzip in (False, True):
    client = Client(write_key, host=host, gzip=gzip, on_error=lambda error, items: failures.append(error))
    client.identify("python-1", {"email": "python-1@example.com", "name": "山田 太郎"}, message_id="python-identify")
    client.track(
        "python-1",
        "Order Completed",
        {"order_id": "A-1002", "revenue": 1299.5, "products": [{"sku": "SKU1", "quantity": 1}]},
        timestamp=datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc),
        message_id="python-order",
    )
    client.page("python-1", "Docs", "Home", {"url": "https://shop.example/"}, message_id="python-page")
    client.screen("python-1", None, "Main", message_id="python-screen")
    client.group("python-1", "g1", {"name": "Acme"}, message_id="python-group")
    client.alias("python-anonymous-1", "python-1", message_id="python-alias")
    client.flush()
    client.join()

if failures:
    sys.exit(f"the client was refused: {failures}")
print(json.dumps({"events": 6, "rounds": 2}))
