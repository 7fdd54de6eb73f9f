"""Writes deploy/kubernetes/generated from the alert rules and the dashboards, or says what there is not so."""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = HERE / "generated"

# `kubectl apply` keeps the whole object in an annotation, and an object's annotations may not be longer than this.
MOST_BYTES = 262_144

HEAD = "# Made by scripts/kubernetes from {source}; change that, and run it again.\n"


def prometheus_rule():
    """The rule file as the Prometheus Operator has it: the same groups, one level deeper."""
    text = (ROOT / "alerts/density.rules.yml").read_text(encoding="utf-8")
    groups = text[text.index("\ngroups:\n") + 1 :]
    indented = "".join(f"  {line}" if line.strip() else line for line in groups.splitlines(True))
    return HEAD.format(source="alerts/density.rules.yml") + (
        "apiVersion: monitoring.coreos.com/v1\n"
        "kind: PrometheusRule\n"
        "metadata:\n"
        "  name: density\n"
        "spec:\n"
        f"{indented}"
    )


def dashboard(path):
    """The ConfigMap that Grafana's sidecar makes a dashboard of."""
    # On one line, which is the shortest; the one for people is in dashboards/.
    model = json.loads(path.read_text(encoding="utf-8"))
    line = json.dumps(model, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return HEAD.format(source=f"dashboards/{path.name}") + (
        "apiVersion: v1\n"
        "kind: ConfigMap\n"
        "metadata:\n"
        f"  name: {path.stem}-dashboard\n"
        "  labels:\n"
        "    grafana_dashboard: '1'\n"
        "  annotations:\n"
        "    grafana_folder: Density\n"
        "data:\n"
        f"  {path.name}: |\n"
        f"    {line}\n"
    )


def rendered():
    """The text of each file, by its name."""
    texts = {"prometheusrule.yaml": prometheus_rule()}
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        texts[f"{path.stem}.yaml"] = dashboard(path)
    return texts


def differences(texts):
    """What is wrong with the committed files, one line each."""
    wrong = []
    kustomization = (HERE / "kustomization.yaml").read_text(encoding="utf-8")
    for name, text in texts.items():
        path = FOLDER / name
        if not path.exists():
            wrong.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            wrong.append(f"{name} is not what deploy/kubernetes/generator.py makes")
        if f"  - generated/{name}\n" not in kustomization:
            wrong.append(f"{name} is not in kustomization.yaml")
    for path in sorted(FOLDER.iterdir()):
        if path.name not in texts:
            wrong.append(f"{path.name} is made of nothing that is there")
    return wrong


def main():
    """Writes, or with --check compares."""
    parser = argparse.ArgumentParser(prog="scripts/kubernetes", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args().check
    texts = rendered()
    # Quoted once more, as the annotation has it.
    wrong = [
        f"{name} is too large for kubectl apply: {size} of {MOST_BYTES} bytes"
        for name, text in texts.items()
        if (size := len(json.dumps(text, ensure_ascii=False).encode())) > MOST_BYTES
    ]
    if not check and not wrong:
        FOLDER.mkdir(exist_ok=True)
        for name, text in texts.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
            print(f"deploy/kubernetes/generated/{name}")
    wrong += differences(texts)
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong and check:
        print("run scripts/kubernetes and commit what it writes", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
