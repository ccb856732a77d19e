"""The honest project that every forgery begins with: measured, documented, signed by three persons, bundled."""

import csv
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = REPOSITORY / "examples" / "credit-screening"

PROJECT = """\
system:
  name: Credit screening
  provider: Example Provider
  intended_purpose: A trial of sign-off.
  risk_class: high-risk
  annex_iii_point: 5(b)
  annex_i: false
people:
  - {name: Ada Example, function: Engineer, roles: [prepared]}
  - {name: Bo Example, function: Auditor, roles: [reviewed]}
  - {name: Cy Example, function: Head of Risk, roles: [approved]}
models:
  1.0: {folder: models/v1.0}
  1.1: {folder: models/v1.1, supersedes: 1.0, changes: Trained on with the sexes exchanged.}
prompts:
  template: >-
    Loan application: checking account {checking}, term {duration}, history {history}, purpose {purpose},
    amount {amount}, savings {savings}, employment {employment}, rate {rate}, applicant {sex}, guarantor {guarantor},
    property {property}, age {age}, plans {plans}, housing {housing}, credits {credits}, job {job}, foreign {foreign}.
    Decision:
  data: data/records.csv
  answers: {positive: [" approve"], negative: [" decline"]}
behaviours:
  - id: sex
    question: Does the applicant's recorded sex move the decision?
    substitute: {field: sex, clean: male, counterfactual: female}
evaluation:
  label: {column: label, positive: approve}
  threshold: 0
  groups: [sex]
analysis:
  methods: [exact-patching]
  bootstrap_resamples: 100
documentation: documentation
"""

PEOPLE = {"ada": ("Ada Example", "prepared"), "bo": ("Bo Example", "reviewed"), "cy": ("Cy Example", "approved")}


def tool(*arguments, input=None, check=True, cwd=None, environment=None):
    """Runs a program of the outsider's: openssl, sqlite3, zip. Gives its standard output."""
    result = subprocess.run(
        [str(argument) for argument in arguments],
        input=input,
        capture_output=True,
        cwd=cwd,
        timeout=120,
        env={**os.environ, **(environment or {})},
    )
    if check and result.returncode != 0:
        raise RuntimeError("%s: exit %d: %s" % (arguments, result.returncode, result.stderr.decode(errors="replace")))
    return result.stdout


class Site:
    """A project, and the configuration folder of those who work on it."""

    def __init__(self, vitrine, folder, configuration):
        self.vitrine, self.folder, self.configuration = vitrine, pathlib.Path(folder), pathlib.Path(configuration)

    def run(self, *arguments, project=True):
        """Runs vitrine; gives exit status and everything printed."""
        line = [self.vitrine] + [str(argument) for argument in arguments]
        if project:
            line += ["--project", str(self.folder)]
        result = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            timeout=240,
            env={**os.environ, "XDG_CONFIG_HOME": str(self.configuration)},
        )
        return result.returncode, result.stdout.decode(errors="replace")

    def expect(self, *arguments, project=True):
        status, text = self.run(*arguments, project=project)
        if status != 0:
            raise RuntimeError("vitrine %s: exit %d\n%s" % (" ".join(map(str, arguments)), status, text))
        return text

    def has(self, command, option):
        """Whether a command of this vitrine has an option: an older one has not."""
        return option in _help(self.vitrine, command)

    def key(self, name):
        return self.configuration / "vitrine" / "keys" / (name + ".key")

    def certificate(self, name):
        return self.folder / "keys" / (name + ".crt")

    @property
    def bundle(self):
        return self.folder / "bundles" / "credit-screening-1.1.asice"

    # What honest people do.

    def make_keys(self, names=("ada", "bo", "cy")):
        for name in names:
            plain = ["--no-passphrase"] if self.has("keys create", "--no-passphrase") else []
            self.expect("keys", "create", "--name", PEOPLE[name][0], "--as", name, *plain)

    def measure(self):
        self.expect("analyze")
        self.expect("evaluate")

    def runs(self):
        return [run["id"] for run in json.loads(self.expect("runs", "list", "--json"))]

    def sign_runs(self):
        for run in self.runs():
            self.expect("runs", "sign", run, "--meaning", "performed", "--key", "ada")

    def sign(self, names=("ada", "bo", "cy")):
        for name in names:
            self.expect("sign", "--model", "1.1", "--role", PEOPLE[name][1], "--key", name)

    def document(self):
        """Writes a statement for each element that no run evidences."""
        status = json.loads(self.expect("dossier", "status", "--model", "1.1", "--json"))
        for item in status[0]["items"]:
            gaps = [element["gap"] for element in item["elements"] if "heading" in element.get("gap", {})]
            if not gaps:
                continue
            head = "---\nitem: %s\nresponsible: Ada Example\nfunction: Engineer\ndate: %s\nstatus: final\n---\n" % (
                item["id"],
                today(),
            )
            text = head + "".join("\n%s\n\nWritten for a trial.\n" % gap["heading"] for gap in gaps)
            (self.folder / gaps[0]["file"]).write_text(text, encoding="utf-8")


@functools.lru_cache(maxsize=None)
def _help(vitrine, command):
    return subprocess.run([vitrine] + command.split() + ["--help"], capture_output=True).stdout.decode()


def today():
    import datetime

    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def write_project(folder):
    folder.mkdir(parents=True)
    (folder / "vitrine.yaml").write_text(PROJECT)
    for name in ("models", "data", "documentation"):
        (folder / name).mkdir()
    for version in ("v1.0", "v1.1"):
        shutil.copytree(EXAMPLE / "models" / version, folder / "models" / version)
    with open(EXAMPLE / "data" / "german-credit.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(folder / "data" / "records.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([row for row in rows if row["split"] == "test"][:12])


class Base:
    """Makes the honest projects, each once: `ready` is measured, documented and built; `signed` is signed and bundled."""

    def __init__(self, vitrine, folder):
        self.vitrine, self.folder = str(vitrine), pathlib.Path(folder)
        self.configuration = self.folder / "configuration"
        self._made, self._locks, self._lock = {}, {}, threading.Lock()

    def _once(self, name, make):
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = make(self.folder / name)
            return self._made[name]

    def _site(self, folder, configuration=None):
        return Site(self.vitrine, folder, configuration or self.configuration)

    def _copy(self, site, folder, configuration=None):
        # No links: making one changes the file's time of change, which a program that reads the file at that moment takes for an edit.
        shutil.copytree(site.folder, folder, symlinks=True)
        return self._site(folder, configuration or site.configuration)

    @property
    def ready(self):
        def make(folder):
            write_project(folder)
            site = self._site(folder)
            site.make_keys()
            site.measure()
            site.document()
            site.sign_runs()
            site.expect("store", "checkpoint")
            site.expect("dossier", "build")
            return site

        return self._once("ready", make)

    @property
    def signed(self):
        def make(folder):
            site = self._copy(self.ready, folder)
            site.sign()
            site.expect("bundle", "--model", "1.1")
            site.expect("store", "checkpoint")
            return site

        return self._once("signed", make)

    @property
    def outside_checkpoint(self):
        """The checkpoint that somebody else keeps."""

        def make(file):
            notes = (self.signed.folder / "checkpoints").glob("*.txt")
            shutil.copy(max(notes, key=lambda note: int(note.name.split("-")[0])), file)
            return file

        return self._once("outside-checkpoint.txt", make)

    @property
    def outside_key(self):
        """The log's verifier key, as the provider gave it to somebody else."""

        def make(file):
            from .containers import Bundle

            file.write_bytes(Bundle.read(self.signed.bundle).files["log/origin-1.vkey"])
            return file

        return self._once("outside.vkey", make)

    @property
    def another_system(self):
        """An honest project of the same people about another system."""

        def make(folder):
            site = self._copy(self.ready, folder)
            (folder / "vitrine.yaml").write_text(PROJECT.replace("name: Credit screening", "name: Another system"))
            for file in list(folder.glob("evidence.sqlite*")) + list((folder / "checkpoints").glob("*")):
                file.unlink()
            shutil.rmtree(folder / "dossier")
            site.measure()
            site.sign_runs()
            site.expect("store", "checkpoint")
            site.expect("dossier", "build")
            site.sign()
            site.expect("bundle", "--model", "1.1", "-o", folder / "other.asice")
            return site

        return self._once("another-system", make)

    @property
    def remade(self):
        """A store, keys and a bundle wholly made anew by somebody who gives his keys the names of the three persons, from a data
        file in which every application by a woman is recorded as rightly declined."""

        def make(folder):
            site = self._site(folder, self.folder / "forger")
            self._copy(self.ready, folder)
            for file in (
                list(folder.glob("evidence.sqlite*")) + list((folder / "checkpoints").glob("*")) + list((folder / "keys").glob("*"))
            ):
                file.unlink()
            data = folder / "data" / "records.csv"
            rows = data.read_text().splitlines(keepends=True)
            data.write_text("".join(re.sub("approve", "decline", row) if ",female," in row else row for row in rows))
            site.make_keys()
            site.measure()
            site.sign_runs()
            site.expect("store", "checkpoint")
            site.expect("dossier", "build")
            site.sign()
            site.expect("bundle", "--model", "1.1")
            return site

        return self._once("remade", make)

    @property
    def waived(self):
        """The project with one element waived and a decision about the change, signed and bundled."""

        def make(folder):
            from .decisions import worksheet
            from .people import keys_of

            site = self._copy(self.ready, folder)
            (folder / "documentation" / "2-h.md").unlink()
            about = ["--about", keys_of(site)[0]] if site.has("sign", "--about") else []
            arguments = ("--waive", "missing-items", "--reason", "a trial", "--as", "Cy Example", "--key", "cy")
            site.expect("sign", "--model", "1.1", *arguments, *about)
            site.expect("diff", "sign", worksheet(site, answer="no"), "--key", "cy")
            site.expect("dossier", "build")
            site.sign()
            site.expect("bundle", "--model", "1.1")
            return site

        return self._once("waived", make)

    @property
    def stamped(self):
        """The signed project with an authority's time-stamp on the bundle."""

        def make(folder):
            site = self._copy(self.signed, folder)
            authority = make_authority(folder / "authority")
            site.expect("bundle", "--model", "1.1", "--timestamp-query", folder / "q.tsq")
            stamp(authority, folder / "q.tsq", folder / "r.tsr")
            site.expect("bundle", "--model", "1.1", "--timestamp-reply", folder / "r.tsr")
            return site

        return self._once("stamped", make)


def make_authority(folder):
    """A time-stamping authority (RFC 3161) of openssl."""
    folder.mkdir()
    tool(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "t.key",
        "-out",
        "t.pem",
        "-days",
        "3",
        "-subj",
        "/CN=Trial Time-Stamping",
        "-addext",
        "extendedKeyUsage=critical,timeStamping",
        "-addext",
        "basicConstraints=CA:FALSE",
        cwd=folder,
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(
        "[this]\nserial = serial\nsigner_cert = t.pem\nsigner_key = t.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4.1\ndigests = sha256\ness_cert_id_alg = sha256\n"
    )
    return folder


def stamp(authority, query, reply):
    tool("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "this", "-queryfile", query, "-out", reply, cwd=authority)
