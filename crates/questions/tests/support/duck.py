"""Answers queries with DuckDB: each line of stdin is {"setup": [sql], "query": sql}, each line of stdout its rows."""

import json
import sys

import duckdb

for line in sys.stdin:
    request = json.loads(line)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in request["setup"]:
        connection.execute(statement)
    rows = connection.execute(request["query"]).fetchall()
    print(json.dumps(rows, default=str), flush=True)
