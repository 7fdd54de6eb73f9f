"""What compose.yaml mounts, names and passes is there. Lays out what the containers would see below a folder."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent.parent
# The programs as Debian calls them.
PROGRAMS = {"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}

wrong = []


def lay_out(name, volume, folder):
    """Copies what is mounted to where the container sees it."""
    source, target, mode = volume.split(":")
    path = (DEPLOY / source).resolve()
    seen = folder / name / target.lstrip("/")
    if mode != "ro":
        wrong.append(f"{name}: {source} is mounted to be written")
    if path.is_dir():
        shutil.copytree(path, seen)
    elif path.is_file():
        seen.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, seen)
    else:
        wrong.append(f"{name}: {source} is not there")


def known_flags(program):
    """The flags that the help of a program has."""
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    return set(re.findall(r"--[a-z][\w.-]+", told.stdout + told.stderr))


def main(folder):
    """Looks at each service, and at what they say about each other."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    names = set(services)
    for name, service in services.items():
        for volume in service.get("volumes", []):
            lay_out(name, volume, folder)
        if name in PROGRAMS:
            flags = {it.split("=")[0] for it in service["command"]}
            for flag in sorted(flags - known_flags(PROGRAMS[name])):
                wrong.append(f"{name} has no flag {flag}")
        names |= set(service.get("networks", {}).get("default", {}).get("aliases", []))

    variables = services["grafana"]["environment"]
    provisioning = (folder / "grafana/etc/grafana/provisioning").rglob("*.yml")
    used = set(re.findall(r"\$\{(\w+)\}", "".join(
        line for path in provisioning for line in path.open() if not line.startswith("#")
    )))
    wrong.extend(f"grafana: {it} is not set" for it in sorted(used - set(variables)))
    if not used:
        wrong.append("grafana: no provisioning is read")
    if not list((folder / "grafana" / variables["DENSITY_DASHBOARDS"].lstrip("/")).glob("*.json")):
        wrong.append("grafana: there are no dashboards where DENSITY_DASHBOARDS says")

    config = (DEPLOY / "compose/prometheus.yml").read_text()
    for host, port in [*re.findall(r"'(\w+):(\d+)'", config),
                       *re.findall(r"http://(\w+):(\d+)", variables["PROMETHEUS_URL"])]:
        if host not in names:
            wrong.append(f"nothing is called {host}")
        if not any(f":{port}:{port}" in it for service in services.values() for it in service["ports"]):
            wrong.append(f"nothing has the port {port}")

    documented = (DEPLOY.parent / "docs/configuration.md").read_text()
    for variable in services["account"]["environment"]:
        if f"`{variable}`" not in documented:
            wrong.append(f"account: docs/configuration.md does not know {variable}")

    for line in wrong:
        print(f"compose.yaml: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
