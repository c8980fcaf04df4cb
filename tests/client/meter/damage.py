"""What a bad disk does to a spool."""

from pathlib import Path

from usage_billing.meter.sqlite_file import PAGE_BYTES


def damage_a_page(spool: Path) -> None:
    """Write over the fifth page of a file, which holds some dozen events."""
    with spool.open("r+b") as file:
        file.seek(4 * PAGE_BYTES)
        file.write(b"\xaa" * PAGE_BYTES)
