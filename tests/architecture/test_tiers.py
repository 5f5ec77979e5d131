"""The tiers are law: for imports and for foreign keys."""

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
