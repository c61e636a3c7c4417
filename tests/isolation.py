"""Imported first: the tests and the processes that they start see no variable of the user's that matters."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def _move_out_of_the_users_home() -> None:
    """Point every variable that names a folder of the user's at one temporary folder.

    This runs before numba, matplotlib and torch are imported, because they read their variables then. The
    processes that tests start and the workers of pytest-xdist inherit the variables.
    """
    for name in [name for name in os.environ if name.startswith("GRNPYG_")]:
        if not name.startswith("GRNPYG_TEST_"):
            del os.environ[name]
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in paths if path)  # noqa: PTH100
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    home = tempfile.mkdtemp(prefix="grnpyg-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in ("HOME", "USERPROFILE"):
        os.environ[name] = home
    for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"):
        os.environ[f"XDG_{name}"] = f"{home}/xdg_{name.lower()}"
    os.environ["MPLCONFIGDIR"] = f"{home}/matplotlib"
    os.environ.pop("NUMBA_CACHE_DIR", None)  # compiled code lies beside its source
    os.environ["GRNPYG_CACHE"] = f"{home}/grnpyg"


_move_out_of_the_users_home()
