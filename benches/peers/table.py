"""Prints what scripts/bench measured as Markdown tables.

Usage: table.py RESULTS

Each line of RESULTS is `scope=S who=W what=X value=V unit=U`. A scope that is a number is a fleet's size and
becomes a column; any other scope is a table by itself. Of what was measured several times, the median counts.
"""

import statistics
import sys

EXPORTER = "density-exporter"
WHOS = [EXPORTER, "static", "prometheus-client", "prometheus", "client_golang"]

# What is measured, in the order of the table. Anything else comes after it, under its own name.
TITLES = {
    "series": "Gauges and counters on the page",
    "page": "Page",
    "gzip_page": "Page, gzip",
    "cold": "First scrape, the simulated API's answers included",
    "scrape": "Scrape of unchanged data, gzip",
    "scrape/static": "The same, in answers of ready bytes",
    "scrape_processor": "Processor time of such a scrape",
    "peak_memory": "Peak memory",
    "render": "In process: all series into one buffer",
    "copy": "In process: a copy of that page",
    "render/copy": "In process: rendering in copies of its page",
    "gzip": "In process: one gzip pass, level 1",
}
# Short names that the exporter's own bench may use.
UNITS = {"s": "seconds", "B": "bytes", "x": "times", "ratio": "times"}
SCOPES = {
    "small": "A small installation",
    "rate": "About 1,000 series, the server on one core and the client on another",
}


def read(path):
    """{(scope, what): {who: (value, unit)}}, in the order of the file."""
    results = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = dict(word.split("=", 1) for word in line.split())
            unit = UNITS.get(fields["unit"], fields["unit"])
            whos = results.setdefault((fields["scope"], fields["what"]), {})
            whos.setdefault(fields["who"], ([], unit))[0].append(float(fields["value"]))
    return {
        key: {who: (statistics.median(values), unit) for who, (values, unit) in whos.items()}
        for key, whos in results.items()
    }


def derive(results):
    """Adds the ratios of two measurements: to a copy of the same page, and to the answer of ready bytes."""
    for scope in {scope for scope, _ in results}:
        copies = results.get((scope, "copy"), {})
        scrapes = results.get((scope, "scrape"), {})
        statics = dict.fromkeys(scrapes.keys() - {"static"}, scrapes.get("static"))
        for what, values, bases in [
            ("render/copy", results.get((scope, "render"), {}), copies),
            ("scrape/static", scrapes, statics),
        ]:
            for who, (value, _) in values.items():
                if bases.get(who):
                    ratio = results.setdefault((scope, what), {})
                    ratio[who] = (value / bases[who][0], "times")


def number(value):
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3g}"


def shown(value, unit):
    if value == 0:
        return "0"
    if unit == "seconds":
        for name, size in [("s", 1), ("ms", 1e-3), ("µs", 1e-6)]:
            if value >= size or name == "µs":
                return f"{number(value / size)} {name}"
    if unit == "bytes":
        for name, size in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]:
            if value >= size or name == "kB":
                return f"{number(value / size)} {name}"
    if unit == "times":
        return f"{number(value)}×"
    return f"{value:,.0f}" if unit == "series" else f"{number(value)} {unit}".removesuffix(" number")


def cell(measured, who):
    """The value of `who`, and how many times the exporter's it is."""
    if who not in measured:
        return ""
    text = shown(*measured[who])
    ours = measured.get(EXPORTER, (0, ""))[0]
    comparable = who != EXPORTER and ours > 0 and measured[who][1] != "times"
    return f"{text} ({number(measured[who][0] / ours)}×)" if comparable else text


def row(cells):
    print("| " + " | ".join(cells) + " |")


def head(cells):
    row(cells)
    row(["---"] * 2 + ["---:"] * (len(cells) - 2))


def order(results, scopes):
    """Every `what` of `scopes`: those with a title first."""
    found = dict.fromkeys(what for scope, what in results if scope in scopes)
    return [it for it in TITLES if it in found] + [it for it in found if it not in TITLES]


def print_table(results, heading, scopes, columns):
    print(f"\n### {heading}\n")
    head(["what", "who", *columns])
    for what in order(results, scopes):
        whos = dict.fromkeys(who for scope in scopes for who in results.get((scope, what), {}))
        known = [who for who in WHOS if who in whos]
        for index, who in enumerate(known + [who for who in whos if who not in known]):
            title = TITLES.get(what, what.replace("_", " ")) if index == 0 else ""
            row([title, who, *(cell(results.get((scope, what), {}), who) for scope in scopes)])


def main(path):
    results = read(path)
    derive(results)
    scopes = dict.fromkeys(scope for scope, _ in results)
    fleets = sorted((it for it in scopes if it.isdigit()), key=int)
    print("In brackets: how many times the exporter's. Times are medians.")
    if fleets:
        print_table(results, "By sensors", fleets, [f"{int(it):,}" for it in fleets])
    for scope in scopes:
        if not scope.isdigit():
            print_table(results, SCOPES.get(scope, scope), [scope], ["measured"])


if __name__ == "__main__":
    main(*sys.argv[1:])
