"""Asks ClickHouse (as a library: chdb) or DuckDB the questions of the benchmark.

    peers.py ENGINE load|ask FOLDER RUNS

`load` reads FOLDER/events.parquet into two tables, one in the order (customer, at), one in the order (event, customer,
at); `ask` writes FOLDER/ENGINE.json. A question may be asked in several forms, each of which says the same: an analyst
finds the plain one, somebody who knows the engine the others. The fastest run of the fastest form counts.
"""

import json
import os
import shutil
import sys
import time

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
THREADS = 2
MEMORY_GB = 7

EVENTS = (
    "page_view product_view search add_to_cart app_open purchase push_received push_opened wishlist_add "
    "checkout_start remove_from_cart coupon_view review_read share login logout signup support_chat refund app_uninstall"
).split()
FUNNEL = ["product_view", "add_to_cart", "checkout_start", "purchase"]


def quoted(names):
    return ", ".join(f"'{name}'" for name in names)


class ClickHouse:
    """MergeTree tables with LowCardinality texts and no Nullable columns, each merged into one part."""

    def __init__(self, folder, facts):
        import chdb
        from chdb import session

        self.facts = facts
        self.folder = os.path.join(folder, "clickhouse")
        self.name = f"ClickHouse {chdb.engine_version}" if hasattr(chdb, "engine_version") else "ClickHouse"
        self.session = session.Session(self.folder)
        self.session.query(f"SET max_threads = {THREADS}")
        self.session.query(f"SET max_memory_usage = {MEMORY_GB}000000000")
        self.session.query("SET output_format_json_quote_64bit_integers = 0")
        self.session.query("SET optimize_aggregation_in_order = 1")
        self.session.query("CREATE DATABASE IF NOT EXISTS shop ENGINE = Atomic")
        version = json.loads(str(self.session.query("SELECT version()", "JSONCompactEachRow")))[0]
        self.name = "ClickHouse " + ".".join(version.split(".")[:2])

    @staticmethod
    def forget(folder):
        shutil.rmtree(os.path.join(folder, "clickhouse"), ignore_errors=True)

    def load(self, parquet):
        for table, order in [("by_customer", "customer, at"), ("by_event", "event, customer, at")]:
            self.session.query(
                f"""CREATE TABLE shop.{table} (
                    customer UInt32, at DateTime64(3, 'UTC'), event LowCardinality(String),
                    amount Float64, category LowCardinality(String), page LowCardinality(String)
                ) ENGINE = MergeTree ORDER BY ({order})"""
            )
            self.session.query(
                f"""INSERT INTO shop.{table}
                    SELECT customer, at, event, coalesce(amount, 0), coalesce(category, ''), coalesce(page, '')
                    FROM file('{parquet}', Parquet) SETTINGS max_insert_threads = {THREADS}"""
            )
            self.session.query(f"OPTIMIZE TABLE shop.{table} FINAL")

    def bytes(self):
        rows = self.rows(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'shop' AND table = 'by_customer' AND active"
        )
        return rows[0][0]

    def run(self, sql):
        return self.session.query(sql, "JSONCompactEachRow")

    def rows(self, sql):
        return self.read(self.run(sql))

    def read(self, result):
        return [json.loads(line) for line in str(result).splitlines() if line]

    def questions(self):
        facts = self.facts
        start, end = facts["start_ms"], facts["end_ms"]
        monday = start - 3 * DAY_MS
        instant = lambda ms: f"fromUnixTimestamp64Milli({ms}, 'UTC')"
        ms = "toUInt64(toUnixTimestamp64Milli(at))"
        since = lambda days: f"at > {instant(end - days * DAY_MS)} AND at <= {instant(end)}"
        weeks = f"at >= {instant(monday)} AND at < {instant(monday + 26 * WEEK_MS)}"
        week = f"intDiv({ms} - {monday}, {WEEK_MS})"
        day = f"intDiv({ms} - {start}, {DAY_MS})"
        date = f"toUInt32(toDate(at)) - {start // DAY_MS}"
        buyers = """buyers AS (SELECT customer, max(at) AS last, count() AS times, sum(amount) AS spent
                    FROM shop.by_event WHERE event = 'purchase' GROUP BY customer)"""
        score = lambda less, equal, n: f"least(5, 1 + intDiv(5 * (2 * ({less}) + {equal}), 2 * {n}))"
        funnel = lambda table: f"""
            SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3), countIf(level >= 4) FROM (
                SELECT windowFunnel({WEEK_MS})({ms}, {", ".join(f"event = '{name}'" for name in FUNNEL)}) AS level
                FROM shop.{table} WHERE event IN ({quoted(FUNNEL)}) GROUP BY customer)"""
        uninstalled = "(SELECT customer FROM shop.by_event WHERE event = 'app_uninstall')"
        sequence = ["add_to_cart", "purchase", "remove_from_cart"]
        return {
            "audience": {
                "two sets": f"""
                    SELECT count(), sum(customer) FROM (
                        SELECT customer FROM shop.by_event
                        WHERE event = 'purchase' AND category = 'shoes' AND {since(30)}
                        GROUP BY customer HAVING count() >= 2)
                    WHERE customer NOT IN (
                        SELECT customer FROM shop.by_event WHERE event = 'app_uninstall' AND {since(90)})""",
                "one pass": f"""
                    SELECT count(), sum(customer) FROM (
                        SELECT customer FROM shop.by_event
                        WHERE event IN ('purchase', 'app_uninstall') AND {since(90)}
                        GROUP BY customer
                        HAVING countIf(event = 'purchase' AND category = 'shoes' AND {since(30)}) >= 2
                           AND countIf(event = 'app_uninstall') = 0)""",
            },
            "rfm": {
                "windows": f"""
                    WITH {buyers}, scored AS (SELECT spent,
                        {score("rank() OVER (ORDER BY last) - 1", "count() OVER (PARTITION BY last)", "count() OVER ()")} AS r,
                        {score("rank() OVER (ORDER BY times) - 1", "count() OVER (PARTITION BY times)", "count() OVER ()")} AS f
                        FROM buyers)
                    SELECT r, f, count(), sum(spent) FROM scored GROUP BY r, f""",
                "scales": f"""
                    WITH {buyers}, (SELECT uniqExact(customer) FROM shop.by_event WHERE event = 'purchase') AS n,
                    recency AS (SELECT last, {score("sum(c) OVER (ORDER BY last) - c", "c", "n")} AS r
                        FROM (SELECT last, count() AS c FROM buyers GROUP BY last)),
                    frequency AS (SELECT times, {score("sum(c) OVER (ORDER BY times) - c", "c", "n")} AS f
                        FROM (SELECT times, count() AS c FROM buyers GROUP BY times))
                    SELECT r, f, count(), sum(spent) FROM buyers JOIN recency USING last JOIN frequency USING times
                    GROUP BY r, f""",
            },
            "funnel": {"by customer": funnel("by_customer"), "by event": funnel("by_event")},
            "retention": {
                "join": f"""
                    WITH weeks AS (SELECT DISTINCT customer, {week} AS week FROM shop.by_customer WHERE {weeks}),
                    firsts AS (SELECT customer, min(week) AS cohort FROM weeks GROUP BY customer)
                    SELECT cohort, week - cohort AS k, count() FROM weeks JOIN firsts USING customer GROUP BY 1, 2""",
                "arrays": f"""
                    SELECT cohort, k, count() FROM (
                        SELECT arrayMin(weeks) AS cohort, arrayJoin(weeks) - cohort AS k FROM (
                            SELECT groupUniqArray({week}) AS weeks FROM shop.by_customer WHERE {weeks} GROUP BY customer))
                    GROUP BY cohort, k""",
                "bits": f"""
                    SELECT cohort, k, count() FROM (
                        SELECT arrayMin(weeks) AS cohort, arrayJoin(weeks) - cohort AS k FROM (
                            SELECT bitPositionsToArray(groupBitOr(bitShiftLeft(toUInt32(1), toUInt8({week})))) AS weeks
                            FROM shop.by_customer WHERE {weeks} GROUP BY customer))
                    GROUP BY cohort, k""",
            },
            "daily": {
                "uniqExact": f"SELECT {date} AS day, event, count(), uniqExact(customer) FROM shop.by_event GROUP BY day, event",
                "groupBitmap": f"SELECT {date} AS day, event, count(), groupBitmap(customer) FROM shop.by_event GROUP BY day, event",
                "two levels": f"""
                    SELECT day, event, sum(c), count() FROM (
                        SELECT {day} AS day, event, customer, count() AS c FROM shop.by_event GROUP BY event, customer, day)
                    GROUP BY day, event""",
            },
            "paths": {
                "windows": f"""
                    SELECT a, b, c, count() AS n FROM (
                        SELECT toString(event) AS name, lagInFrame(name, 3, '') OVER w AS a,
                            lagInFrame(name, 2, '') OVER w AS b, lagInFrame(name, 1, '') OVER w AS c
                        FROM shop.by_customer WHERE customer IN {uninstalled}
                        WINDOW w AS (PARTITION BY customer ORDER BY at ROWS BETWEEN 3 PRECEDING AND CURRENT ROW))
                    WHERE name = 'app_uninstall' GROUP BY a, b, c ORDER BY n DESC, a, b, c LIMIT 20""",
                "arrays": f"""
                    SELECT path.1, path.2, path.3, count() AS n FROM (
                        SELECT arrayConcat(['', '', ''], arrayMap(e -> e.2, arraySort(groupArray((at, toString(event)))))) AS names,
                            arrayJoin(arrayMap(i -> (names[i - 3], names[i - 2], names[i - 1]),
                                arrayFilter(i -> names[i] = 'app_uninstall', arrayEnumerate(names)))) AS path
                        FROM shop.by_customer WHERE customer IN {uninstalled} GROUP BY customer)
                    GROUP BY path ORDER BY n DESC, path LIMIT 20""",
            },
            "sequence": {
                "arrays": f"""
                    SELECT category, count() FROM (
                        SELECT groupUniqArrayIf(toString(category), event = 'purchase') AS categories,
                            arraySort(groupArray(({ms}, toString(event)))) AS story
                        FROM shop.by_event WHERE event IN ({quoted(sequence)}) GROUP BY customer
                        HAVING arrayExists(
                            (now, before) -> now.2 = 'purchase' AND before.2 = 'add_to_cart' AND now.1 - before.1 <= {DAY_MS},
                            arrayPopFront(story), arrayPopBack(story)))
                    ARRAY JOIN arrayPushBack(categories, '') AS category GROUP BY category""",
                "windows": f"""
                    SELECT category, count() FROM (
                        SELECT groupUniqArrayIf(category, name = 'purchase') AS categories FROM (
                            SELECT customer, toString(event) AS name, toString(category) AS category, at,
                                lagInFrame(name, 1, '') OVER w AS before, lagInFrame(at) OVER w AS since
                            FROM shop.by_event WHERE event IN ({quoted(sequence)})
                            WINDOW w AS (PARTITION BY customer ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
                        GROUP BY customer
                        HAVING countIf(name = 'purchase' AND before = 'add_to_cart' AND at <= since + INTERVAL 1 DAY) > 0)
                    ARRAY JOIN arrayPushBack(categories, '') AS category GROUP BY category""",
            },
            "story": {
                "by customer": f"""
                    SELECT {ms}, event, amount, category, page FROM shop.by_customer
                    WHERE customer = {facts["customer"]} ORDER BY at"""
            },
        }


class DuckDB:
    """Tables of its own format, sorted, with ENUM texts; one database file for each order. `at` is a word of its grammar."""

    def __init__(self, folder, facts):
        import duckdb

        self.facts = facts
        self.folder = os.path.join(folder, "duckdb")
        os.makedirs(self.folder, exist_ok=True)
        self.connection = duckdb.connect()
        self.name = f"DuckDB {duckdb.__version__}"
        self.connection.execute(f"SET threads = {THREADS}")
        self.connection.execute(f"SET memory_limit = '{MEMORY_GB}GB'")
        self.connection.execute(f"SET temp_directory = '{self.folder}/spill'")
        self.connection.execute("SET preserve_insertion_order = true")
        self.connection.execute("SET TimeZone = 'UTC'")
        for name in ["by_customer", "by_event"]:
            self.connection.execute(f"ATTACH '{self.folder}/{name}.duckdb' AS {name}")

    @staticmethod
    def forget(folder):
        shutil.rmtree(os.path.join(folder, "duckdb"), ignore_errors=True)

    def load(self, parquet):
        categories = self.rows(f"SELECT DISTINCT category FROM '{parquet}' WHERE category IS NOT NULL ORDER BY ALL")
        pages = self.rows(f"SELECT DISTINCT page FROM '{parquet}' WHERE page IS NOT NULL ORDER BY ALL")
        for name, order in [("by_customer", "customer, happened"), ("by_event", "event, customer, happened")]:
            self.connection.execute(f"USE {name}")
            self.connection.execute(f"CREATE TYPE event_name AS ENUM ({quoted(EVENTS)})")
            self.connection.execute(f"CREATE TYPE category_name AS ENUM ({quoted(row[0] for row in categories)})")
            self.connection.execute(f"CREATE TYPE page_name AS ENUM ({quoted(row[0] for row in pages)})")
            self.connection.execute(
                f"""CREATE TABLE events AS
                    SELECT customer, CAST("at" AS TIMESTAMP) AS happened, CAST(event AS event_name) AS event, amount,
                        CAST(category AS category_name) AS category, CAST(page AS page_name) AS page
                    FROM '{parquet}' ORDER BY {order}"""
            )
            self.connection.execute("CHECKPOINT")

    def bytes(self):
        return os.path.getsize(os.path.join(self.folder, "by_customer.duckdb"))

    def run(self, sql):
        return self.connection.execute(sql).fetchall()

    def rows(self, sql):
        return self.read(self.run(sql))

    def read(self, result):
        return [list(row) for row in result]

    def questions(self):
        facts = self.facts
        start, end = facts["start_ms"], facts["end_ms"]
        monday = start - 3 * DAY_MS
        instant = lambda ms: f"make_timestamp({ms * 1000})"
        since = lambda days: f"happened > {instant(end - days * DAY_MS)} AND happened <= {instant(end)}"
        weeks = f"happened >= {instant(monday)} AND happened < {instant(monday + 26 * WEEK_MS)}"
        week = f"(epoch_ms(happened) - {monday}) // {WEEK_MS}"
        day = f"(epoch_ms(happened) - {start}) // {DAY_MS}"
        buyers = """buyers AS (SELECT customer, max(happened) AS last, count(*) AS times, sum(amount) AS spent
                    FROM by_event.events WHERE event = 'purchase' GROUP BY customer)"""
        score = lambda less, equal, n: f"least(5, 1 + (5 * (2 * ({less}) + {equal})) // (2 * {n}))"
        step = lambda name: f"(SELECT customer, happened FROM by_event.events WHERE event = '{name}')"
        week_interval = f"INTERVAL {WEEK_MS} MILLISECOND"
        funnel_step = lambda number, name: f"""
            s{number} AS (
                SELECT customer, happened, max(begun) OVER (PARTITION BY customer ORDER BY happened) AS begun FROM (
                    SELECT e.customer, e.happened, s.begun FROM {step(name)} AS e ASOF JOIN s{number - 1} AS s
                    ON e.customer = s.customer AND e.happened > s.happened)
                WHERE happened - begun <= {week_interval})"""
        funnel = f"""
            WITH s1 AS (SELECT customer, happened, happened AS begun FROM {step(FUNNEL[0])}),
            {", ".join(funnel_step(number, name) for number, name in enumerate(FUNNEL[1:], 2))}
            SELECT (SELECT count(DISTINCT customer) FROM s1), (SELECT count(DISTINCT customer) FROM s2),
                (SELECT count(DISTINCT customer) FROM s3), (SELECT count(DISTINCT customer) FROM s4)"""
        uninstalled = "(SELECT customer FROM by_event.events WHERE event = 'app_uninstall')"
        return {
            "audience": {
                "two sets": f"""
                    SELECT count(*), sum(customer)::BIGINT FROM (
                        SELECT customer FROM by_event.events
                        WHERE event = 'purchase' AND category = 'shoes' AND {since(30)}
                        GROUP BY customer HAVING count(*) >= 2)
                    WHERE customer NOT IN (
                        SELECT customer FROM by_event.events WHERE event = 'app_uninstall' AND {since(90)})"""
            },
            "rfm": {
                "windows": f"""
                    WITH {buyers}, scored AS (SELECT spent,
                        {score("rank() OVER (ORDER BY last) - 1", "count(*) OVER (PARTITION BY last)", "count(*) OVER ()")} AS r,
                        {score("rank() OVER (ORDER BY times) - 1", "count(*) OVER (PARTITION BY times)", "count(*) OVER ()")} AS f
                        FROM buyers)
                    SELECT r, f, count(*), sum(spent) FROM scored GROUP BY r, f""",
                "scales": f"""
                    WITH {buyers}, n AS (SELECT count(*) AS n FROM buyers),
                    recency AS (SELECT last, {score("(sum(c) OVER (ORDER BY last) - c)::BIGINT", "c", "n")} AS r
                        FROM (SELECT last, count(*) AS c FROM buyers GROUP BY last), n),
                    frequency AS (SELECT times, {score("(sum(c) OVER (ORDER BY times) - c)::BIGINT", "c", "n")} AS f
                        FROM (SELECT times, count(*) AS c FROM buyers GROUP BY times), n)
                    SELECT r, f, count(*), sum(spent) FROM buyers JOIN recency USING (last) JOIN frequency USING (times)
                    GROUP BY r, f""",
            },
            "funnel": {"asof joins": funnel},
            "retention": {
                "join": f"""
                    WITH weeks AS (SELECT DISTINCT customer, {week} AS week FROM by_customer.events WHERE {weeks}),
                    firsts AS (SELECT customer, min(week) AS cohort FROM weeks GROUP BY customer)
                    SELECT cohort, week - cohort AS k, count(*) FROM weeks JOIN firsts USING (customer) GROUP BY 1, 2""",
                "bits": f"""
                    WITH customers AS (SELECT bit_or(1::UINTEGER << ({week})::UINTEGER) AS weeks FROM by_customer.events
                        WHERE {weeks} GROUP BY customer),
                    patterns AS (SELECT weeks, count(*) AS n FROM customers GROUP BY weeks),
                    firsts AS (SELECT weeks, n, (SELECT min(i) FROM range(26) AS t(i) WHERE weeks >> i::UINTEGER & 1 = 1) AS cohort
                        FROM patterns)
                    SELECT cohort, i - cohort, sum(n)::BIGINT FROM firsts, range(26) AS t(i)
                    WHERE weeks >> i::UINTEGER & 1 = 1 GROUP BY 1, 2""",
            },
            "daily": {
                "distinct": f"SELECT {day}, event, count(*), count(DISTINCT customer) FROM by_event.events GROUP BY 1, 2",
                "two levels": f"""
                    SELECT day, event, sum(c)::BIGINT, count(*) FROM (
                        SELECT {day} AS day, event, customer, count(*) AS c FROM by_event.events GROUP BY ALL)
                    GROUP BY day, event""",
            },
            "paths": {
                "windows": f"""
                    SELECT coalesce(a, ''), coalesce(b, ''), coalesce(c, ''), count(*) AS n FROM (
                        SELECT event, lag(event::VARCHAR, 3) OVER w AS a, lag(event::VARCHAR, 2) OVER w AS b,
                            lag(event::VARCHAR, 1) OVER w AS c
                        FROM by_customer.events WHERE customer IN {uninstalled}
                        WINDOW w AS (PARTITION BY customer ORDER BY happened))
                    WHERE event = 'app_uninstall' GROUP BY ALL ORDER BY n DESC, 1, 2, 3 LIMIT 20""",
                "enum windows": f"""
                    SELECT coalesce(a::VARCHAR, ''), coalesce(b::VARCHAR, ''), coalesce(c::VARCHAR, ''), n FROM (
                        SELECT a, b, c, count(*) AS n FROM (
                            SELECT event, lag(event, 3) OVER w AS a, lag(event, 2) OVER w AS b, lag(event, 1) OVER w AS c
                            FROM by_customer.events WHERE customer IN {uninstalled}
                            WINDOW w AS (PARTITION BY customer ORDER BY happened))
                        WHERE event = 'app_uninstall' GROUP BY ALL)
                    ORDER BY n DESC, 1, 2, 3 LIMIT 20""",
            },
            "sequence": {
                "windows": f"""
                    WITH rows AS (
                        SELECT customer, event, category, happened, lag(event) OVER w AS before, lag(happened) OVER w AS since
                        FROM by_event.events WHERE event IN ('add_to_cart', 'purchase', 'remove_from_cart')
                        WINDOW w AS (PARTITION BY customer ORDER BY happened)),
                    who AS (SELECT DISTINCT customer FROM rows
                        WHERE event = 'purchase' AND before = 'add_to_cart' AND happened - since <= INTERVAL 1 DAY)
                    SELECT category::VARCHAR, count(DISTINCT customer) FROM by_event.events SEMI JOIN who USING (customer)
                        WHERE event = 'purchase' GROUP BY 1
                    UNION ALL SELECT '', count(*) FROM who""",
            },
            "story": {
                "by customer": f"""
                    SELECT epoch_ms(happened), event::VARCHAR, coalesce(amount, 0), coalesce(category::VARCHAR, ''), coalesce(page::VARCHAR, '')
                    FROM by_customer.events WHERE customer = {facts["customer"]} ORDER BY happened"""
            },
        }


ENGINES = {"clickhouse": ClickHouse, "duckdb": DuckDB}


def memory_peak():
    """The most memory that this process held, without files that are mapped now, in bytes."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    kilobytes = lambda field: int(fields[field].split()[0])
    return (kilobytes("VmHWM") - kilobytes("RssFile")) * 1024


def fastest(engine, forms, runs, seconds):
    """The fastest run of the fastest form; `None` when the engine could not answer any of them, for want of memory perhaps.

    Each form is asked as often, and for as long, as our own engine is: at least `runs` times and at least `seconds`.
    A form that is much slower than another in its first run is not repeated.
    """
    best = None
    for form, sql in forms.items():
        run, begin = 0, time.perf_counter()
        while run <= runs or time.perf_counter() - begin < seconds:
            started = time.perf_counter()
            try:
                result = engine.run(sql)
            except Exception as error:
                print(f"{engine.name} {form}: {error}", file=sys.stderr)
                break
            ms = (time.perf_counter() - started) * 1000
            print(f"{engine.name} {form} {ms:.1f} ms", file=sys.stderr)
            if run > 0 and (best is None or ms < best["ms"]):
                best = {"ms": ms, "form": form, "rows": engine.read(result)}
            if best is not None and best["form"] != form and ms > 2 * best["ms"]:
                break
            run += 1
    return best


def main():
    peer, step, folder, runs, seconds = sys.argv[1:]
    folder = os.path.abspath(folder)
    with open(os.path.join(folder, "prepared.json")) as prepared:
        facts = json.load(prepared)
    mark = os.path.join(folder, f"{peer}.loaded")
    if step == "load":
        if not os.path.exists(mark):
            ENGINES[peer].forget(folder)
            ENGINES[peer](folder, facts).load(os.path.join(folder, "events.parquet"))
            open(mark, "w").close()
        return
    engine = ENGINES[peer](folder, facts)
    answers = {}
    for question, forms in engine.questions().items():
        print(question, file=sys.stderr)
        answer = fastest(engine, forms, int(runs), float(seconds))
        if answer is not None:
            answers[question] = answer
    result = {"name": engine.name, "bytes": engine.bytes(), "memory": memory_peak(), "answers": answers}
    with open(os.path.join(folder, f"{peer}.json"), "w") as file:
        json.dump(result, file)


main()
