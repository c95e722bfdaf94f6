"""What a file for a spreadsheet must not do."""


def inert(text: str) -> str:
    """Keep text that is not ours from being a formula in a spreadsheet.

    >>> inert("=1+1"), inert("a cat")
    ("'=1+1", 'a cat')
    """
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
