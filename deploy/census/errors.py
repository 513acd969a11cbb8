"""What is said when a file cannot be taken in at all."""


class CensusError(ValueError):
    """A file is not a census return that can be read: what is wrong, where, and what to do about it.

    Says nothing of what the file holds about any child.
    """

    def __init__(self, problem: str, remedy: str, line: int | None = None, file: str | None = None) -> None:
        self.problem = problem
        self.remedy = remedy
        self.line = line
        self.file = file
        super().__init__(problem)

    def __str__(self) -> str:
        where = [self.file or "", f"line {self.line}" if self.line else ""]
        place = ", ".join(part for part in where if part)
        return f"{place + ': ' if place else ''}{self.problem}. {self.remedy}."
