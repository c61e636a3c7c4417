"""The `grnpyg` command: one module per command; torch and scanpy are imported only when needed."""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import Any

import typer
from typer.main import get_command

from grnpyg_cli import (
    activity,
    bench,
    compare,
    data,
    demo,
    diff,
    doctor,
    effective_rank,
    evaluate,
    export,
    listing,
    network,
    predict,
    prune,
    report,
    study,
    train,
    tune,
)

# Threads that wait by spinning make small products 10 to 20 times slower when another process needs a core.
# OpenMP reads this when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

UsageError: type[Any] = typer.BadParameter.__mro__[1]  # Typer has its own copy of click
INTERRUPTED = 130
WITH_VALUE = {"--resume=auto": "--resume-auto"}  # Typer has no flag that may have a value

app = typer.Typer(
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="Complete gene regulatory networks; compare dual and cross encoders at equal size.",
    epilog="Start with: grnpyg demo",
)


@app.callback()
def start(context: typer.Context) -> None:
    """Complete gene regulatory networks; compare dual and cross encoders at equal size."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command("demo")(demo.demo)
app.command("network")(network.network)
app.add_typer(data.app, name="data")
app.command("list")(listing.list_components)
app.command("train")(train.train)
app.command("eval")(evaluate.evaluate)
app.command("compare")(compare.compare)
app.command("effective-rank")(effective_rank.effective_rank)
app.command("prune")(prune.prune)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("activity")(activity.activity)
app.command("diff")(diff.diff)
app.add_typer(study.app, name="study")
app.command("report")(report.report)
app.command("bench")(bench.bench)
app.command("tune")(tune.tune)
app.command("doctor")(doctor.doctor)


@cache
def commands() -> Any:
    """The commands with all their options, put together once a process: that takes a tenth of a second."""
    return get_command(app)


def main() -> None:
    """Run the command line: exit 0, 1 (failed) or 2 (bad input, one line on stderr)."""
    from grnpyg.core import (
        EndedElsewhereError,
        GrnpygError,
        InputError,
        Stopped,
        clean,
        launched,
        stoppable,
        warned,
    )

    launch = launched() if sys.argv[1:2] == ["train"] else None
    speaks = launch is None or launch.rank == 0  # of the processes that train together
    code = 0
    try:
        with stoppable(), warned() as lines:
            try:
                words = [WITH_VALUE.get(word, word) for word in sys.argv[1:]]
                code = commands()(words, standalone_mode=False) or 0
            finally:
                for line in lines if speaks else ():
                    typer.echo(f"warning: {line}", err=True)
        if code == INTERRUPTED:  # Typer's own answer to Ctrl-C
            raise KeyboardInterrupt
    except UsageError as error:
        command = error.ctx.command_path if error.ctx else "grnpyg"
        message = clean(error.format_message().replace("Value error, ", ""))
        if speaks:  # all of them were given the same words
            end = "" if message.endswith((".", "?", "!")) else "."
            typer.echo(f"error: {message}{end} See `{command} --help`.", err=True)
        code = 2
    except EndedElsewhereError as error:
        code = error.code
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        code = 2
    except GrnpygError as error:
        typer.echo(f"failed: {error}", err=True)
        code = 1
    except Stopped:
        kept = "stopped by SIGTERM: what is finished and every checkpoint are kept"
        typer.echo(f"{kept}; the same command goes on with them (train and prune: with --resume)", err=True)
        code = 1
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted: nothing was kept", err=True)
        code = 1
    except BrokenPipeError:  # the reader of the pipe has closed it, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:  # a full disk, a folder that became read-only
        code = 2 if error.errno == errno.ENAMETOOLONG else 1
        place = "" if error.filename is None else f" {clean(str(error.filename))}"
        kind = "failed" if code == 1 else "error"
        typer.echo(f"{kind}: cannot read or write{place} ({clean(str(error.strerror or error))})", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
