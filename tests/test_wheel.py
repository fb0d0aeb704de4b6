"""The wheel alone is the product: installed elsewhere it serves a page of every app in both languages."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

import bootstrap
import pytest

from tests.server import Moulds, Server, installation

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).parents[1]
HAN = re.compile(r"[一-鿿]")
LANGUAGES = {"zh-hans": "zh", "en": "en"}
LIST_SLUGS = (
    "import json; from xiaoguan.kit.entity import entities;"
    "print(json.dumps([[e.model._meta.app_label, e.slug] for e in entities.values()]))"
)


class Visitor:
    """Somebody with a browser's cookies."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str, language: str = "zh-hans") -> str:
        """Return a page's text; anything but 200 raises."""
        request = Request(urljoin(self.server.url, path), headers={"Accept-Language": language})
        with self._opener.open(request, timeout=60) as answer:
            return str(answer.read().decode())

    def sign_in(self, username: str, password: str) -> None:
        """Send the sign-in form as a browser would."""
        self.get("/accounts/login/")
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        data = urlencode({"login": username, "password": password, "csrfmiddlewaretoken": token}).encode()
        request = Request(urljoin(self.server.url, "/accounts/login/"), data, {"Referer": self.server.url})
        with self._opener.open(request, timeout=60) as answer:
            assert "/accounts/login/" not in answer.url, "the demo login was refused"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of an environment that holds the locked packages and the wheel, nothing of this tree."""
    place = tmp_path_factory.mktemp("elsewhere") / "venv"
    python = place / "bin" / "python"
    uv = bootstrap.find_uv()
    if uv:
        make = [[*uv, "venv", "-q", "--python", sys.executable, str(place)]]
        install = [*uv, "pip", "install", "-q", "--python", str(python)]
    else:
        make = [[sys.executable, "-m", "venv", str(place)]]
        install = [str(python), "-m", "pip", "install", "-q"]
    lock = ROOT / "requirements" / "core.lock"
    for command in [*make, [*install, "--require-hashes", "-r", str(lock)], [*install, "--no-deps", str(wheel)]]:
        done = subprocess.run(
            command, cwd=place.parent, env=bootstrap.uv_env(), capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
    return [str(place / "bin" / "xiaoguan")]


@pytest.fixture(scope="module")
def server(program: list[str], tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demonstration company, served by the installed wheel."""
    made = moulds.copy(tmp_path_factory.mktemp("wheel"), "demo")
    found = installation(made.home, program=program)
    found.start("--demo")
    yield found
    found.stop()


def test_the_wheel_leaves_nothing_behind(wheel: Path) -> None:
    """Every file of the source but the tests is in it: what works here has what it reads there as well."""
    source = ROOT / "src"
    own = {path.relative_to(source) for path in (source / "xiaoguan").rglob("*") if path.is_file()}
    made_at_work = ("tests", "__pycache__", "dist")
    wanted = {path.as_posix() for path in own if not any(part.startswith(made_at_work) for part in path.parts)}
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert len(wanted) > 1_000
    assert not wanted - held


def test_it_starts_where_nothing_is(program: list[str], tmp_path: Path) -> None:
    """The schema is made, and the demonstration's people are hired, by what the wheel holds."""
    fresh = installation(tmp_path / "home", program=program)
    assert fresh.run("migrate").returncode == 0
    script = (
        "from datetime import date; from xiaoguan.demo import staff;"
        "print(len(staff.hire(date(2026, 1, 1), date(2026, 2, 1)).sellers))"
    )
    said = fresh.run("manage", "shell", "--no-imports", "-c", script)
    assert said.stdout.split() == ["36"], said.stderr


def test_the_installation_is_sound(server: Server) -> None:
    """doctor finds the browser's files, the messages and the schema in place."""
    done = server.run("doctor", "--json")
    failed = [finding for finding in json.loads(done.stdout)["findings"] if finding["state"] == "fail"]
    assert not failed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_every_app(server: Server, language: str) -> None:
    """The sign-in page, the home page and the list of one entity per app speak the language that was asked for."""
    visitor = Visitor(server)
    pages = ["/accounts/login/"]
    assert speaks(visitor.get(pages[0], language), language), pages[0]
    logins = json.loads(server.run("demo", "--logins", "--json").stdout)
    name, password, _role = next(each for each in logins if each[0] == "chengyifan")  # who sees every list
    visitor.sign_in(name, password)
    found = json.loads(server.run("manage", "shell", "--no-imports", "-c", LIST_SLUGS).stdout.splitlines()[-1])
    pages = ["/", *(f"/{slug}/" for slug in dict(found).values())]
    mute = [page for page in pages if not speaks(visitor.get(page, language), language)]
    assert not mute


def test_static_files_are_hashed_and_there(server: Server) -> None:
    """Every style sheet and script of the first page answers, under a name that may be cached for ever."""
    visitor = Visitor(server)
    files = re.findall(r'(?:href|src)="(/static/[^"#]+)', visitor.get("/accounts/login/"))
    assert any(name.endswith(".css") for name in files)
    for name in files:
        assert re.search(r"\.[0-9a-f]{12}\.", name), f"{name} carries no hash"
        assert visitor.get(name)


def speaks(page: str, language: str) -> bool:
    """Return whether a page declares the language and its title uses it."""
    head = re.search(r'<html[^>]*\blang="([^"]+)"', page)
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    if head is None or title is None:
        return False
    words = title[1].replace("销冠", "")  # the product's name is the same in both
    return head[1].lower().startswith(LANGUAGES[language]) and bool(HAN.search(words)) == (language == "zh-hans")
