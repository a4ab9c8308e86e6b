"""``python -m trialsim`` and the console script."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from trialsim.cli import run_command_line

        status = run_command_line()
    except KeyboardInterrupt:  # before the command line can take care of it
        status = 130
    raise SystemExit(status)


if __name__ == "__main__":
    main()
