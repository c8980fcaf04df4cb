"""What a deployment costs a month: counted operations, list prices and stated assumptions.

    make costs

writes the tables of docs/costs.md, and a test holds the page to them.
"""

from tools.costs.tables import tables


def main() -> None:
    """Print every table under its name."""
    for name, text in tables().items():
        print(f"<!-- {name} -->\n{text}\n")


if __name__ == "__main__":
    main()
