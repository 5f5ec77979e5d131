"""The command line: `kindline <command>`; each command is a module of `kindline.runtime.commands`."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from kindline.runtime import commands, instance


class UsageError(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


def command_names() -> list[str]:
    """The commands that are here, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__) if not module.name.startswith("_"))


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line, or that of one command (so that one command does not pay for importing all)."""
    top = argparse.ArgumentParser(prog="kindline", description="A customer-service centre led by its written standard.")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in [only] if only else command_names():
        importlib.import_module(f"kindline.runtime.commands.{name}").add(subparsers)
    return top


def add_instance(command: argparse.ArgumentParser) -> None:
    """Give a command the option that names its instance folder."""
    command.add_argument(
        "--instance", type=Path, default=instance.default_folder(), metavar="DIR", help="the instance folder"
    )


def use_instance(folder: Path) -> None:
    """Let this process, and every process it starts, work with the instance in the folder.

    Must come before Django's settings are first read.
    """
    os.environ[instance.ENVIRONMENT] = str(folder.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")


def setup_django(folder: Path | None = None) -> None:
    """Make models and settings usable in this process, for the instance in the folder (default: the usual one)."""
    import django

    use_instance(folder or instance.default_folder())
    django.setup()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 found something wrong, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    named = words[0].replace("-", "_") if words else ""
    only = named if named in command_names() else None
    chosen = parser(only).parse_args(words)
    try:
        return int(chosen.run(chosen) or 0)
    except (UsageError, instance.InstanceMissingError, instance.InstanceBusyError) as error:
        print(f"kindline {chosen.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
