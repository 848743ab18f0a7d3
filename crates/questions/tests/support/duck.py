"""Answers queries with DuckDB.

Each line of stdin is {"setup": [sql], "query": sql}; each line of stdout is its rows, or the text of an error.
"""

import json
import sys

import duckdb


def main():
    prepared = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["setup"] != prepared:
                prepared = request["setup"]
                connection = duckdb.connect()
                connection.execute("SET TimeZone = 'UTC'")
                for statement in prepared:
                    connection.execute(statement)
            answer = connection.execute(request["query"]).fetchall()
        except duckdb.Error as error:
            answer = str(error)
        print(json.dumps(answer, default=str), flush=True)


main()
