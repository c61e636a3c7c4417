"""The `grnpyg` command: one module a command; torch and scanpy are imported only when one needs them."""

from __future__ import annotations

import os
import sys

import typer

from grnpyg_cli import data, demo, doctor, evaluate, listing, predict, train

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Complete gene regulatory networks; compare dual and cross encoders at equal size.",
    epilog="Start with: grnpyg demo",
)
app.command("demo")(demo.demo)
app.add_typer(data.app, name="data")
app.command("list")(listing.list_components)
app.command("train")(train.train)
app.command("eval")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line: exit 0, 1 (failed) or 2 (bad input, one line on stderr)."""
    from grnpyg.errors import GrnpygError, InputError

    try:
        app()
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except GrnpygError as error:
        typer.echo(f"failed: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("interrupted: nothing was kept", err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of a pipe has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
