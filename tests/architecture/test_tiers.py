"""The tiers are law: for imports and for foreign keys."""

import os
import subprocess
import sys

from django.apps import apps
from importlinter.cli import lint_imports

from tests.architecture import code


def test_imports_point_down(capsys) -> None:  # type: ignore[no-untyped-def]
    broken = lint_imports(config_filename=str(code.ROOT / "pyproject.toml"), cache_dir=None)
    assert broken == 0, capsys.readouterr().out


def test_every_package_has_its_tier() -> None:
    packages = {path.parent.name for path in code.PACKAGE.glob("*/__init__.py")}
    assert packages - set(code.tiers()) == set()


def test_foreign_keys_point_down() -> None:
    upward = []
    for model in apps.get_models():
        if not model.__module__.startswith("kindline."):
            continue
        own = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            other = field.related_model
            if field.auto_created or not isinstance(other, type) or not other.__module__.startswith("kindline."):
                continue
            target = other.__module__.split(".")[1]
            if target != own and code.tiers()[target] >= code.tiers()[own]:
                upward.append(f"{own}.{model.__name__}.{field.name} -> {target}")
    assert upward == []


def test_pages_and_calls_do_not_load_what_only_judging_needs() -> None:
    """Ibis and DuckDB cost seconds at each start and a hundred megabytes a process."""
    script = (
        "import sys, django; django.setup()\n"
        "import kindline.runtime.urls, kindline.switchboard.process\n"
        "print(sorted({'ibis', 'duckdb', 'pyarrow', 'faster_whisper'} & set(sys.modules)))"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "kindline.runtime.settings"}
    words = [sys.executable, "-c", script]
    told = subprocess.run(words, cwd=code.ROOT, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
