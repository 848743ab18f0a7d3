"""Answers queries with the engine whose Python package is named.

Each line of stdin is {"setup": [sql], "query": sql}; each line of stdout is its rows, or the text of an error.
"""

import json
import sys


def duckdb(setup):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in setup:
        connection.execute(statement)
    return lambda query: connection.execute(query).fetchall()


def chdb(setup):
    from chdb.session import Session

    session = Session()
    for statement in setup:
        session.query(statement)
    return lambda query: [json.loads(line) for line in session.query(query, "JSONCompactEachRow").data().splitlines()]


def main():
    start = {"duckdb": duckdb, "chdb": chdb}[sys.argv[1]]
    prepared, run = None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["setup"] != prepared:
                run, prepared = None, None
                run = start(request["setup"])
                prepared = request["setup"]
            answer = run(request["query"])
        except Exception as error:
            answer = str(error)
        print(json.dumps(answer, default=str), flush=True)


main()
