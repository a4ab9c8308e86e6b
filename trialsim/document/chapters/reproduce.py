"""How to get the same numbers again, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.document.content import Chapter, Column, Key, Paragraph, Table, Text, Verbatim
from trialsim.document.subject import Subject


def reproduce(subject: Subject) -> Chapter:
    """The command, and what these results were made from and with."""
    return Chapter(
        "reproduce",
        "How to reproduce this",
        (
            Verbatim("The command", subject.command),
            Paragraph(
                (
                    "gives the same numbers to the last digit with the version below: on any machine, with either "
                    "engine and any number of processes, because every random number is a function of seed, history "
                    "and purpose alone.",
                )
            ),
            Table(
                "What this was made from and with", (Column("What"), Column("Value", share=3)), tuple(_rows(subject))
            ),
        ),
    )


def _rows(subject: Subject) -> Iterator[tuple[Text, ...]]:
    manifest = subject.manifest
    libraries = ", ".join(f"{name} {number}" for name, number in manifest.get("libraries", {}).items())
    yield ("Program",), (f"{manifest.get('program', 'trialsim')} {manifest.get('version', '')}",)
    yield ("Scenario",), (subject.scenario.name, ", SHA-256 digest ", Key(subject.scenario.digest()))
    yield ("Seed",), (str(manifest.get("seed", "")),)
    yield ("Simulated trials",), (subject.data.count("summary.replications"),)
    yield ("Engine",), (str(manifest.get("engine", "")),)
    if manifest.get("rule"):
        yield ("Dose rule of the user's own",), (Key(str(manifest["rule"])),)
    yield ("Made",), (f"{manifest.get('started', '')} to {manifest.get('finished', '')}",)
    yield ("Python",), (str(manifest.get("python", "")),)
    yield ("Libraries",), (libraries,)
    yield ("Platform",), (str(manifest.get("platform", "")),)
