"""Found the company and print a one-time link for its first administrator."""

import json
from argparse import ArgumentParser, Namespace

from xiaoguan.apps.org import founding
from xiaoguan.config import schema
from xiaoguan.kit import clock


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--company", metavar="NAME", help="name of the company; left out, only a new link is made")
    parser.add_argument(
        "--admin",
        "--username",
        dest="admin",
        metavar="USERNAME",
        default="admin",
        help="user name of the administrator",
    )
    parser.add_argument("--name", default="", help="the administrator's own name")
    parser.add_argument("--url", default="", help="public address of the server (default: XIAOGUAN_URL)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> int:
    """Bring the schema up to date, found the company or let an administrator in again, print the link."""
    schema.upgrade()
    if options.company:
        link = founding.found(options.company.strip(), options.admin.strip(), options.name.strip())
    else:
        link = founding.readmit(options.admin.strip())
    url, until = link.url(options.url), clock.local(link.invite.expires_at)
    if options.json:
        told = {"username": link.invite.person.username, "url": url, "expires_at": until.isoformat()}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(f"Administrator {link.invite.person.username}: open this link and set a password.")
    print(f"It works once, until {until:%Y-%m-%d %H:%M}.")
    print(url)
    print("It opens once the server runs: xiaoguan serve")
    return 0
