"""``python -m trialsim`` and the console script."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from trialsim.cli import run_command_line

        status = run_command_line()
    except KeyboardInterrupt:  # before the command line can take care of it
        status = 130
    # Python remembers an interrupt that hit code run from a string (as modules do while they are imported) as one that
    # nobody caught, and would end the process by the signal instead of with our status. Running some anew clears that.
    exec("")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
