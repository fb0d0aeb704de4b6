"""The pages of metrics, dashboards and walls, and who gets them; beside the table of the other pages."""

COMPANY = "seller peer manager other_manager director hr finance administrator auditor"
STAFF = f"{COMPANY} service"

FIGURES: dict[str, tuple[str, str]] = {
    "boards:leaderboard": ("/leaderboard/", STAFF),
    "boards:index": ("/boards/", STAFF),
    "boards:show": ("/dashboards/9999/", ""),
    "boards:layout": ("/dashboards/9999/layout/", "all=405"),
    "boards:copy": ("/dashboards/9999/copy/", "all=405"),
    "boards:tile": ("/dashboards/9999/tile/", ""),
    "boards:file": ("/dashboards/9999/file/", ""),
    "boards:wall": ("/wall/9999/", ""),
    "boards:links": ("/dashboards/9999/wall/", ""),
    "boards:end": ("/wall/links/9999/end/", "all=405"),
    "metrics:market": ("/market/", "manager other_manager director finance administrator auditor"),
    "metrics:new": ("/metric-definitions/new/", "all=403 outsider=404 director=200 administrator=200"),
    "metrics:edit": ("/metric-definitions/1/edit/", "all=403 outsider=404 director=200 administrator=200"),
    "metrics:cell": ("/metric-definitions/1/cell/?field=name", "all=403 outsider=404 director=200 administrator=200"),
    "metrics:attempt": ("/metric-definitions/try/", "all=405"),
    "metrics:records": ("/metrics/won_amount/records/?person={cast.seller.pk}", STAFF),
    "goals:grid": ("/targets/", COMPANY),
    "goals:split": ("/targets/split/", "all=405"),
    "goals:lock": ("/targets/lock/", "all=405"),
    "goals:days": ("/targets/days/", COMPANY),
    "goals:talk": ("/targets/line/answer/", "all=405"),
    "goals:proposals": ("/targets/proposals/", COMPANY),
    "goals:file": ("/targets/file/", f"{COMPANY} seller=403 peer=403 hr=403 finance=403"),
    "goals:file_back": ("/targets/file/differences/", "all=405"),
}
