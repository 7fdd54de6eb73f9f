"""Writes the dashboards, or says which of them are not what the generator makes."""

import argparse
import json
import sys
from pathlib import Path

from . import building, exporter, portfolio, sensor_fleet, space

FOLDER = Path(__file__).resolve().parent.parent
MODULES = (portfolio, building, space, sensor_fleet, exporter)


def rendered():
    """The text of each dashboard, by its file's name."""
    made = [module.make() for module in MODULES]
    return {
        f"{it['uid']}.json": json.dumps(it, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        for it in made
    }


def differences(texts):
    """What is wrong with the committed files, one line each."""
    wrong = []
    for name, text in texts.items():
        path = FOLDER / name
        if not path.exists():
            wrong.append(f"dashboards/{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            wrong.append(f"dashboards/{name} is not what dashboards/generator makes")
    for path in sorted(FOLDER.glob("*.json")):
        if path.name not in texts:
            wrong.append(f"dashboards/{path.name} is made by nothing in dashboards/generator")
    return wrong


def main():
    """Writes, or with --check compares."""
    parser = argparse.ArgumentParser(prog="scripts/dashboards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    texts = rendered()
    if parser.parse_args().check:
        wrong = differences(texts)
        for line in wrong:
            print(line, file=sys.stderr)
        if wrong:
            print("run scripts/dashboards and commit what it writes", file=sys.stderr)
        return 1 if wrong else 0
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"dashboards/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
